"""Changes on their way, made by plain functions."""

from typing import Any

from policystudio.changes import services
from policystudio.changes.models import Change
from tests.changes.conftest import Lab


def drafted(lab: Lab, *edits: dict[str, Any], title: str = "Look closer") -> Change:
    """A draft with these edits."""
    change = services.change_create(account=lab.account, by=lab.author, title=title)
    for values in edits:
        services.edit_put(change=change, by=lab.author, expected_version=None, **values)
    change.refresh_from_db()
    return change


def approved(lab: Lab, *edits: dict[str, Any]) -> Change:
    """A change with these edits that waits to be published."""
    change = services.change_propose(change=drafted(lab, *edits), by=lab.author)
    return services.change_approve(change=change, by=lab.approver)


def published(lab: Lab, *edits: dict[str, Any]) -> Change:
    """A change with these edits that the account holds."""
    return services.change_publish(change=approved(lab, *edits), by=lab.approver)


def problems(change: Change) -> list[tuple[str, str]]:
    """What is in the way of a change: codes and messages."""
    found = services.plan(change.account, change.edits.all()).problems
    return [(one.code, str(one)) for one in found]
