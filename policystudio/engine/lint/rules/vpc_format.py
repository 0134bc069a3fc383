"""INVALID_VPC_FORMAT, INVALID_VPCE_FORMAT: ids of VPCs and of their endpoints."""

import re
from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_FORMATS = {
    "aws:sourcevpc": ("INVALID_VPC_FORMAT", "vpc", re.compile(r"vpc-(?:[0-9A-Za-z]{8}|[0-9A-Za-z]{17})")),
    "aws:sourcevpce": ("INVALID_VPCE_FORMAT", "vpce", re.compile(r"vpce-(?:[0-9A-Za-z]{8}|[0-9A-Za-z]{17})")),
}


def check(document: Document) -> Iterator[Report]:
    """Every value of the two keys but patterns, variables and answers to Null."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.name not in _FORMATS or condition.base == "null":
                continue
            code, prefix, form = _FORMATS[condition.name]
            for value in condition.values:
                if not has_wildcard(value.text) and "${" not in value.text and not form.fullmatch(value.text):
                    yield code, f"Use the prefix `{prefix}-` followed by 8 or 17 letters and digits.", at(value)


RULE = Rule("Ids of VPCs", {"INVALID_VPC_FORMAT": FindingType.ERROR, "INVALID_VPCE_FORMAT": FindingType.ERROR}, check)
