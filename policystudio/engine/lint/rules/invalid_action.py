"""INVALID_ACTION: an action that its service does not have."""

from collections.abc import Iterator

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document
from policystudio.engine.parse.report import suggestion


def check(document: Document) -> Iterator[Report]:
    """Every action without a wildcard that is not in the catalogue; of services that are not in it nothing is said."""
    for statement in document.statements:
        for action in (*statement.actions, *statement.texts("NotAction")):
            prefix, colon, name = action.text.partition(":")
            if not colon:
                if action.text != "*":
                    yield (
                        "INVALID_ACTION",
                        f"The action `{action.text}` does not exist: write service:Name.",
                        at(action),
                    )
                continue
            known = facts.actions(prefix.lower())
            if known and not has_wildcard(action.text) and "${" not in action.text and name.lower() not in known:
                meant = suggestion(name, tuple(each.name for each in known.values()))
                hint = f" Did you mean `{prefix}:{meant}`?" if meant else ""
                yield "INVALID_ACTION", f"The action `{action.text}` does not exist.{hint}", at(action)


RULE = Rule("Actions that do not exist", {"INVALID_ACTION": FindingType.ERROR}, check)
