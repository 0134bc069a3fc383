"""IAM's quotas, held against what a change makes of what it touches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policystudio.changes.selectors.words import short_name
from policystudio.changes.services.states import IdentityState, OrganizationPolicyState, PolicyState, World
from policystudio.identities.models import Identity
from policystudio.lib import quotas
from policystudio.policies.models import ManagedPolicy


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a quota is used before and after; ``what`` in words, ``about`` the ARN or id that it is of."""

    about: str
    subject: str
    what: str
    before: int
    after: int
    limit: int

    @property
    def is_beyond(self) -> bool:
        """Whether the change goes beyond it: what was beyond before it, and does not grow, is no fault of it."""
        return self.after > self.limit and self.after > self.before

    def __str__(self) -> str:
        return f"{self.subject} would have {self.after:,} {self.what}: AWS allows {self.limit:,}"


def uses(world: World) -> list[Use]:
    """The use of every quota that the changed things count towards."""
    found: list[Use] = []
    for arn, before, after in world.identities.changed():
        if after is not None:
            numbers = _of_identity(before) if before else {}
            found += _paired(arn, short_name(arn), numbers, _of_identity(after), _identity_limits(after.kind))
    for arn, was, policy in world.policies.changed():
        if policy is not None:
            found += _paired(arn, short_name(arn), _of_policy(was) if was else {}, _of_policy(policy), _POLICY_LIMITS)
    for key, was_there, scp in world.organization_policies.changed():
        if scp is not None:
            old = _of_organization_policy(was_there) if was_there else {}
            found += _paired(key, scp.name, old, _of_organization_policy(scp), _organization_limits(scp.kind))
    return [*found, *_of_account(world)]


_INLINE, _TRUST = "characters of inline policies", "characters of trust policy"
_ATTACHED, _GROUPS, _TAGS = "attached policies", "groups", "tags"
_POLICY = "characters of policy"
_POLICY_LIMITS = {_POLICY: quotas.MANAGED_POLICY_SIZE, _TAGS: quotas.TAGS}


def _organization_limits(kind: str) -> dict[str, int]:
    return {_POLICY: quotas.ORGANIZATION_POLICY_SIZE[kind]}


def _identity_limits(kind: str) -> dict[str, int]:
    return {
        _INLINE: quotas.INLINE_POLICIES_SIZE[kind],
        _TRUST: quotas.TRUST_POLICY_SIZE,
        _ATTACHED: quotas.MANAGED_POLICIES_ATTACHED[kind],
        _GROUPS: quotas.GROUPS_PER_USER,
        _TAGS: quotas.TAGS,
    }


def _of_identity(state: IdentityState) -> dict[str, int]:
    return {
        _INLINE: sum(map(quotas.policy_size, state.inline.values())),
        _TRUST: quotas.policy_size(state.trust),
        _ATTACHED: len(state.attached),
        _GROUPS: len(state.groups),
        _TAGS: len(state.tags),
    }


def _of_policy(state: PolicyState) -> dict[str, int]:
    return {_POLICY: quotas.policy_size(state.text or ""), _TAGS: len(state.tags)}


def _of_organization_policy(state: OrganizationPolicyState) -> dict[str, int]:
    return {_POLICY: quotas.organization_policy_size(state.text)}


def _paired(
    about: str, subject: str, before: Mapping[str, int], after: Mapping[str, int], limits: Mapping[str, int]
) -> Iterator[Use]:
    """The uses that the change makes different."""
    for what, number in after.items():
        if number != before.get(what, 0):
            yield Use(about, subject, what, before.get(what, 0), number, limits[what])


def _of_account(world: World) -> Iterator[Use]:
    """How many users, groups, roles and customer managed policies there are."""
    grown: dict[str, int] = {}
    for _, before, after in world.identities.changed():
        if (before is None) != (after is None):
            kind = (before or after).kind  # type: ignore[union-attr]  # one of them is there
            grown[kind] = grown.get(kind, 0) + (1 if before is None else -1)
    for _, was, policy in world.policies.changed():
        if (was is None) != (policy is None):
            grown["policy"] = grown.get("policy", 0) + (1 if was is None else -1)
    for kind, number in grown.items():
        if kind == "policy":
            count = ManagedPolicy.objects.filter(account=world.account, is_aws_managed=False).count()
        else:
            count = Identity.objects.filter(account=world.account, kind=kind).count()
        plural = "policies" if kind == "policy" else f"{kind}s"
        limit = quotas.IN_AN_ACCOUNT[kind]
        yield Use(world.account.number, world.account.name, plural, count, count + number, limit)
