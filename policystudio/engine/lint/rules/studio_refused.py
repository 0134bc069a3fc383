"""STUDIO_IAM_REFUSES: what IAM does not save, and no check of AWS's policy validation says."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType, Origin, Place, Step
from policystudio.engine.lint.rule import Report, Rule
from policystudio.engine.lint.tree import Document
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.parse.text import KEY
from policystudio.engine.source import Path as SourcePath


def check(document: Document) -> Iterator[Report]:
    """Every problem of the strict parser; the registry leaves out those at places of other errors."""
    try:
        parse_policy(document.source.text, document.kind)
    except PolicyError as error:
        for problem in error.problems:
            start, end = problem.span.start.offset, problem.span.end.offset
            message = f"{problem.message[:1].upper()}{problem.message[1:]}."
            yield "STUDIO_IAM_REFUSES", message, (Place(_path(problem.path), start, end),)


def _path(path: SourcePath) -> tuple[tuple[Step, str | int], ...]:
    steps = [(Step.INDEX if isinstance(step, int) else Step.VALUE, step) for step in path if step != KEY]
    if path and path[-1] == KEY:
        steps[-1] = (Step.KEY, steps[-1][1])
    return tuple(steps)


RULE = Rule("What IAM refuses", {"STUDIO_IAM_REFUSES": FindingType.ERROR}, check, source=Origin.STUDIO)
