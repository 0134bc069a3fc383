"""Dates as exports write them: ISO 8601 in its many forms, seconds since 1970, and PowerShell's `/Date(…)/`."""

import re
from datetime import UTC, datetime

_epoch = re.compile(r"-?\d{9,14}(?:\.\d{1,9})?", re.ASCII)
_powershell = re.compile(r"/Date\((-?\d{9,14})(?:[+-]\d{4})?\)/", re.ASCII)
#: Seconds of the year 5138; a larger number counts milliseconds.
_MILLISECONDS_FROM = 10**11


def parse_date(value: object) -> datetime | None:
    """The moment in UTC; a time without offset is UTC, as AWS's are. None where it is no date."""
    try:
        if isinstance(value, str):
            text = value.strip()
            if match := _powershell.fullmatch(text):
                text = match[1]
            return _from_epoch(float(text)) if _epoch.fullmatch(text) else _from_iso(text)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_epoch(float(value))
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _from_iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _from_epoch(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= _MILLISECONDS_FROM else seconds, tz=UTC)
