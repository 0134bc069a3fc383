"""Everything that there is to find in an account's content, place by place: its documents, identities and paths."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policystudio.accounts.models import OrganizationPolicy
from policystudio.findings.checks import quotas
from policystudio.findings.checks.documents import in_place
from policystudio.findings.checks.found import Found
from policystudio.simulator.content import Content
from policystudio.simulator.plain import Bearer

#: A document: its digest and what it is read as.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a document, or what is found, stands. ``attached`` is what quotas count for: managed, user, group, …"""

    subject: str
    target: str
    label: str
    name: str = ""
    key: Key | None = None
    attached: str = ""
    folded: bool = False
    identity: int | None = None
    policy: int | None = None
    organization_policy: int | None = None


@dataclass
class Standing:
    """The places of an account: every document in force, and every identity."""

    content: Content
    organization: Sequence[OrganizationPolicy] = ()
    attached: frozenset[int] = field(init=False)
    bounding: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self.attached = frozenset(policy for found in self.content.attached.values() for policy in found)
        self.bounding = frozenset(row.boundary_id for row in self.content.rows.values() if row.boundary_id)

    def documents(self) -> Iterator[Stand]:
        """Every document in force: policies that AWS manages only where they are used, and folded."""
        for row in self.content.policies.values():
            if row.digest and (not row.is_aws_managed or row.id in self.attached | self.bounding):
                yield Stand(
                    "managed",
                    row.arn,
                    row.name,
                    key=(row.digest, "identity"),
                    attached="boundary" if row.id in self.bounding - self.attached else "managed",
                    folded=row.is_aws_managed,
                    policy=row.id,
                )
        for pk, bearer in self.content.rows.items():
            for inline in self.content.inline.get(pk, ()):
                yield Stand(
                    "inline",
                    bearer.arn,
                    f"{bearer.kind}/{bearer.name} {inline.name}",
                    inline.name,
                    (inline.digest, "identity"),
                    bearer.kind,
                    identity=pk,
                )
            if bearer.trust_digest and not bearer.service_linked:
                label = f"role/{bearer.name} trust policy"
                yield Stand("trust", bearer.arn, label, "", (bearer.trust_digest, "trust"), "trust", identity=pk)
        for policy in self.organization:
            yield Stand(
                "organization",
                policy.policy_id,
                policy.name,
                key=(policy.digest, policy.kind),
                attached=policy.kind,
                organization_policy=policy.pk,
            )

    def identities(self) -> Iterator[tuple[Stand, Bearer]]:
        """Every identity that the account can mend: service-linked roles are AWS's."""
        for pk, bearer in self.content.rows.items():
            if not bearer.service_linked:
                yield Stand("identity", bearer.arn, f"{bearer.kind}/{bearer.name}", identity=pk), bearer


def of_documents(
    stands: Iterable[Stand], found: Mapping[Key, Sequence[Mapping[str, Any]]]
) -> Iterator[tuple[Stand, Found]]:
    """The findings of documents where they stand."""
    for stand in stands:
        for one in found.get(stand.key or ("", ""), ()):
            if in_place(str(one["code"]), stand.attached):
                yield stand, Found.from_json(one)


def of_quotas(
    content: Content, sizes: Callable[[Collection[str]], Mapping[str, int]], only: Collection[int] | None = None
) -> Iterator[tuple[int, Found]]:
    """What exceeds quotas, with the id of the identity; ``sizes`` gives those of documents by digest."""
    wanted = content.rows if only is None else {pk: content.rows[pk] for pk in only if pk in content.rows}
    digests = {row.digest for pk in wanted for row in content.inline.get(pk, ())}
    known = sizes(digests)
    for pk, bearer in wanted.items():
        inline = [known.get(row.digest, 0) for row in content.inline.get(pk, ())]
        attached, groups = len(content.attached.get(pk, ())), len(content.groups.get(pk, ()))
        for one in quotas.of_holdings(bearer.kind, inline, attached, groups):
            yield pk, one
