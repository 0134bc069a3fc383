"""What of an account can bear on a few actions: its identities, and those of their policies that may be about them.

A document's row tells which actions it may be about, so the others are neither read nor parsed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from policystudio.accounts.models import Account
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.exact.facts import Facts
from policystudio.engine.exact.sessions import reads_user_id
from policystudio.engine.matrix.rows import RowInput
from policystudio.engine.request import Levels, NamedPolicy, PolicyStack
from policystudio.identities.models import InlinePolicy
from policystudio.policies.selectors import about, actions_by_digest, may_be_about
from policystudio.simulator.content import Content, Source
from policystudio.simulator.directory import directory, gathered
from policystudio.simulator.stacks import Bearer, SubjectReader, Values, parse_or_none, source_of

#: The services whose resources resource control policies reach, of those that AWS's guide lists.
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
RCP_SERVICES = frozenset(
    {"s3", "sts", "kms", "sqs", "secretsmanager", "ecr", "aoss", "dynamodb", "logs", "cognito-identity", "cognito-idp"}
)
#: Stands for a policy none of whose statements is about the actions: it allows and denies nothing.
_SILENT = Policy("", PolicyKind.IDENTITY, "2012-10-17", ())


@dataclass(frozen=True, slots=True)
class Held:
    """A policy that may be about the actions; ``named`` is None where its document is missing or does not parse."""

    key: tuple[object, ...]
    name: str
    named: NamedPolicy | None


class Holdings:
    """The identities of one account, and what of their policies may be about ``actions``.

    ``asked`` is where to read the account from; an account stands for what it is now.
    """

    def __init__(self, asked: Account | Source, actions: Sequence[str], context: Mapping[str, Values]) -> None:
        self.source = source_of(asked)
        self.account = self.source.account
        self.actions = tuple(actions)
        self.reader = SubjectReader(self.source, context)
        self.directory = directory(self.source)
        self.rows = self.directory.rows
        self.gaps = self.directory.gaps
        self.managed = self._managed()
        self.inline = self._inline()
        #: By managed policy the identities that have it, and by identity the managed policies.
        self.having = self.directory.attached(self.managed)
        self.attached = gathered((one, policy) for policy, found in self.having.items() for one in found)
        self.groups = self._groups()
        self.resource_levels, self.unreadable_levels = resource_levels(self.source)
        unread = {pk for pk, held in self.managed.items() if held.named is None}
        self.partly_unread = self.gaps.keys() | {identity for pk in unread for identity in self.having[pk]}
        self.partly_unread |= {pk for pk, held in self.inline.items() if any(one.named is None for one in held)}

    # --- Reading -----------------------------------------------------------------------------------------------------

    def _managed(self) -> dict[int, Held]:
        """Managed policies that may be about the actions, by primary key."""
        names, told_of = self.directory.names, self.directory.documents
        wanted = {pk: digest for pk, (digest, told) in told_of.items() if may_be_about(told, self.actions)}
        parsed = self.source.documents(wanted.values())
        held = {pk: _held(("managed", pk), names[pk], parsed.get(digest)) for pk, digest in wanted.items()}
        return held | {pk: Held(("managed", pk), names[pk], None) for pk in names.keys() - told_of.keys()}

    def _inline(self) -> dict[int, list[Held]]:
        wanted = [row for row in self._inline_rows() if may_be_about(row[3], self.actions)]
        parsed = self.source.documents({digest for _, _, digest, _ in wanted})
        result: dict[int, list[Held]] = {}
        for identity, name, digest, _ in wanted:
            result.setdefault(identity, []).append(_held(("inline", digest, name), name, parsed.get(digest)))
        return result

    def _inline_rows(self) -> list[tuple[int, str, str, str | None]]:
        """Inline policies with whose they are, name, digest and the actions that they are about."""
        if isinstance(self.source, Content):
            rows = [(pk, row.name, row.digest) for pk, found in self.source.inline.items() for row in found]
            told = actions_by_digest(digest for _, _, digest in rows)
            return [(*row, told.get(row[2])) for row in rows]
        query = InlinePolicy.objects.filter(about(self.actions, "document__actions"), identity__account=self.account)
        return list(query.order_by("identity_id", "name").values_list("identity_id", "name", *_DOCUMENT))

    def _groups(self) -> Mapping[int, tuple[int, ...]]:
        """For each user the groups that bring something along."""
        groups = {row.id for row in self.rows if row.kind == "group"}
        bearing = groups & (self.attached.keys() | self.inline.keys() | self.gaps.keys())
        if not bearing:
            return {}
        every = self.directory.groups
        chosen = {found: tuple(one for one in found if one in bearing) for found in set(every.values())}
        return {user: chosen[found] for user, found in every.items() if chosen[found]}

    # --- Rows --------------------------------------------------------------------------------------------------------

    def sources(self, row: Bearer) -> tuple[int, ...]:
        """The identities whose policies a row has: itself, and a user's groups."""
        return () if row.id is None else (row.id, *self.groups.get(row.id, ()))

    def own(self, identity: int) -> Iterator[Held]:
        """The policies of one identity, without those of its groups."""
        yield from self.inline.get(identity, ())
        yield from (self.managed[pk] for pk in self.attached.get(identity, ()))

    def boundary(self, row: Bearer) -> Held | None:
        """The permissions boundary; one that says nothing of the actions where it is about others."""
        if row.boundary_id is None:
            return None
        found = self.managed.get(row.boundary_id)
        name = self.directory.names.get(row.boundary_id, "")
        return found or Held(("managed", row.boundary_id), name, NamedPolicy(name, _SILENT))

    def unreadable(self, row: Bearer) -> list[str]:
        """The policies that apply but could not be read, and what the export left unknown."""
        sources = [source for source in self.sources(row) if source in self.partly_unread]
        found = [held.name for source in sources for held in self.own(source) if held.named is None]
        return found + [gap for source in sources for gap in self.gaps.get(source, ())]

    def unreadable_around(self, row: Bearer, *, resource_policies: bool) -> list[str]:
        """The same for the policies that only take away."""
        boundary = self.boundary(row)
        found = [boundary.name] if boundary is not None and boundary.named is None else []
        if self.restricted(row):
            found += self.reader.organization.unreadable
            found += self.unreadable_levels if resource_policies else ()
        return found

    def restricted(self, row: Bearer) -> bool:
        """Whether the organization's policies limit the row."""
        return not row.service_linked

    def levels(self, row: Bearer, *, resource_policies: bool) -> Levels:
        """The levels of the organization that must each allow; with those of resource control policies where asked."""
        return self.all_levels(resource_policies=resource_policies) if self.restricted(row) else ()

    def all_levels(self, *, resource_policies: bool) -> Levels:
        """The levels that must each allow whoever is restricted."""
        found = self.reader.organization.levels or ()
        return (*found, *self.resource_levels) if resource_policies else found

    def stack(self, row: Bearer) -> PolicyStack:
        """What applies to the row: those policies alone that may be about the actions, and could be read."""
        held = [item for source in self.sources(row) for item in self.own(source)]
        boundary = self.boundary(row)
        restricted = self.restricted(row)
        return PolicyStack(
            identity_policies=tuple(item.named for item in held if item.named is not None),
            permissions_boundary=boundary.named if boundary else None,
            service_control_policies=self.reader.organization.levels if restricted else None,
            resource_control_policies=(self.resource_levels or None) if restricted else None,
        )

    def row_input(self, row: Bearer, *, resource_policies: bool) -> RowInput:
        """The row as the engine takes it, resource control policies as levels of the organization."""
        levels = self.levels(row, resource_policies=resource_policies) or None
        stack = replace(self.stack(row), service_control_policies=levels, resource_control_policies=None)
        unreadable = (
            tuple(self.unreadable(row)),
            tuple(self.unreadable_around(row, resource_policies=resource_policies)),
        )
        return RowInput(stack, self.facts(row), row.kind == "root", *unreadable)

    def facts(self, row: Bearer) -> Facts:
        """What is known of every request of the row."""
        if row.kind == "role" and self._reads_user_id:
            return self.reader.facts_with(row, self.stack(row))
        return self.reader.facts(row)

    @cached_property
    def _reads_user_id(self) -> bool:
        """Whether any of the policies asks for a user ID, which of a role's sessions is mostly known."""
        held = [*self.managed.values(), *(one for found in self.inline.values() for one in found)]
        named = [one.named for one in held if one.named is not None]
        named += [one for level in self.all_levels(resource_policies=False) for one in level]
        return any(reads_user_id(one.policy) for one in named)


_DOCUMENT = ("document_id", "document__actions")


def _held(key: tuple[object, ...], name: str, policy: Policy | None) -> Held:
    return Held(key, name, None if policy is None else NamedPolicy(name, policy))


def resource_levels(source: Source) -> tuple[Levels, tuple[str, ...]]:
    """The resource control policies as they reach the account's resources, by level; and those that do not parse."""
    tree = None if source.is_management else source.levels("rcp")
    levels: list[tuple[NamedPolicy, ...]] = []
    unreadable: list[str] = []
    for level in tree or ():
        parsed = [(one.name, parse_or_none(one.text, PolicyKind.RESOURCE_CONTROL)) for one in level.policies]
        unreadable += [name for name, policy in parsed if policy is None]
        levels.append(tuple(NamedPolicy(name, policy, level.id) for name, policy in parsed if policy is not None))
    return tuple(levels), tuple(unreadable)
