"""CloudTrail's records as frozen data, from any of the shapes in which AWS hands them out.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from policystudio.engine.arn import Arn
from policystudio.lib.strict_json import JsonError, JsonPath, JsonValue, kind_of, loads, write_path
from policystudio.lib.text_source import SourceError, TextSource

#: The text of a file, unpacked, and the records in all files together.
MAX_BYTES = 64 << 20
MAX_EVENTS = 200_000
_CHUNK = 1 << 20
#: The error codes of a call that IAM refused; every other error happened to a call that was allowed.
_REFUSED = ("accessdenied", "accessdeniedexception", "unauthorizedoperation", "client.unauthorizedoperation")


class UsageError(ValueError):
    """What was given is no record of use. The text says to a person where and why."""


@dataclass(frozen=True, slots=True)
class Event:
    """One call. ``principal`` is the ARN of the user, of the role whose session called, or of the root user.

    ``service`` is the prefix of the service's actions, ``by_service`` the service that called on behalf of the
    principal (forward access session), else empty. ``resources`` are the ARNs that CloudTrail names beside the call.
    """

    id: str
    time: str
    service: str
    name: str
    region: str
    account: str
    principal: str
    by_service: str
    error: str
    parameters: Mapping[str, JsonValue]
    response: Mapping[str, JsonValue]
    resources: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether IAM refused the call."""
        return self.error.lower() in _REFUSED


@dataclass(frozen=True, slots=True)
class Records:
    """The events of one or several files, and what was not understood, a sentence each."""

    events: tuple[Event, ...]
    problems: tuple[str, ...] = ()


def read_file(file: BinaryIO, name: str = "") -> Records:
    """The events of a file that can seek: JSON, also packed by gzip. Raises ``UsageError``, which names the file."""
    where = f"{name}: " if name else ""
    try:
        source, parts = TextSource(file, limit=MAX_BYTES), []
        while part := source.read(_CHUNK):
            parts.append(part)
    except SourceError as error:
        raise UsageError(f"{where}{error}") from None
    try:
        return read_text("".join(parts))
    except UsageError as error:
        raise UsageError(f"{where}{error}") from None


def read_text(text: str) -> Records:
    """The events of a text: a log file, the answer of ``lookup-events``, a list, one event, or JSON lines.

    An event that is given twice counts once. Raises ``UsageError``.
    """
    if not text.strip():
        raise UsageError("there is nothing in it: give CloudTrail's events as JSON")
    try:
        value = loads(text)
    except JsonError as error:
        lines = text.splitlines()
        if len(lines) < 2 or not lines[0].rstrip().endswith("}"):
            raise UsageError(str(error)) from None
        return _read(_lines(lines))
    return read_value(value)


def read_value(value: JsonValue) -> Records:
    """The events of JSON that was read already; raises ``UsageError``."""
    return _read(_values(value))


def _read(values: Iterable[tuple[JsonPath, JsonValue]]) -> Records:
    found: dict[str, Event] = {}
    problems: list[str] = []
    for path, value in values:
        if len(found) >= MAX_EVENTS:
            raise UsageError(f"there are more than {MAX_EVENTS:,} events: give fewer, of a shorter time")
        event = _event(path, value, problems)
        if event is not None:
            found.setdefault(event.id or f"{len(found)}", event)
    return Records(tuple(found.values()), tuple(problems))


def joined(records: list[Records]) -> Records:
    """Several files as one; an event that stands in two of them counts once."""
    found: dict[str, Event] = {}
    for number, one in enumerate(records):
        for place, event in enumerate(one.events):
            found.setdefault(event.id or f"{number}/{place}", event)
    return Records(tuple(found.values()), tuple(problem for one in records for problem in one.problems))


