"""From activities and parameters to policy documents, each within the quota of a managed policy."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from policystudio.engine import globs
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.catalog.types import NO_TYPE
from policystudio.engine.exact import texts
from policystudio.lib.quotas import MANAGED_POLICY_SIZE, policy_size
from policystudio.policies.templates.activity import PROFILE, Activity, Conditions, Grant, Part, Statement
from policystudio.policies.templates.conditions import alternatives, created_by, has_tags, takes_tags
from policystudio.policies.templates.parameters import Values

VERSION = "2012-10-17"
_ADD_TAGS = "AddTags"
_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document and the titles of what is in it."""

    text: str
    about: tuple[str, ...]

    @property
    def size(self) -> int:
        """What counts for IAM's quotas."""
        return policy_size(self.text)


def documents(activities: Sequence[Activity], parts: Sequence[Part], values: Values) -> tuple[Document, ...]:
    """The documents: activities in their order, then what is needed of other services."""
    blocks = [(activity.title, list(_statements(activity, values))) for activity in activities]
    every = list(dict.fromkeys([part for activity in activities for part in activity.parts] + list(parts)))
    beyond = _with_own_sids(statement for part in every for statement in part.build(values))
    blocks.append(("Other services", [piece for statement in beyond for piece in _pieces(statement)]))
    return tuple(Document(render(statements), tuple(dict.fromkeys(titles))) for titles, statements in _packed(blocks))


def document_of(made: Sequence[Document]) -> str:
    """All documents as one, whatever its size: for who asks what they say together."""
    statements = [statement for document in made for statement in json.loads(document.text)["Statement"]]
    for number, statement in enumerate(statements):
        statement["Sid"] = f"S{number}"
    return json.dumps({"Version": VERSION, "Statement": statements})


def left_out(activities: Sequence[Activity], values: Values) -> tuple[tuple[str, str], ...]:
    """The actions, with their types, that nothing can hold to a tag, so that they need a name prefix."""
    return tuple(
        pair
        for activity in activities
        for grant in grants_of(activity)
        for pair in grant.pairs
        if not alternatives(grant, pair[0].rpartition(":")[2], values)
    )


def grants_of(activity: Activity) -> tuple[Grant, ...]:
    """The grants of an activity, with tagging of what it makes while it is made."""
    made = {
        (grant.resource_type, action): grant
        for grant in activity.grants
        for action in grant.actions
        if created_by(action) == grant.resource_type and takes_tags(action) and has_tags(grant.resource_type)
    }
    makers = tuple(sorted({action for _, action in made}))
    only = (("StringEquals", "sagemaker:TaggingAction", makers),)
    tagging = {
        grant.resource_type: replace(grant, actions=(_ADD_TAGS,), conditions=only, purpose="Tag")
        for grant in made.values()
    }
    return (*activity.grants, *tagging.values())


def arn_of(grant: Grant, values: Values) -> str:
    """The ARN of the resources of a grant."""
    known = load_sagemaker().resource_type(grant.resource_type)
    if known is None:
        return "*"
    template = known.arn.split(":", 5)[-1]
    if grant.pattern:
        profile = "*" if values.profile_tag else "${aws:username}"
        return values.arn("sagemaker", f"{template.partition('/')[0]}/{grant.pattern.replace(PROFILE, profile)}")
    owned = f"{values.name_prefix}*" if grant.owned else "*"
    return values.arn("sagemaker", _VARIABLE.sub("*", _VARIABLE.sub(owned, template, count=1)))


def _statements(activity: Activity, values: Values) -> Iterator[Statement]:
    """The statements of an activity: as few as say exactly what it grants."""
    name = re.sub(r"[^A-Za-z0-9]", "", activity.title.title())
    found: list[Statement] = []
    for purpose, conditions, pairs in _by_conditions(activity, values):
        found += [
            Statement(f"{name}{purpose}", tuple(actions), tuple(resources), conditions)
            for actions, resources in _crossed(pairs)
        ]
    return _with_own_sids(piece for statement in found for piece in _pieces(statement))


def _by_conditions(
    activity: Activity, values: Values
) -> Iterator[tuple[str, Conditions, dict[tuple[str, str], set[str]]]]:
    """What is allowed, by what it is for and under which conditions; actions without a resource by themselves."""
    groups: dict[tuple[str, bool, bool, Conditions], dict[tuple[str, str], set[str]]] = {}
    for grant in grants_of(activity):
        arn, bare = arn_of(grant, values), grant.resource_type == NO_TYPE
        for full, resource_type in grant.pairs:
            action = full.partition(":")[2]
            purpose = grant.purpose or _purpose(grant, action)
            for conditions in alternatives(grant, action, values):
                group = groups.setdefault((purpose, bare, grant.owned, conditions), {})
                group.setdefault((full, resource_type), set()).add(arn)
    for (purpose, _, _, conditions), pairs in groups.items():
        yield purpose, conditions, pairs


