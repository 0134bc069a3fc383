"""The steps that a reader may take with a change: their names in addresses, and on buttons."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from policystudio.accounts.models import Role
from policystudio.changes import services
from policystudio.changes.models import Change

State = Change.State


@dataclass(frozen=True)
class Step:
    """Something that can be done with a change in one of the ``states``, by whoever has the role."""

    name: str
    label: str
    done: str
    role: Role
    states: tuple[str, ...]
    take: Callable[..., Any]
    is_first: bool = False
    is_dangerous: bool = False


_STEPS = (
    Step("propose", "Propose", "proposed", Role.AUTHOR, (State.DRAFT,), services.change_propose, is_first=True),
    Step("approve", "Approve", "approved", Role.APPROVER, (State.PROPOSED,), services.change_approve, is_first=True),
    Step("publish", "Publish", "published", Role.APPROVER, (State.APPROVED,), services.change_publish, is_first=True),
    Step(
        "reject",
        "Reject",
        "rejected",
        Role.APPROVER,
        (State.PROPOSED, State.APPROVED),
        services.change_reject,
        is_dangerous=True,
    ),
    Step(
        "reopen",
        "Take back to draft",
        "a draft again",
        Role.AUTHOR,
        (State.PROPOSED, State.APPROVED, State.REJECTED, State.WITHDRAWN),
        services.change_reopen,
    ),
    Step(
        "withdraw",
        "Withdraw",
        "withdrawn",
        Role.AUTHOR,
        (State.DRAFT, State.PROPOSED, State.APPROVED, State.REJECTED),
        services.change_withdraw,
        is_dangerous=True,
    ),
)
STEPS: Mapping[str, Step] = {step.name: step for step in _STEPS}


def steps_for(change: Change, role: Role | None, pk: int | None) -> list[Step]:
    """The steps that somebody with this role, and this key, may take now."""
    if role is None:
        return []
    found = [step for step in _STEPS if change.state in step.states and role.covers(step.role)]
    if pk is not None and services.second_person_missing(change, pk):
        found = [step for step in found if step.name != "approve"]
    return found
