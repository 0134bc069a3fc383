"""Roles that nobody has used for long, where the account's export tells it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.utils.dateparse import parse_datetime

from policystudio.findings.checks.codes import made
from policystudio.findings.checks.found import Found

#: How long a role may rest.
LONG = timedelta(days=90)


def of_role(last_used: Mapping[str, str], read_at: datetime | None) -> Iterator[Found]:
    """The finding about a role that had not been used for long when the account was read.

    AWS tells the day of the last use within the last 400 days. Where it tells none, nothing is known.
    """
    used = _moment(last_used.get("LastUsedDate", "")) if last_used else None
    if used is None or read_at is None or read_at - used < LONG:
        return
    days = (read_at - used).days
    said = f"Nobody had used the role for {days} days when the account was read."
    yield made("STUDIO_ROLE_UNUSED", said, evidence={"last_used": used.isoformat(), "days": days})


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
