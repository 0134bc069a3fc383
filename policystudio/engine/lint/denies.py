"""What plain Deny statements take away from an Allow of the same document; a Deny with a condition leaves something."""

from collections.abc import Iterator
from functools import cache

from policystudio.engine.catalog.load import load_authorization, load_sagemaker
from policystudio.engine.lint import facts
from policystudio.engine.lint.patterns import covers, overlap
from policystudio.engine.lint.tree import Document, Statement


def is_taken_away(document: Document, allow: Statement, action: str) -> bool:
    """Whether Denies without a condition hit every request of the action that the Allow is about."""
    denies = [deny for deny in document.plain_denies if means(deny, action)]
    return bool(denies) and any(
        all(any(hits(deny, resource) for deny in denies) for resource in resources)
        for resources in resources_of(allow, action)
    )


def means(statement: Statement, action: str) -> bool:
    """Whether the statement is about the action: it names it, or names others in NotAction."""
    spared = statement.elements.get("NotAction")
    if spared is not None:
        return not any(facts.action_matches(node.text, action) for node in spared.texts())
    return any(facts.action_matches(node.text, action) for node in statement.actions)


def hits(statement: Statement, resource: str) -> bool:
    """Whether the statement is about every resource that a pattern means."""
    spared = statement.elements.get("NotResource")
    if spared is not None:
        return not any(overlap(node.text, resource) for node in spared.texts())
    return any(covers(node.text, resource) for node in statement.resources)


def resources_of(allow: Statement, action: str) -> Iterator[list[str]]:
    """The patterns that the Allow is about, for each type of resource that every request of the action has.

    A lone ``*`` is narrowed to the type: all that the action can be asked for.
    """
    written = [node.text for node in allow.resources] or ["*"]
    for template in _templates(action):
        reached = [template if text == "*" else text for text in written if overlap(text, template)]
        if reached:
            yield reached


@cache
def _templates(action: str) -> tuple[str, ...]:
    """The ARNs of the types that the action needs, their variables as ``*``, in the partition ``aws``."""
    prefix, _, name = action.partition(":")
    authorization = load_authorization(prefix)
    if authorization is None or name not in authorization.actions:
        return ("*",)
    taken = authorization.actions[name][0]
    known = load_sagemaker().action(name) if prefix == "sagemaker" else None
    needed = {each.name for each in (known.resource_types or ()) if each.required} if known is not None else set()
    arns = [authorization.resource_types[each][0] for each in taken if not needed or each in needed]
    return tuple(facts.with_stars(arn.replace("${Partition}", "aws")) for arn in arns) or ("*",)
