"""What an identity can do, in words: each line of the summary, what all of it takes, and how much it is."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from policystudio.engine.analyse.naming import Block
from policystudio.engine.conditions.opposite import opposite
from policystudio.engine.document import Condition, Effect
from policystudio.engine.exact.cell import CellVerdict
from policystudio.simulator.residues import narrow_layers
from policystudio.simulator.scenario_words import called, obstacle_words
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.sentences import BY_LAYER, Residue, describe, part
from policystudio.simulator.what_can import NEVER, POSSIBLE, Line, Summary

#: The headings of lines by verdict.
HEADINGS = {
    CellVerdict.ALLOWED: "Always",
    CellVerdict.SOME: "On some resources",
    CellVerdict.CONDITIONAL: "Under conditions",
    CellVerdict.UNDECIDED: "Undecided",
    CellVerdict.EXPLICIT_DENY: "Kept away by an explicit deny",
    CellVerdict.IMPLICIT_DENY: "Allowed by its policies, but kept away",
}
#: How many patterns of actions a line shows at first.
MOST_PATTERNS = 8
#: How many resources, and values of a condition, a line shows at first; and all of them.
MOST_VALUES = 3
ALL_VALUES = 10**6
#: Lists of types longer than this are told by what is missing, where that is shorter.
_FEW_TYPES = 4


# --- What all lines take ---------------------------------------------------------------------------------------------


def needs_of(line: Line) -> dict[Condition, None]:
    """The conditions without each of which nothing of a line is allowed, in order."""
    found: dict[Condition, None] = {}
    for items in narrow_layers(line.residue):
        found |= dict.fromkeys(rule for rule in items[0].rules if all(rule in item.rules for item in items))
    for item in line.residue:
        rule = left_by(item)
        if rule is not None:
            found[rule] = None
    return found


def left_by(item: Residue) -> Condition | None:
    """The condition under which alone a Deny of all resources leaves anything; None where it is not that simple."""
    if item.effect is Effect.ALLOW or item.patterns or len(item.rules) != 1:
        return None
    return opposite(item.rules[0], condition_keys())


def shared_of(summary: Summary) -> tuple[Condition, ...]:
    """The conditions without each of which nothing is allowed at all, where there are several lines to say that of."""
    needs = [needs_of(line) for line in summary.possible]
    if len(needs) < 2:
        return ()
    return tuple(rule for rule in needs[0] if all(rule in others for others in needs[1:]))


def shared_text(summary: Summary) -> str:
    """The same as a sentence; empty where there is no such condition."""
    shared = shared_of(summary)
    said = " and ".join(describe(rule, ALL_VALUES) for rule in shared)
    return f"All of it only when {said}." if shared else ""


# --- Lines -----------------------------------------------------------------------------------------------------------


def text_of(line: Line, shared: Sequence[Condition] = (), most: int = MOST_VALUES) -> str:
    """Where and when a line's actions are allowed, without what is said of all lines; or why they are not.

    ``most`` resources and values of a condition are told; the others are counted.
    """
    return "; ".join(clauses_of(line, shared, most))


def clauses_of(line: Line, shared: Sequence[Condition] = (), most: int = MOST_VALUES) -> list[str]:
    """The same in its parts: what each layer allows, under which conditions alone, and what is denied."""
    if line.verdict is CellVerdict.UNDECIDED:
        return [line.undecided]
    if line.verdict in NEVER:
        return [obstacle_words(line.blames).removeprefix("is ").replace(" and is ", " and ")]
    return list(_limits(line, shared, most))


def _limits(line: Line, shared: Sequence[Condition], most: int) -> Iterator[str]:
    layers = narrow_layers(line.residue)
    known = set(shared)
    for items in layers:
        common = [rule for rule in items[0].rules if rule in known and all(rule in item.rules for item in items)]
        parts = dict.fromkeys(_part(item, common, most) for item in items)
        if not any(_is_told(item, common) for item in items):
            by = BY_LAYER.get(items[0].layer, "") if len(layers) > 1 else ""
            yield f"{by}{'; or '.join(parts)}"
    denies = [item for item in line.residue if item.effect is Effect.DENY]
    left = [left_by(item) for item in denies]
    only = dict.fromkeys(rule for rule in left if rule is not None and rule not in known)
    if only:
        yield f"only when {' and '.join(describe(rule, most) for rule in only)}"
    never = [item for item, rule in zip(denies, left, strict=True) if rule is None]
    yield from dict.fromkeys(f"not {_part(item, (), most)}" for item in never)


def _is_told(item: Residue, rules: Collection[Condition]) -> bool:
    """Whether nothing is left to say of a statement but some of its conditions."""
    return not item.patterns and all(rule in rules for rule in item.rules)


def _part(item: Residue, told: Collection[Condition], most: int) -> str:
    """What a statement matches, but for conditions that are told elsewhere."""
    left = tuple(rule for rule in item.rules if rule not in told)
    return part(replace(item, rules=left, conditions=tuple(describe(rule, most) for rule in left)), most)


def types_of(block: Block, line: Line, summary: Summary) -> str:
    """The resource types that some actions of a line are about, where they and their resources do not say so."""
    if not block.types or (line.residue and _resources_tell(line)):
        return ""
    actions = {column.action for column in block.cells}
    every = dict.fromkeys(column.resource_type for column in summary.columns if column.action in actions)
    missing = [name for name in every if name not in block.types]
    if len(block.types) > _FEW_TYPES and len(missing) < len(block.types):
        whose = "its" if len(actions) == 1 else "their"
        return f"on all of {whose} {len(every)} resource types but {_listing(missing)}"
    return f"on any {_listing(block.types, 'or')}"


def _resources_tell(line: Line) -> bool:
    """Whether the resources of what is allowed begin with their types, so that these need not be told."""
    ways = [item for item in line.residue if item.effect is Effect.ALLOW]
    heads = [text.split("/")[0] for item in ways if not item.excluded for text in item.resources]
    return bool(heads) and all(item.patterns for item in ways) and not any(set(head) & set("*?$") for head in heads)


def named(block: Block, most: int | None = None) -> str:
    """The actions of a block as its patterns: `sagemaker:*, but not sagemaker:CreateModel`; ``most`` of each kind."""
    names = block.names
    said = ", ".join(_first(names.include, most))
    return f"{said}, but not {', '.join(_first(names.exclude, most))}" if names.exclude else said


def _first(patterns: Sequence[str], most: int | None) -> list[str]:
    if most is None or len(patterns) <= most + 1:
        return list(patterns)
    return [*patterns[:most], f"{len(patterns) - most} more"]


# --- How much it is --------------------------------------------------------------------------------------------------


def sentence_of(summary: Summary) -> str:
    """How much of SageMaker is possible, in numbers of actions."""
    verdicts = list(summary.verdicts.values())
    total, open_ = len(verdicts), verdicts.count(CellVerdict.UNDECIDED)
    always, partly = verdicts.count(CellVerdict.ALLOWED), verdicts.count(CellVerdict.CONDITIONAL)
    undecided = f" {open_:,} {'is' if open_ == 1 else 'are'} undecided." if open_ else ""
    if always == total:
        return f"All {total:,} actions are possible, on every resource and in every context."
    if not always + partly:
        return f"None of {total:,} actions is possible.{undecided}" if open_ < total else undecided.strip()
    possible, are = always + partly, "is" if always + partly == 1 else "are"
    many = f"All {total:,}" if possible == total else f"{possible:,} of {total:,}"
    how = "on some resources or under conditions"
    how = ", always" if not partly else f", {how}" if not always else f": {always:,} always, {partly:,} {how}"
    return f"{many} actions {are} possible{how}.{undecided}"


def untold_text(summary: Summary) -> str:
    """What is to be said of the cells that no line is about; empty where there is none."""
    if not summary.untold:
        return ""
    many = f"The other {summary.untold:,} of" if summary.lines else "All"
    return f"{many} {len(summary.columns):,} cells are implicit denies: none of its policies allows anything there."


def incomplete_text(summary: Summary) -> Iterator[str]:
    """A sentence for each action that is possible on one of its required types and never on another one."""
    for one in summary.incomplete:
        lacking = [name for name, verdict in one.cells.items() if verdict in NEVER]
        there = [name for name, verdict in one.cells.items() if verdict in POSSIBLE]
        yield (
            f"{one.action} is not possible after all: it takes {_listing(lacking)} as well as {_listing(there)}, "
            f"and is never allowed on {'that' if len(lacking) == 1 else 'those'}."
        )


def lines_of(summary: Summary, most: int | None = MOST_PATTERNS) -> Iterator[str]:
    """Lines for a terminal, with ``most`` patterns of actions in each; where that is None, with all that there is."""
    yield f"{called(summary.bearer)}: {sentence_of(summary)}"
    yield ", ".join(f"{level} {possible} of {every}" for level, possible, every in summary.levels)
    shared = shared_of(summary)
    if shared:
        yield shared_text(summary)
    heading = None
    for line in summary.lines:
        if line.verdict is not heading:
            heading = line.verdict
            yield from ("", HEADINGS[line.verdict])
        for block in line.blocks:
            yield f"  {named(block, most)} {types_of(block, line, summary)}".rstrip()
        said = text_of(line, shared, MOST_VALUES if most else ALL_VALUES)
        if said:
            yield f"      {said}"
    rest = [*incomplete_text(summary), *([untold_text(summary)] if summary.untold else [])]
    yield from ("", *rest) if rest else ()


def _listing(words: Sequence[str], conjunction: str = "and") -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
