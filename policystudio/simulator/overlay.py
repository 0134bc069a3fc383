"""An account's content with the edits of a change applied, as publishing them would leave it; nothing is written."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from policystudio.changes.models import Edit
from policystudio.changes.selectors import iam_name
from policystudio.engine.document import Policy, PolicyKind
from policystudio.policies.services import document_digest
from policystudio.simulator.content import Content
from policystudio.simulator.documents import parse_or_none
from policystudio.simulator.plain import Bearer, InlineRow, ManagedRow, OrganizationPolicyRow, OrganizationRows

Kind = Edit.Kind
#: What is new comes first and what goes last, so that the order in which edits were written plays no part.
ORDER = (
    Kind.IDENTITY,
    Kind.MANAGED_POLICY,
    Kind.ORGANIZATION_POLICY,
    Kind.INLINE_POLICY,
    Kind.TRUST_POLICY,
    Kind.TAGS,
    Kind.BOUNDARY,
    Kind.ATTACH,
    Kind.JOIN_GROUP,
    Kind.ORGANIZATION_ATTACH,
    Kind.DETACH,
    Kind.LEAVE_GROUP,
    Kind.INLINE_POLICY_DELETE,
    Kind.ORGANIZATION_DETACH,
    Kind.IDENTITY_DELETE,
    Kind.MANAGED_POLICY_DELETE,
    Kind.ORGANIZATION_POLICY_DELETE,
)
_NAMED = 3


class EditLike(Protocol):
    """What of an edit counts: a row of ``changes``, saved or not."""

    kind: str
    target: str
    name: str
    other: str
    text: str
    data: Any


@dataclass(frozen=True, slots=True)
class EditProblem:
    """An edit that could not be applied, and why."""

    edit: EditLike
    message: str


@dataclass(frozen=True, slots=True)
class Edited:
    """The content with all edits applied that can be; ``problems`` are the others."""

    content: Content
    problems: tuple[EditProblem, ...] = ()


def told(problem: EditProblem) -> str:
    """`policy attached arn:…: it is attached already`."""
    return f"{Kind(problem.edit.kind).label} `{problem.edit.target}`: {problem.message}"


class _Cannot(ValueError):
    """The edit cannot be applied; the message says why."""


def with_edits(content: Content, edits: Iterable[EditLike]) -> Edited:
    """The content as it is once the edits are published. What cannot be applied is told, the rest is.

    A text that is no policy makes the policy unreadable: whoever has it is undecided.
    """
    work = _Work(content)
    problems = []
    for edit in sorted(edits, key=lambda edit: ORDER.index(Kind(edit.kind))):
        try:
            _APPLY[edit.kind](work, edit)
        except _Cannot as error:
            problems.append(EditProblem(edit, str(error)))
    return Edited(work.content(), tuple(problems))


class _Work:
    """Copies of the content's rows, to be changed; what is not changed stays the same object."""

    def __init__(self, content: Content) -> None:
        self.before = content
        self.account = content.account
        self.rows = dict(content.rows)
        self.policies = dict(content.policies)
        self.groups = dict(content.groups)
        self.attached = dict(content.attached)
        self.inline = dict(content.inline)
        self.texts: dict[str, Policy | None] = dict(content.texts)
        self.organization = content.organization
        self.ids = {row.arn: pk for pk, row in content.rows.items()}
        self.policy_ids = {row.arn: pk for pk, row in content.policies.items()}
        self._next = min((0, *content.rows, *content.policies)) - 1

    def content(self) -> Content:
        """The rows as they are now."""
        return replace(
            self.before,
            rows=self.rows,
            policies=self.policies,
            groups=self.groups,
            attached=self.attached,
            inline=self.inline,
            texts=self.texts,
            organization=self.organization,
        )

    def new_id(self) -> int:
        """An id that no row of the database has."""
        self._next -= 1
        return self._next

    def document(self, kind: PolicyKind, text: str) -> str:
        """The digest of a document, which is kept parsed."""
        digest = document_digest(kind=kind.value, text=text)
        if digest not in self.texts:
            self.texts[digest] = parse_or_none(text, kind)
        return digest

    def identity(self, arn: str, *kinds: str) -> tuple[int, Bearer]:
        """An identity that there is, of one of the kinds."""
        found = self.ids.get(arn)
        if found is None:
            raise _Cannot(f"there is no user, group or role `{arn}`")
        row = self.rows[found]
        if kinds and row.kind not in kinds:
            raise _Cannot(f"`{arn}` is a {row.kind}, not a {' or a '.join(kinds)}")
        return found, row

    def policy(self, arn: str) -> int:
        """The id of a managed policy that there is."""
        found = self.policy_ids.get(arn)
        if found is None:
            raise _Cannot(f"the account has no managed policy `{arn}`")
        return found

    def change(self, pk: int, row: Bearer, **values: Any) -> None:
        """Another row in the place of an identity's; the old one may be somebody else's."""
        self.rows[pk] = replace(row, **values)

    def in_organization(self) -> OrganizationRows:
        """The organization that the account stands in."""
        if self.organization is None:
            raise _Cannot("the account stands in no organization that is known here")
        return self.organization

    def organization_policy(self, policy_id: str) -> OrganizationPolicyRow:
        """A policy of the organization that there is."""
        found = self.in_organization().policies.get(policy_id)
        if found is None:
            raise _Cannot(f"the organization has no policy `{policy_id}`")
        return found


