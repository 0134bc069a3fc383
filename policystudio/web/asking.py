"""The simulator's address: what its forms send becomes one canonical query string, a link that can be sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from policystudio.simulator.question import (
    ABSENT,
    KINDS,
    ListQuery,
    Question,
    QuestionError,
    question_from_query,
    question_to_query,
)
from policystudio.web.context_values import ValueProblem, accepted, key_form
from policystudio.web.packing import UnpackError, pack, unpack
from policystudio.web.words import LEVELS

Pairs = list[tuple[str, str]]

PAGE_SIZES = (50, 100, 250, 500)
DEFAULT_SIZE = 100
#: Boxes of a form that say nothing when all of them are ticked.
EVERYTHING = {"kind": set(KINDS), "level": set(LEVELS)}
#: Whole contexts by name: (label, keys with their values; none means absent).
PRESETS: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "mfa": ("Signed in with MFA", {"aws:MultiFactorAuthPresent": ("true",)}),
    "no-mfa": ("Session without MFA", {"aws:MultiFactorAuthPresent": ("false",), "aws:MultiFactorAuthAge": ()}),
    "access-key": (
        "Long-term access key",
        {"aws:MultiFactorAuthPresent": (), "aws:MultiFactorAuthAge": (), "aws:TokenIssueTime": ()},
    ),
    "tls": ("Over TLS", {"aws:SecureTransport": ("true",)}),
    "endpoint": ("Through a VPC endpoint …", {"aws:SourceIp": ()}),
    "internet": (
        "Not through a VPC endpoint",
        {"aws:SourceVpce": (), "aws:SourceVpc": (), "aws:VpcSourceIp": ()},
    ),
    "direct": (
        "Called directly, not by a service",
        {"aws:ViaAWSService": ("false",), "aws:CalledVia": (), "aws:CalledViaFirst": (), "aws:CalledViaLast": ()},
    ),
}
#: The parameters of a question that the address has as they are.
PLAIN = (
    *("kind", "path", "name", "identity", "level", "action", "type", "region"),
    *("exclude", "add", "boundary", "verdict", "at", "change"),
)
#: Those that hold the text of a policy, and the parameter that holds it packed.
PACKED = {"add": "try", "boundary": "bound"}
#: A preset that asks for a value opens this key.
PRESET_ASKS = {"endpoint": "aws:SourceVpce"}


@dataclass(frozen=True)
class Cell:
    """The cell whose Why is asked for; without an action it is the whole type of one identity."""

    identity: str
    action: str
    type: str


@dataclass(frozen=True)
class Asked:
    """All that the simulator's address says. ``pairs`` is the canonical query; ``edit`` a key whose form is open."""

    question: Question
    opened: tuple[str, ...] = ()
    page: int = 1
    size: int = DEFAULT_SIZE
    cell: Cell | None = None
    edit: str = ""
    problems: tuple[str, ...] = ()

    @property
    def offset(self) -> int:
        """The first row of the page."""
        return (self.page - 1) * self.size

    def pairs(self, **changes: object) -> Pairs:
        """The canonical query; ``changes`` replaces single parts: ``page``, ``cell``, ``question``."""
        question = changes.get("question", self.question)
        cell, page = changes.get("cell", self.cell), changes.get("page", self.page)
        pairs = question_pairs(question) if isinstance(question, Question) else []
        pairs += [("open", name) for name in self.opened]
        pairs += [("limit", str(self.size))] if self.size != DEFAULT_SIZE else []
        pairs += [("page", str(page))] if page != 1 else []
        pairs += cell_pairs(cell) if isinstance(cell, Cell) else []
        return pairs + ([("edit", self.edit)] if self.edit and "edit" not in changes else [])

    def query(self, **changes: object) -> str:
        """The same as the query part of an address, with its question mark; empty where nothing is set."""
        pairs = self.pairs(**changes)
        return f"?{urlencode(pairs)}" if pairs else ""


def question_pairs(question: Question) -> Pairs:
    """A question's parameters, with the texts of added policies packed."""
    return [
        (PACKED[name], pack(value)) if name in PACKED and not value.startswith("arn:") else (name, value)
        for name, value in question_to_query(question)
    ]


def cell_pairs(cell: Cell) -> Pairs:
    """The parameters of a Why."""
    pairs = [("why", cell.identity), ("why_type", cell.type)]
    return [*pairs, ("why_action", cell.action)] if cell.action else pairs


def read_address(get: QueryDict) -> Asked:
    """Read an address or a submitted form; what is not understood is left out and told in ``problems``."""
    problems: list[str] = []
    get = _without_nul(get, problems)
    context, edit = _context(get, problems)
    pairs = _plain(get, problems) + _context_pairs(context)
    question = _question(pairs, problems)
    toggled = get.get("toggle", "")
    opened = [name for name in dict.fromkeys(get.getlist("open")) if name]
    if toggled:
        opened = [name for name in opened if name != toggled] if toggled in opened else [*opened, toggled]
    keeps_page = not any(name in get for name in ("clear", "preset", "submitted")) or bool(toggled)
    return Asked(
        question=question,
        opened=tuple(opened),
        page=max(_number(get.get("page"), 1), 1) if keeps_page else 1,
        size=_size(get.get("limit")),
        cell=_cell(get),
        edit=edit,
        problems=tuple(problems),
    )


