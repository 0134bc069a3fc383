"""The edits of a change gathered by what they are about: Terraform and CloudFormation tell each thing once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policystudio.interchange.edits import Change, Edit, Named, named


@dataclass(slots=True)
class IdentityPlan:
    """What a change does to one identity itself; None and empty is nothing."""

    arn: str
    is_new: bool = False
    trust: str | None = None
    boundary: str | None = None
    tags: Mapping[str, str] | None = None
    edits: list[Edit] = field(default_factory=list)

    @property
    def who(self) -> Named:
        """The identity's kind, path and name."""
        return named(self.arn)


@dataclass(slots=True)
class PolicyPlan:
    """What a change does to one managed policy."""

    arn: str
    is_new: bool
    text: str | None = None
    description: str = ""
    tags: Mapping[str, str] | None = None
    edits: list[Edit] = field(default_factory=list)

    @property
    def what(self) -> Named:
        """The policy's path and name."""
        return named(self.arn)


@dataclass(slots=True)
class Plan:
    """A change by what it is about; ``others`` are the edits that stand for themselves."""

    identities: dict[str, IdentityPlan] = field(default_factory=dict)
    policies: dict[str, PolicyPlan] = field(default_factory=dict)
    organization_policies: dict[str, Edit] = field(default_factory=dict)
    others: list[Edit] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> list[Edit]:
        """The edits of these kinds that stand for themselves."""
        return [edit for edit in self.others if edit.kind in kinds]


def plan_of(change: Change) -> Plan:
    """The plan of a change, in the order of its edits."""
    plan = Plan()
    for edit in change.edits:
        if edit.kind == "organization-policy":
            plan.organization_policies[edit.target] = edit
        elif edit.kind == "managed-policy" or (edit.kind == "tags" and named(edit.target).kind == "policy"):
            _about_policy(plan, change, edit)
        elif edit.kind in ("identity", "trust-policy", "boundary", "tags"):
            _about_identity(plan, edit)
        else:
            plan.others.append(edit)
    return plan


def _about_policy(plan: Plan, change: Change, edit: Edit) -> None:
    is_new = edit.target not in change.known.policies
    policy = plan.policies.setdefault(edit.target, PolicyPlan(edit.target, is_new))
    policy.edits.append(edit)
    if edit.kind == "managed-policy":
        policy.text = edit.text
        policy.description = str(edit.data.get("description") or "")
    if "tags" in edit.data:
        policy.tags = edit.data["tags"]


def _about_identity(plan: Plan, edit: Edit) -> None:
    identity = plan.identities.setdefault(edit.target, IdentityPlan(edit.target))
    identity.is_new |= edit.kind == "identity"
    identity.edits.append(edit)
    if edit.kind in ("identity", "trust-policy") and identity.who.kind == "role":
        identity.trust = edit.text
    if edit.kind == "boundary":
        identity.boundary = edit.other
    if edit.data.get("tags") is not None:
        identity.tags = edit.data["tags"]