# Policies.


def _managed_policy(work: _Work, edit: EditLike) -> None:
    digest = work.document(PolicyKind.IDENTITY, edit.text)
    pk = work.policy_ids.get(edit.target)
    if pk is None:
        told = _named(work, edit.target, "policy")
        if told.owner != work.account.number:
            raise _Cannot(f"`{edit.target}` is managed by AWS, and the account does not have it")
        pk = work.policy_ids[edit.target] = work.new_id()
        work.policies[pk] = ManagedRow(pk, edit.target, told.name, False, digest)
    elif work.policies[pk].is_aws_managed:
        raise _Cannot(f"`{edit.target}` is managed by AWS: nobody else writes it")
    else:
        work.policies[pk] = replace(work.policies[pk], digest=digest)


def _managed_policy_delete(work: _Work, edit: EditLike) -> None:
    pk = work.policy(edit.target)
    users = [work.rows[one].name for one, found in work.attached.items() if pk in found]
    users += [row.name for row in work.rows.values() if row.boundary_id == pk]
    if users:
        more = f" and {len(users) - _NAMED:,} more" if len(users) > _NAMED else ""
        raise _Cannot(f"it is in use: {', '.join(users[:_NAMED])}{more} have it attached or as their boundary")
    del work.policies[pk], work.policy_ids[edit.target]


def _inline_policy(work: _Work, edit: EditLike) -> None:
    pk, row = work.identity(edit.target)
    made = InlineRow(row.name, edit.name, work.document(PolicyKind.IDENTITY, edit.text))
    others = [one for one in work.inline.get(pk, ()) if one.name != edit.name]
    work.inline[pk] = sorted([*others, made], key=lambda one: one.name)


def _inline_policy_delete(work: _Work, edit: EditLike) -> None:
    pk, _ = work.identity(edit.target)
    left = [one for one in work.inline.get(pk, ()) if one.name != edit.name]
    if len(left) == len(work.inline.get(pk, ())):
        raise _Cannot(f"`{edit.target}` has no inline policy `{edit.name}`")
    _put(work.inline, pk, left)


def _trust_policy(work: _Work, edit: EditLike) -> None:
    pk, row = work.identity(edit.target, "role")
    work.change(pk, row, trust_digest=work.document(PolicyKind.TRUST, edit.text))


def _boundary(work: _Work, edit: EditLike) -> None:
    pk, row = work.identity(edit.target, "user", "role")
    work.change(pk, row, boundary_id=work.policy(edit.other) if edit.other else None)


def _attach(work: _Work, edit: EditLike) -> None:
    pk, _ = work.identity(edit.target)
    policy = work.policy(edit.other)
    if policy in work.attached.get(pk, ()):
        raise _Cannot(f"`{edit.other}` is attached to `{edit.target}` already")
    work.attached[pk] = [*work.attached.get(pk, ()), policy]


def _detach(work: _Work, edit: EditLike) -> None:
    pk, _ = work.identity(edit.target)
    policy = work.policy(edit.other)
    if policy not in work.attached.get(pk, ()):
        raise _Cannot(f"`{edit.other}` is not attached to `{edit.target}`")
    _put(work.attached, pk, [one for one in work.attached[pk] if one != policy])


# Identities.


def _join_group(work: _Work, edit: EditLike) -> None:
    user, _ = work.identity(edit.target, "user")
    group, _ = work.identity(edit.other, "group")
    if group in work.groups.get(user, ()):
        raise _Cannot(f"`{edit.target}` is in `{edit.other}` already")
    work.groups[user] = sorted([*work.groups.get(user, ()), group], key=lambda one: work.rows[one].name)


def _leave_group(work: _Work, edit: EditLike) -> None:
    user, _ = work.identity(edit.target, "user")
    group, _ = work.identity(edit.other, "group")
    if group not in work.groups.get(user, ()):
        raise _Cannot(f"`{edit.target}` is not in `{edit.other}`")
    _put(work.groups, user, [one for one in work.groups[user] if one != group])


def _tags(work: _Work, edit: EditLike) -> None:
    if edit.target in work.policy_ids:
        return  # the tags of a policy decide about nothing
    pk, row = work.identity(edit.target)
    work.change(pk, row, tags=_tags_of(edit))