def _values(value: JsonValue) -> Iterator[tuple[JsonPath, JsonValue]]:
    """The records with their places."""
    if isinstance(value, list):
        yield from (((number,), item) for number, item in enumerate(value))
    elif isinstance(value, dict) and isinstance(value.get("Records"), list):
        yield from _under("Records", value)
    elif isinstance(value, dict) and isinstance(value.get("Events"), list):
        yield from _looked_up(value)
    elif isinstance(value, dict) and "eventName" in value:
        yield (), value
    else:
        hint = "give a log file of CloudTrail (`Records`), the answer of `aws cloudtrail lookup-events`, or events"
        raise UsageError(f"this is {kind_of(value)} without CloudTrail's events: {hint}")


def _lines(lines: list[str]) -> Iterator[tuple[JsonPath, JsonValue]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield (f"line {number}",), loads(line)
            except JsonError as error:
                problem = error.problems[0]
                raise UsageError(f"line {number}, column {problem.column or 1}: {problem.message}") from None


def _under(name: str, value: Mapping[str, JsonValue]) -> Iterator[tuple[JsonPath, JsonValue]]:
    items = value[name]
    yield from (((name, number), item) for number, item in enumerate(items if isinstance(items, list) else ()))


def _looked_up(value: Mapping[str, JsonValue]) -> Iterator[tuple[JsonPath, JsonValue]]:
    """`lookup-events` answers with each event as a text inside of another one."""
    for path, item in _under("Events", value):
        inner = item.get("CloudTrailEvent") if isinstance(item, dict) else None
        if isinstance(inner, str):
            try:
                yield path, loads(inner)
            except JsonError as error:
                raise UsageError(f"{write_path((*path, 'CloudTrailEvent'))}: {error.problems[0].message}") from None
        else:
            yield path, item


def _event(path: JsonPath, value: JsonValue, problems: list[str]) -> Event | None:
    """One record; None with a problem where it is none that can be used."""
    where = write_path(path) or "the event"
    if not isinstance(value, dict):
        problems.append(f"{where} is {kind_of(value)}, not an event")
        return None
    source, name = _text(value, "eventSource"), _text(value, "eventName")
    if not source or not name:
        problems.append(f"{where} has no eventSource or no eventName")
        return None
    identity = _object(value, "userIdentity")
    resources = value.get("resources")
    named = [_text(item, "ARN") for item in resources if isinstance(item, dict)] if isinstance(resources, list) else []
    return Event(
        id=_text(value, "eventID"),
        time=_text(value, "eventTime"),
        service=source.partition(".")[0].lower(),
        name=name,
        region=_text(value, "awsRegion"),
        account=_text(value, "recipientAccountId") or _text(identity, "accountId"),
        principal=_principal(identity),
        by_service=_by_service(identity, value),
        error=_text(value, "errorCode"),
        parameters=_object(value, "requestParameters"),
        response=_object(value, "responseElements"),
        resources=tuple(filter(None, named)),
    )


def _principal(identity: Mapping[str, JsonValue]) -> str:
    """Whom policies are attached to: a session stands for its role; empty for AWS's own services and for strangers.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    issuer = _text(_object(_object(identity, "sessionContext"), "sessionIssuer"), "arn")
    arn = _text(identity, "arn")
    if _text(identity, "type") == "Root":
        return arn
    try:
        parsed = Arn.parse(issuer or arn)
    except ValueError:
        return ""
    if parsed.service == "sts" and parsed.resource.startswith("assumed-role/"):
        role = parsed.resource.split("/")[1]
        return f"arn:{parsed.partition}:iam::{parsed.account}:role/{role}"
    return str(parsed)


def _by_service(identity: Mapping[str, JsonValue], value: Mapping[str, JsonValue]) -> str:
    """The service behind a call that was made on behalf of the principal."""
    for found in (_text(identity, "invokedBy"), _text(value, "sourceIPAddress")):
        if found.endswith(".amazonaws.com"):
            return found
    return ""


def _text(value: Mapping[str, JsonValue], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _object(value: Mapping[str, JsonValue], key: str) -> Mapping[str, JsonValue]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}