def _purpose(grant: Grant, action: str) -> str:
    if grant.resource_type == NO_TYPE:
        return "List"
    return "Create" if created_by(action) == grant.resource_type else "Use"


def _crossed(pairs: dict[tuple[str, str], set[str]]) -> Iterator[tuple[list[str], list[str]]]:
    """Pairs as few products of actions and ARNs, none of which takes in another type that one of its actions has."""
    rows: dict[str, dict[str, set[str]]] = {}
    for (action, resource_type), arns in pairs.items():
        rows.setdefault(action, {}).setdefault(resource_type, set()).update(arns)
    products: list[tuple[list[str], dict[str, set[str]]]] = []
    for action, types in rows.items():
        for actions, known in products:
            if _fit([*actions, action], rows, {**known, **types}) and _agree(known, types):
                actions.append(action)
                known.update(types)
                break
        else:
            products.append(([action], dict(types)))
    for actions, known in products:
        yield sorted(actions), _uncovered({arn for arns in known.values() for arn in arns})


def _uncovered(arns: set[str]) -> list[str]:
    """The ARNs without those of which another one takes in everything."""
    patterns = {arn: globs.parse(arn) for arn in sorted(arns)}
    return [
        arn
        for arn, pattern in patterns.items()
        if not any(other != arn and texts.covers(known, pattern) for other, known in patterns.items())
    ]


def _agree(one: dict[str, set[str]], other: dict[str, set[str]]) -> bool:
    return all(one[name] == other[name] for name in one.keys() & other.keys())


def _fit(actions: Iterable[str], rows: dict[str, dict[str, set[str]]], types: dict[str, set[str]]) -> bool:
    """Whether every action takes of the types only those that it is granted on."""
    return all(_types_taken(action) & types.keys() <= rows[action].keys() for action in actions)


def _types_taken(action: str) -> set[str]:
    known = load_sagemaker().action(action)
    return {taken.name for taken in (known.resource_types if known else None) or ()}


def _with_own_sids(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements with a number behind a Sid that another one has."""
    seen: dict[str, int] = {}
    for statement in statements:
        number = seen[statement.sid] = seen.get(statement.sid, 0) + 1
        yield statement if number == 1 else replace(statement, sid=f"{statement.sid}{number}")


def _pieces(statement: Statement) -> Iterator[Statement]:
    """The statement, in parts where it alone would be beyond the quota."""
    if policy_size(render([statement])) + 3 <= MANAGED_POLICY_SIZE:
        yield statement
        return
    longer = "resources" if len(statement.resources) > 1 else "actions"
    items = getattr(statement, longer)
    if len(items) < 2:
        raise ValueError(f"{statement.sid} does not fit into a policy: give fewer values")
    half = len(items) // 2
    yield from _pieces(replace(statement, **{longer: items[:half]}))
    yield from _pieces(replace(statement, **{longer: items[half:]}))


def _packed(blocks: Iterable[tuple[str, list[Statement]]]) -> Iterator[tuple[list[str], list[Statement]]]:
    """The blocks in as few documents as keep their order; a block is parted only where it has to be."""
    titles: list[str] = []
    kept: list[Statement] = []
    for title, statements in blocks:
        if kept and _fits(statements) and not _fits([*kept, *statements]):
            yield titles, kept
            titles, kept = [], []
        for statement in statements:
            if kept and not _fits([*kept, statement]):
                yield titles, kept
                titles, kept = [], []
            titles.append(title)
            kept.append(statement)
    if kept:
        yield titles, kept


def _fits(statements: Sequence[Statement]) -> bool:
    return policy_size(render(statements)) <= MANAGED_POLICY_SIZE


def render(statements: Sequence[Statement]) -> str:
    """The text of a document."""
    # Escapes, as IAM takes no character beyond U+00FF as itself.
    return json.dumps({"Version": VERSION, "Statement": [_as_json(statement) for statement in statements]}, indent=2)


def _as_json(statement: Statement) -> dict[str, object]:
    written: dict[str, object] = {
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": one_or_list(statement.actions),
        "Resource": one_or_list(statement.resources),
    }
    if statement.conditions:
        block: dict[str, dict[str, object]] = {}
        for operator, key, values in statement.conditions:
            block.setdefault(operator, {})[key] = one_or_list(values)
        written["Condition"] = block
    return written


def one_or_list(values: Sequence[str]) -> str | list[str]:
    """One text as itself, several as a list."""
    return values[0] if len(values) == 1 else list(values)
