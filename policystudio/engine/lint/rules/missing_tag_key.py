"""MISSING_TAG_KEY_IN_CONDITION: a key of tags without the name of a tag."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_TAGS = ("aws:resourcetag", "aws:requesttag", "aws:principaltag")


def check(document: Document) -> Iterator[Report]:
    """Keys that end where the name of the tag should stand."""
    for statement in document.statements:
        for condition in statement.conditions:
            name = condition.name.removesuffix("/")
            if name in _TAGS or name.endswith(":resourcetag"):
                message = f"The condition key `{condition.key.text}` must include a tag key: `{name}/tag-key`."
                yield "MISSING_TAG_KEY_IN_CONDITION", message, at(condition.key)


RULE = Rule("Tags without a name", {"MISSING_TAG_KEY_IN_CONDITION": FindingType.ERROR}, check)
