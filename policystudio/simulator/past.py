"""What an account held at a moment of the past, as plain rows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from policystudio.accounts.models import Account, Organization
from policystudio.history.selectors import Known, known_since, states_at
from policystudio.history.services import Kind
from policystudio.identities.models import Identity
from policystudio.policies.models import ManagedPolicy
from policystudio.simulator.content import Content, kept, present_content
from policystudio.simulator.plain import (
    Bearer,
    InlineRow,
    ManagedRow,
    OrganizationPolicyRow,
    OrganizationRows,
    UnitRow,
)


class NothingKnownError(LookupError):
    """Of this moment nothing is known; the message is a sentence that says since when something is."""


def content_at(account: Account, at: datetime) -> Content:
    """What the account held at a moment. Raises ``NothingKnownError``."""
    organization = account.organization
    key = ("past", account.pk, account.revision, organization.revision if organization else None, at)
    return kept.get(key, lambda: _read(account, at))


def _read(account: Account, at: datetime) -> Content:
    found = states_at(account, at)
    if found is None:
        return _before_records(account, at)
    (place,) = found.of(Kind.ACCOUNT).values()
    return _Reader(account, found, place, at).content()


def _before_records(account: Account, at: datetime) -> Content:
    """Where nothing was recorded since the account was read in, it holds what it held then."""
    since = known_since(account)
    if since is None and account.read_at is not None and account.read_at <= at:
        return present_content(account)
    began = since or account.read_at
    if began is None:
        raise NothingKnownError(f"{account.name} was never read in: nothing is known of it")
    raise NothingKnownError(f"nothing is known of {account.name} at {_told(at)}: its history begins at {_told(began)}")


def _told(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


class _Reader:
    """Rows from states. What is still in the database has the primary key that it has there; the rest is numbered."""

    def __init__(self, account: Account, found: Known, place: Mapping[str, Any], at: datetime) -> None:
        self.account, self.place, self.at = account, place, at
        self.identities, self.policies = found.of(Kind.IDENTITY), found.of(Kind.POLICY)
        self._next = 0
        identities = Identity.objects.filter(account=account).order_by().values_list("arn", "pk")
        policies = ManagedPolicy.objects.filter(account=account).order_by().values_list("arn", "pk")
        self.ids = self.numbered(self.identities, dict(identities))
        self.policy_ids = self.numbered(self.policies, dict(policies))

    def numbered(self, arns: Mapping[str, Any], stored: Mapping[str, int]) -> dict[str, int]:
        found = {}
        for arn in arns:
            if arn not in stored:
                self._next -= 1
            found[arn] = stored.get(arn, self._next)
        return found

    def content(self) -> Content:
        """All of it."""
        policies = (
            ManagedRow(self.policy_ids[arn], arn, state["name"], state["aws"], state["document"])
            for arn, state in self.policies.items()
        )
        inline = {
            self.ids[arn]: [InlineRow(state["name"], name, digest) for name, digest in state["inline"]]
            for arn, state in self.identities.items()
            if state["inline"]
        }
        unit = self.place["unit"]
        return Content(
            self.account,
            {self.ids[arn]: self.bearer(arn, state) for arn, state in self.identities.items()},
            {row.id: row for row in policies},
            self.linked("groups", self.ids),
            self.linked("attached", self.policy_ids),
            inline,
            self.organization() if unit else None,
            unit,
            self.place["is_management"],
        )

    def bearer(self, arn: str, state: Mapping[str, Any]) -> Bearer:
        boundary = self.policy_ids.get(state["boundary"]) if state["boundary"] else None
        return Bearer(
            self.ids[arn],
            state["kind"],
            state["path"],
            state["name"],
            arn,
            state["unique_id"],
            state["tags"],
            boundary,
            state["trust"],
            state["service_linked"],
            state["gaps"],
        )

    def linked(self, name: str, ids: Mapping[str, int]) -> dict[int, Sequence[int]]:
        """What identities are joined with, by id."""
        return {
            self.ids[arn]: [ids[one] for one in state[name]] for arn, state in self.identities.items() if state[name]
        }

    def organization(self) -> OrganizationRows:
        """The organization that the account stood in."""
        name = self.place["organization"]
        owner = Organization.objects.filter(org_id=name).first()
        found = states_at(owner, self.at) if owner is not None else None
        if found is None:
            since = known_since(owner) if owner is not None else None
            began = f": its history begins at {_told(since)}" if since else ""
            said = f"nothing is known of the organization {name} at {_told(self.at)}{began}"
            raise NothingKnownError(f"{said}, so that nothing can be decided for {self.account.name}")
        ((_, state),) = found.of(Kind.ORGANIZATION).items()
        policies = found.of(Kind.ORGANIZATION_POLICY)
        stored = dict(owner.policies.values_list("policy_id", "pk")) if owner is not None else {}
        return OrganizationRows(
            name,
            {unit: UnitRow(unit, called, parent) for unit, called, parent in state["units"]},
            {
                key: OrganizationPolicyRow(
                    stored.get(key), key, one["kind"], one["name"], one["text"], one["description"]
                )
                for key, one in policies.items()
            },
            frozenset((key, target) for key, one in policies.items() for target in one["targets"]),
            frozenset(state["accounts"]),
        )
