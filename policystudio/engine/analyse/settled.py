"""Policies with what is known of every request written into them: fewer keys to read, the same answers."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from policystudio.engine import variables
from policystudio.engine.analyse.compare import compare
from policystudio.engine.analyse.comparison import Comparison, Effective
from policystudio.engine.arn import PARTS
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.conditions import WITH_VARIABLES, condition_holds
from policystudio.engine.document import Condition, Policy, Statement
from policystudio.engine.exact.facts import Facts, variables_of
from policystudio.engine.exact.terms import literal_condition
from policystudio.engine.request import Context, Levels, NamedPolicy, PolicyStack


def compare_known(before: Effective, after: Effective, keys: ConditionKeys, *, cells: bool = False) -> Comparison:
    """As ``compare``, also where the change is of what is known of the principal, such as its tags.

    What is known on one side alone counts as free.
    """
    before, after = with_common_keys(before, after)
    differing = frozenset(differing_keys(before.facts, after.facts))
    if not differing:
        return compare(before, replace(after, facts=before.facts), cells=cells)
    facts = Facts({**after.facts.known, **dict.fromkeys(differing, ())}, after.facts.closed_prefixes)
    try:
        sides = [
            replace(one, stack=settled_stack(one.stack, one.facts, keys, differing), facts=facts)
            for one in (before, after)
        ]
    except Unsettled as doubt:
        return Comparison(None, None, undecided=str(doubt))
    return compare(sides[0], sides[1], cells=cells)


def with_common_keys(before: Effective, after: Effective) -> tuple[Effective, Effective]:
    """The sides without what is known on one of them alone, such as the user ID of a role whose sessions matter."""
    sides = before, after
    one_sided = {key for one, other in (sides, sides[::-1]) for key in one.facts.known if not other.facts.knows(key)}
    if not one_sided:
        return sides
    bare = (
        replace(one.facts, known={key: found for key, found in one.facts.known.items() if key not in one_sided})
        for one in sides
    )
    first, second = (replace(one, facts=facts) for one, facts in zip(sides, bare, strict=True))
    return first, second


def differing_keys(before: Facts, after: Facts) -> Iterator[str]:
    """The known keys (in lower case) whose values are not the same on both sides."""
    if before is after or before.known == after.known:
        return
    yield from (key for key in before.known.keys() | after.known.keys() if before.value_of(key) != after.value_of(key))


class Unsettled(ValueError):
    """A condition weighs a key that should be written in against one that is free; the message names both."""


def settled_stack(stack: PolicyStack, facts: Facts, keys: ConditionKeys, chosen: frozenset[str]) -> PolicyStack:
    """The policies of a stack with the ``chosen`` known keys (in lower case) written into them.

    Raises ``Unsettled``. Policies of the resource, of a session and of an endpoint stay as they are.
    """

    def one(named: NamedPolicy) -> NamedPolicy:
        return replace(named, policy=settled_policy(named.policy, facts, keys, chosen))

    def levels(found: Levels | None) -> Levels | None:
        return None if found is None else tuple(tuple(map(one, level)) for level in found)

    boundary = stack.permissions_boundary
    return replace(
        stack,
        identity_policies=tuple(map(one, stack.identity_policies)),
        permissions_boundary=None if boundary is None else one(boundary),
        service_control_policies=levels(stack.service_control_policies),
        resource_control_policies=levels(stack.resource_control_policies),
    )


def settled_policy(policy: Policy, facts: Facts, keys: ConditionKeys, chosen: frozenset[str]) -> Policy:
    """A policy of the statements that can match at all; its text stays that of the original."""
    found = (
        settled(statement, policy.has_variables, facts, keys, chosen.__contains__) for statement in policy.statements
    )
    return replace(policy, statements=tuple(one for one in found if one is not None))


def settled(
    statement: Statement,
    modern: bool,
    facts: Facts,
    keys: ConditionKeys,
    chosen: Callable[[str], bool],
    written: Context | None = None,
) -> Statement | None:
    """The statement without the ``chosen`` keys, all of which are known; None where it can match no request.

    A condition on such a key that holds is left out, and a variable is replaced by its value, or by that of
    ``written``. One without a value stays: whoever reads the statement must know that it is absent.
    """
    if not (statement.conditions or "${" in "".join((*statement.resources, *statement.not_resources))):
        return statement
    context = written or Context({key: values for key, values in facts.known.items() if values and chosen(key)})
    conditions = list(_conditions(statement, modern, facts, keys, chosen, context))
    if None in conditions:
        return None
    kept = tuple(condition for condition in conditions if isinstance(condition, Condition))
    if not modern:
        return replace(statement, conditions=kept)
    resources, others = (
        tuple(_resource(text, context) for text in texts) for texts in (statement.resources, statement.not_resources)
    )
    return replace(statement, conditions=kept, resources=resources, not_resources=others)


def _conditions(
    statement: Statement,
    modern: bool,
    facts: Facts,
    keys: ConditionKeys,
    chosen: Callable[[str], bool],
    context: Context,
) -> Iterator[Condition | bool | None]:
    """Each condition as it is without the keys: True where it always holds, None where it never does."""
    for written in statement.conditions:
        reads = variables_of(written) if modern and written.operator in WITH_VARIABLES else frozenset[str]()
        if chosen(written.key.lower()):
            free = sorted(key for key in reads if not facts.knows(key))
            if free:
                raise Unsettled(f"a condition weighs {written.key} against {', '.join(free)}")
            plain = written if modern else literal_condition(written)
            yield True if condition_holds(plain, facts.context, keys, True) else None
        elif reads and any(map(chosen, reads)):
            yield replace(written, values=tuple(variables.written_with(text, context) for text in written.values))
        else:
            yield written


def _resource(text: str, context: Context) -> str:
    """An entry with its variables replaced, where they are variables: behind the fifth colon."""
    if "${" not in text:
        return text
    pieces: list[str] = []
    colons = 0
    for token in variables.tokens(text):
        if isinstance(token, str):
            colons += token.count(":")
            pieces.append(token)
        else:
            pieces.append(variables.written_with(token.source, context) if colons >= PARTS - 1 else token.source)
    return "".join(pieces)
