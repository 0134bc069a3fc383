"""The simulator's filters as chips: each says its value, unknown included."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from policystudio.engine.catalog.types import ACCESS_LEVELS
from policystudio.simulator.question import KINDS, Question
from policystudio.web.asking import PRESETS, Asked
from policystudio.web.context_values import KeyForm, ValueProblem, key_form
from policystudio.web.packing import pack
from policystudio.web.policy_text import Line, lines_of
from policystudio.web.words import WORDS, count, listing

#: Keys that are asked for so often that their chips are always there, with what people call them.
ALWAYS = {"aws:MultiFactorAuthPresent": "Signed in with MFA", "aws:SourceVpce": "VPC endpoint"}
LETTERS = "ASCEIU"
_DATE = len("2026-11-01")
REGIONS = tuple(
    f"{area}-{number}"
    for area, last in (
        *(("us-east", 2), ("us-west", 2), ("ca-central", 1), ("sa-east", 1), ("eu-west", 3), ("eu-central", 2)),
        *(("eu-north", 1), ("eu-south", 2), ("me-south", 1), ("me-central", 1), ("il-central", 1), ("af-south", 1)),
        *(("ap-south", 2), ("ap-southeast", 5), ("ap-northeast", 3), ("ap-east", 1), ("us-gov-west", 1)),
        *(("us-gov-east", 1), ("cn-north", 1), ("cn-northwest", 1)),
    )
    for number in range(1, last + 1)
)


@dataclass(frozen=True)
class Chip:
    """A filter in words; ``set`` where it is not at its default."""

    value: str
    set: bool = False


@dataclass(frozen=True)
class ContextChip:
    """A context key with its form. ``state`` is unknown, absent, value, true or false."""

    label: str
    form: KeyForm
    values: tuple[str, ...] | None
    open: bool = False

    @property
    def set(self) -> bool:
        """Whether the question says anything about the key."""
        return self.values is not None

    @property
    def state(self) -> str:
        """Which choice of the form is taken."""
        if self.values is None:
            return "value" if self.open and self.form.input != "bool" else "unknown"
        if not self.values:
            return "absent"
        return self.values[0] if self.form.input == "bool" else "value"

    @property
    def value(self) -> str:
        """The chip's value in words."""
        if self.values is None:
            return "unknown"
        return listing(self.values, "or") or "absent"

    @property
    def text(self) -> str:
        """The value as the field shows it; a date field takes no zone, and means UTC."""
        if self.form.input == "datetime-local":
            return (self.values or ("",))[0].removesuffix("Z")
        return "\n".join(self.values or ())


@dataclass(frozen=True)
class Added:
    """A policy added as a what-if: by its ARN, or its text as it stands in the address. ``use`` says what as."""

    name: str
    parameter: str
    written: str
    lines: tuple[Line, ...] = ()
    use: str = "Tried as an identity policy of every identity shown."


@dataclass(frozen=True)
class Chips:
    """All of them."""

    identities: Chip
    tag: Chip
    actions: Chip
    types: Chip
    verdict: Chip
    region: Chip
    moment: Chip
    context: Sequence[ContextChip] = ()
    added: Sequence[Added] = ()
    anything: bool = field(default=False)


def _moment(question: Question) -> Chip:
    """When: now, at the end of a day or at a time (UTC), or as a change would make it."""
    if question.change is not None:
        return Chip(f"with change {question.change}", True)
    if question.at is None:
        return Chip("now")
    written = question.at_written
    return Chip(written if len(written) == _DATE else f"{question.at:%Y-%m-%d %H:%M:%S} UTC", True)


def chips_of(asked: Asked, policy_names: Mapping[str, str]) -> Chips:
    """The chips of a question; ``policy_names`` are the account's managed policies by ARN."""
    question = asked.question
    rows, columns = question.identities, question.columns
    tag = rows.tag_key if rows.tag_value is None else f"{rows.tag_key} = {rows.tag_value}"
    levels = [level for level in ACCESS_LEVELS if level in columns.access_levels]
    all_levels = len(levels) == len(ACCESS_LEVELS)
    actions = [] if all_levels and columns.action else ["all access levels" if all_levels else listing(levels)]
    actions += [columns.action] if columns.action else []
    verdicts = [WORDS[letter] for letter in LETTERS if letter in question.verdicts]
    return Chips(
        identities=_identities(question),
        tag=Chip(tag or "any", bool(rows.tag_key)),
        actions=Chip(" · ".join(actions), not all_levels or bool(columns.action)),
        types=Chip(_types(columns.types), bool(columns.types)),
        verdict=Chip(listing(verdicts, "or") or "any", bool(verdicts)),
        region=Chip(question.region or "any", bool(question.region)),
        moment=_moment(question),
        context=list(_context(asked)),
        added=[
            *(_added(written, number, policy_names) for number, written in enumerate(_written(question), start=1)),
            *_boundary(question, policy_names),
        ],
        anything=question != Question(),
    )


def _identities(question: Question) -> Chip:
    rows = question.identities
    kinds = [f"{kind}s" if kind != "root" else "root user" for kind in KINDS if kind in rows.kinds]
    parts = [] if len(kinds) == len(KINDS) else [", ".join(kinds)]
    parts += [rows.name] if rows.name else []
    parts += [f"in {rows.path}"] if rows.path else []
    parts += (
        [rows.arns[0].rpartition(":")[2] if len(rows.arns) == 1 else f"{len(rows.arns)} chosen"] if rows.arns else []
    )
    return Chip(" · ".join(parts) or "all", bool(parts))


def _types(names: Sequence[str]) -> str:
    if not names:
        return "all"
    shown = ["no resource type" if name == "*" else name for name in names]
    return listing(shown) if len(shown) <= 2 else count(len(shown), "type")


def _context(asked: Asked) -> Iterator[ContextChip]:
    """The keys that are always there, then the others in the order in which they were set."""
    given: dict[str, tuple[str, tuple[str, ...] | None]] = {
        key.lower(): (key, values) for key, values in asked.question.context.items()
    }
    if asked.edit:
        given.setdefault(asked.edit.lower(), (asked.edit, None))
    for key, label in ALWAYS.items():
        _, values = given.pop(key.lower(), (key, None))
        yield ContextChip(label, key_form(key), values, key.lower() == asked.edit.lower())
    for key, values in given.values():
        try:
            form = key_form(key)
        except ValueProblem:
            continue
        yield ContextChip(form.key, form, values, key.lower() == asked.edit.lower())


def _written(question: Question) -> list[str]:
    return [written for written, _ in question.what_if.add]


def _added(written: str, number: int, policy_names: Mapping[str, str]) -> Added:
    if written.startswith("arn:"):
        return Added(policy_names.get(written, written), "add", written)
    return Added(f"policy {number}", "try", pack(written), lines_of(written))


def _boundary(question: Question, policy_names: Mapping[str, str]) -> Iterator[Added]:
    if question.what_if.boundary is None:
        return
    written = question.what_if.boundary[0]
    use = "Tried as the permissions boundary of every user and role shown, instead of theirs."
    if written.startswith("arn:"):
        yield Added(f"boundary {policy_names.get(written, written)}", "boundary", written, use=use)
    else:
        yield Added("another boundary", "bound", pack(written), lines_of(written), use)


def preset_labels() -> list[tuple[str, str]]:
    """The presets for buttons."""
    return [(name, label) for name, (label, _) in PRESETS.items()]