def _identity(work: _Work, edit: EditLike) -> None:
    told = _named(work, edit.target, "user", "group", "role")
    same = [row.arn for row in work.rows.values() if (row.kind, row.name.lower()) == (told.kind, told.name.lower())]
    if same:
        raise _Cannot(f"there is a {told.kind} of this name already: `{same[0]}`")
    trust = work.document(PolicyKind.TRUST, edit.text) if told.kind == "role" else None
    pk = work.ids[edit.target] = work.new_id()
    work.rows[pk] = Bearer(pk, told.kind, told.path, told.name, edit.target, "", _tags_of(edit), None, trust)


def _identity_delete(work: _Work, edit: EditLike) -> None:
    pk, row = work.identity(edit.target)
    del work.rows[pk], work.ids[edit.target]
    for mine in (work.groups, work.attached, work.inline):
        mine.pop(pk, None)
    if row.kind == "group":
        for user, groups in list(work.groups.items()):
            if pk in groups:
                _put(work.groups, user, [one for one in groups if one != pk])


# The organization.


def _organization_policy(work: _Work, edit: EditLike) -> None:
    organization = work.in_organization()
    old = organization.policies.get(edit.target)
    if old is None and not edit.target.startswith("new:"):
        raise _Cannot(f"the organization has no policy `{edit.target}`")
    data: Mapping[str, str] = edit.data or {}
    name = data.get("name") or (old.name if old else edit.target.removeprefix("new:"))
    description = data.get("description", old.description if old else "")
    kind = old.kind if old else data.get("kind", PolicyKind.SERVICE_CONTROL.value)
    made = OrganizationPolicyRow(old.pk if old else None, edit.target, kind, name, edit.text, description)
    work.organization = replace(organization, policies={**organization.policies, edit.target: made})


def _organization_policy_delete(work: _Work, edit: EditLike) -> None:
    organization, gone = work.in_organization(), work.organization_policy(edit.target)
    work.organization = replace(
        organization,
        policies={key: row for key, row in organization.policies.items() if key != gone.policy_id},
        targets=frozenset(pair for pair in organization.targets if pair[0] != gone.policy_id),
    )


def _organization_attach(work: _Work, edit: EditLike) -> None:
    organization, policy = work.in_organization(), work.organization_policy(edit.target)
    if edit.other not in organization.units and edit.other not in organization.accounts:
        raise _Cannot(f"the organization has no unit or account `{edit.other}`")
    if (policy.policy_id, edit.other) in organization.targets:
        raise _Cannot(f"`{policy.name}` is attached to `{edit.other}` already")
    work.organization = replace(organization, targets=organization.targets | {(policy.policy_id, edit.other)})


def _organization_detach(work: _Work, edit: EditLike) -> None:
    organization, policy = work.in_organization(), work.organization_policy(edit.target)
    if (policy.policy_id, edit.other) not in organization.targets:
        raise _Cannot(f"`{policy.name}` is not attached to `{edit.other}`")
    work.organization = replace(organization, targets=organization.targets - {(policy.policy_id, edit.other)})


def _named(work: _Work, arn: str, *kinds: str) -> Any:
    try:
        return iam_name(arn, work.account, *kinds)
    except ValueError as error:
        raise _Cannot(str(error)) from None


def _tags_of(edit: EditLike) -> dict[str, str]:
    return dict((edit.data or {}).get("tags") or {})


def _put(rows: dict[int, Any], pk: int, left: list[Any]) -> None:
    """What is left, and nothing where that is nothing."""
    if left:
        rows[pk] = left
    else:
        rows.pop(pk, None)


_APPLY: dict[str, Callable[[_Work, EditLike], None]] = {
    Kind.IDENTITY: _identity,
    Kind.MANAGED_POLICY: _managed_policy,
    Kind.ORGANIZATION_POLICY: _organization_policy,
    Kind.INLINE_POLICY: _inline_policy,
    Kind.TRUST_POLICY: _trust_policy,
    Kind.TAGS: _tags,
    Kind.BOUNDARY: _boundary,
    Kind.ATTACH: _attach,
    Kind.JOIN_GROUP: _join_group,
    Kind.ORGANIZATION_ATTACH: _organization_attach,
    Kind.DETACH: _detach,
    Kind.LEAVE_GROUP: _leave_group,
    Kind.INLINE_POLICY_DELETE: _inline_policy_delete,
    Kind.ORGANIZATION_DETACH: _organization_detach,
    Kind.IDENTITY_DELETE: _identity_delete,
    Kind.MANAGED_POLICY_DELETE: _managed_policy_delete,
    Kind.ORGANIZATION_POLICY_DELETE: _organization_policy_delete,
}