def _without_nul(get: QueryDict, problems: list[str]) -> QueryDict:
    """The parameters without those that hold a NUL character: no name has one, and databases refuse to look for it."""
    kept = QueryDict(mutable=True)
    for name, values in get.lists():
        kept.setlist(name, [value for value in values if "\0" not in value])
        if len(kept.getlist(name)) < len(values):
            problems.append(f"{name}: a NUL character cannot be part of it")
    return kept


def _question(pairs: Pairs, problems: list[str]) -> Question:
    """The question, without the parameters that it refuses."""
    try:
        return question_from_query(ListQuery(pairs))
    except QuestionError as error:
        problems += [f"{name}: {message}" for name, message in error.problems]
        wrong = {name for name, _ in error.problems}
        return question_from_query(ListQuery([(name, value) for name, value in pairs if name not in wrong]))


def _plain(get: QueryDict, problems: list[str]) -> Pairs:
    """The parameters that a question knows, as a form or an address gives them, without what was cleared."""
    cleared = set(get.getlist("clear"))
    cleared |= {"at", "change"} if "moment" in cleared else set()
    pairs: Pairs = []
    for name in PLAIN:
        values = [value.strip() for value in get.getlist(name)]
        if name in cleared or "all" in cleared or set(values) >= EVERYTHING.get(name, {""}):
            continue
        pairs += [(name, value) for value in values if value and f"{name}:{value}" not in cleared]
    if not cleared & {"tag", "all"}:
        pairs += _tag(get)
    for name, parameter in PACKED.items():
        for packed in [] if "all" in cleared else get.getlist(parameter):
            if packed and f"{parameter}:{packed}" not in cleared:
                try:
                    pairs.append((name, unpack(packed)))
                except UnpackError as error:
                    problems.append(str(error))
    return pairs


def _tag(get: QueryDict) -> Pairs:
    key = get.get("tag_key", "").strip()
    if "tag_key" not in get:
        return [("tag", value) for value in get.getlist("tag") if value.strip()]
    value = get.get("tag_value", "").strip()
    return [("tag", f"{key}={value}" if value else key)] if key else []


def _context(get: QueryDict, problems: list[str]) -> tuple[dict[str, tuple[str, ...]], str]:
    """The context keys that are set, and the key whose form is to be open."""
    cleared = set(get.getlist("clear"))
    context = {} if "all" in cleared else _context_of_address(get)
    edit = get.get("edit", "") if "submitted" not in get else ""
    for index in [name.split(".")[1] for name in get if name.startswith("ctx.") and name.endswith(".key")]:
        key = get.get(f"ctx.{index}.key", "").strip()
        state = get.get(f"ctx.{index}.state", "")
        if not key or "all" in cleared:
            continue
        try:
            form = key_form(key)
            if state == "value":
                context[form.key] = accepted(form, get.getlist(f"ctx.{index}.value"))
            elif state in ("true", "false"):
                context[form.key] = (state,)
            elif state == "absent":
                context[form.key] = ()
            elif index == "new":
                edit = form.key
        except ValueProblem as error:
            problems.append(str(error))
    chosen = get.get("preset", "")
    if chosen in PRESETS:
        context |= PRESETS[chosen][1]
        edit = PRESET_ASKS.get(chosen, edit)
    kept = {key: values for key, values in context.items() if f"context:{key}" not in cleared}
    return kept, edit


def _context_of_address(get: QueryDict) -> dict[str, tuple[str, ...]]:
    """``context`` parameters as pairs; broken ones stay as they are, so that the question names what is wrong."""
    context: dict[str, tuple[str, ...]] = {}
    for entry in get.getlist("context"):
        key, equals, value = entry.partition("=")
        if entry.startswith(ABSENT) and not equals:
            context[entry.removeprefix(ABSENT)] = ()
        elif entry:
            context[key] = (*context.get(key, ()), value)
    return context


def _context_pairs(context: Mapping[str, Iterable[str]]) -> Pairs:
    pairs: Pairs = []
    for key, values in context.items():
        pairs += [("context", f"{key}={value}") for value in values] or [("context", f"{ABSENT}{key}")]
    return pairs


def _cell(get: QueryDict) -> Cell | None:
    identity, kind = get.get("why", ""), get.get("why_type", "")
    if "why" in get.getlist("clear") or not (identity and kind):
        return None
    return Cell(identity, get.get("why_action", ""), kind)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else otherwise


def _size(text: str | None) -> int:
    return min(max(_number(text, DEFAULT_SIZE), 1), PAGE_SIZES[-1])
