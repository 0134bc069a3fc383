"""The form of an expectation: fields as a person fills them in, and the context as lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policystudio.changes.models import Expectation
from policystudio.changes.services import ExpectationError, Wanted
from policystudio.lib.digits import number_in

#: A key behind this mark is known to be absent, as in the simulator.
ABSENT = "!"
NAMES = ("demand", "identity", "tag_key", "tag_value", "action", "resource", "context", "reason", "version")


@dataclass(frozen=True)
class ExpectationForm:
    """What stands in the form, and what is wrong with it by field."""

    values: Mapping[str, str]
    wrong: Mapping[str, str] = field(default_factory=dict)


def empty(given: Mapping[str, str]) -> ExpectationForm:
    """A new form, with what an address says already."""
    values = {name: given.get(name, "") for name in NAMES}
    return ExpectationForm({**values, "demand": values["demand"] or Expectation.Demand.NEVER})


def of_expectation(expectation: Expectation) -> ExpectationForm:
    """The form of one that is kept."""
    context = sorted(expectation.context.items())  # the database keeps no order of its own
    lines = [f"{key} = {', '.join(values)}" if values else f"{ABSENT}{key}" for key, values in context]
    values = {name: str(getattr(expectation, name) or "") for name in NAMES}
    return ExpectationForm({**values, "context": "\n".join(lines)})


def wanted_of(posted: Mapping[str, str]) -> Wanted:
    """What a person filled in. An empty value of a tag is any value."""
    given = {name: posted.get(name, "").strip() for name in NAMES}
    return Wanted(
        demand=given["demand"],
        identity=given["identity"],
        tag_key=given["tag_key"],
        tag_value=given["tag_value"] or None,
        action=given["action"],
        resource=given["resource"],
        context=context_of(posted.get("context", "")),
        reason=given["reason"],
    )


def context_of(text: str) -> dict[str, list[str]]:
    """Lines such as `aws:RequestedRegion = eu-west-1, eu-central-1` and `!aws:SourceVpc`, as keys with their values.

    Raises ``ExpectationError`` for a line that says neither.
    """
    found: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        key, equals, written = (part.strip() for part in line.partition("="))
        values = [value for value in map(str.strip, written.split(",")) if value]
        if line.strip().startswith(ABSENT) and not equals:
            found[key.removeprefix(ABSENT).strip()] = []
        elif equals and values:
            found.setdefault(key, []).extend(values)
        elif line.strip():
            raise ExpectationError([("context", f"line {number}: write `key = value`, or `!key` for an absent key")])
    return found


def version_of(posted: Mapping[str, str]) -> int | None:
    """The version that a form was filled in at."""
    return number_in(posted.get("version", ""))
