"""All rules, and what they find in a document."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint import rules as package
from policystudio.engine.lint.finding import Finding, FindingType, Origin
from policystudio.engine.lint.rule import Rule
from policystudio.engine.lint.tree import Document


def _load() -> Mapping[str, Rule]:
    names = sorted(module.name for module in iter_modules(package.__path__))
    return {name: import_module(f"{package.__name__}.{name}").RULE for name in names}


#: Every rule by the name of its module.
RULES = _load()


def lint(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> tuple[Finding, ...]:
    """Everything that there is to say about a policy document, in the order of the text; of no text an error."""
    return lint_document(Document.read(text, kind))


def lint_document(document: Document) -> tuple[Finding, ...]:
    """What the rules find in a document that has been read; of one that is not JSON where it breaks off."""
    if document.flaw is not None:
        return tuple(RULES["json_syntax"].findings(document))
    found = [finding for rule in RULES.values() for finding in rule.findings(document)]
    told = {mark for finding in found if finding.source is Origin.AWS for mark in _marks(finding)}
    found = [finding for finding in found if finding.code != "STUDIO_IAM_REFUSES" or told.isdisjoint(_marks(finding))]
    return tuple(sorted(found, key=lambda finding: (finding.places[0].start, finding.code)))


def _marks(finding: Finding) -> Iterator[object]:
    """What an error is about: where it begins, and the names on its path, as the parser names a value, AWS its key."""
    if finding.type is FindingType.ERROR:
        for place in finding.places:
            yield place.start
            yield tuple(name for _, name in place.path)
