"""Users, groups and roles of the caller's account as a simulation needs them, read once a revision of the account."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Lock

from policystudio.accounts.models import Account
from policystudio.awsquery.errors import no_such_entity, policy_evaluation
from policystudio.awsquery.simulation.entities import Entity
from policystudio.awsquery.simulation.exclusions import Candidate, Exclusions
from policystudio.engine.request import NamedPolicy, PolicyStack, Principal
from policystudio.simulator.content import Present
from policystudio.simulator.question import IdentityFilter
from policystudio.simulator.stacks import AttachedPolicy, Bearer, Subject, SubjectReader, bearers

Values = tuple[str, ...]

#: So many identities stay read in a process.
_KEPT = 500
_KINDS = {"inline": "inline", "managed": "user-managed", "aws-managed": "aws-managed"}
#: Facts of a member of a group, which nobody is in particular.
_OF_A_MEMBER: Mapping[str, Values] = {"aws:username": (), "aws:principalarn": ()}


@dataclass(frozen=True)
class Known:
    """An identity with everything that applies to it."""

    reader: SubjectReader
    subject: Subject

    @property
    def bearer(self) -> Bearer:
        """Its row."""
        return self.subject.bearer

    @property
    def principal(self) -> Principal:
        """The identity as a caller; for a group, a member of it."""
        return self.reader.principal(self.bearer)

    @property
    def in_organization(self) -> bool:
        """Whether its account stands in an organization."""
        return bool(self.reader.organization.facts.get("aws:principalorgid"))

    def facts(self, stack: PolicyStack) -> dict[str, Values]:
        """What is known of it as a caller with these policies, by condition keys in lower case."""
        known = dict(self.reader.facts_with(self.bearer, stack).known)
        return {**_OF_A_MEMBER, **known} if self.bearer.kind == "group" else known

    def stack(
        self, exclusions: Exclusions, *, boundary: NamedPolicy | None, added: Iterable[NamedPolicy]
    ) -> PolicyStack:
        """Its policies without the excluded ones, under the ids that AWS reports. ``boundary`` goes before its own.

        Raises ``PolicyEvaluation`` where one that is left could not be read.
        """
        kept = [item for item in self.subject.policies if not exclusions.leaves_out(self.candidate(item))]
        own = None if boundary or "permission-boundary" in exclusions.types else self.subject.boundary
        levels = None if "scp" in exclusions.types else self.subject.row.stack.service_control_policies
        self._refuse_unreadable(kept, own, organization=levels is not None)
        if own is not None and own.named is not None:
            boundary = own.named
        identity = [replace(item.named, name=self.policy_id(item)) for item in kept if item.named is not None]
        return PolicyStack((*identity, *added), boundary, service_control_policies=levels)

    def _refuse_unreadable(
        self, policies: Iterable[AttachedPolicy], boundary: AttachedPolicy | None, *, organization: bool
    ) -> None:
        around = [*([boundary] if boundary else [])]
        unread = [item.name for item in (*policies, *around) if item.named is None]
        unread += self._gaps()
        unread += self.reader.organization.unreadable if organization else ()
        if unread:
            raise policy_evaluation(f"The policies of {self.bearer.arn} cannot be evaluated: {'; '.join(unread)}.")

    def _gaps(self) -> tuple[str, ...]:
        """What the account's export left unknown: what stands behind the names of unreadable policies."""
        unread = sum(item.named is None for item in self.subject.policies)
        return tuple(self.subject.row.unreadable_identity[unread:])

    def owner(self, item: AttachedPolicy) -> tuple[str, str]:
        """The type and name of the identity that a policy comes from: itself, or one of its groups."""
        if item.through:
            return "group", item.through.rpartition("/")[2]
        return self.bearer.kind, self.bearer.name

    def candidate(self, item: AttachedPolicy) -> Candidate:
        """A policy as exclusions know it."""
        if item.kind == "inline":
            return Candidate("inline", item.name, attached_to=self.owner(item))
        return Candidate(_KINDS[item.kind], item.name, item.key)

    def policy_id(self, item: AttachedPolicy) -> str:
        """`SourcePolicyId`: a managed policy's name; for an inline policy `user_ana_limits`, as AWS writes it."""
        return "_".join((*self.owner(item), item.name)) if item.kind == "inline" else item.name


class _Subjects:
    """Identities by ARN; they hold as long as neither the account nor its organization changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Known] = OrderedDict()
        self._lock = Lock()

    def get(self, account: Account, arn: str) -> Known | None:
        """The identity, None where the account has none of that ARN."""
        organization = account.organization
        key = (account.pk, account.revision, organization.revision if organization else None, arn)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = next(_read(account, arn), None)
        if found is not None:
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return found


def _read(account: Account, arn: str) -> Iterator[Known]:
    reader = SubjectReader(Present(account))
    rows = bearers(reader.source, IdentityFilter(arns=(arn,)))
    return (Known(reader, subject) for subject in reader.subjects(rows))


_subjects = _Subjects()


def known_entity(account: Account, entity: Entity) -> Known | None:
    """A user, group or role of the account; None where there is none such."""
    if entity.account != account.number:
        return None
    return _subjects.get(account, entity.arn)


def entity_get(account: Account, entity: Entity) -> Known:
    """As ``known_entity``; raises ``NoSuchEntity``, for entities of other accounts too."""
    found = known_entity(account, entity)
    if found is None:
        raise no_such_entity(f"The {entity.kind} with name {entity.name} cannot be found.")
    return found
