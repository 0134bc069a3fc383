"""The ARNs of a document's Resource and NotResource elements, cut into their parts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policystudio.engine.lint import facts
from policystudio.engine.lint.patterns import has_wildcard, overlap
from policystudio.engine.lint.tree import Document, Node

_VARIABLE = re.compile(r"\$\{[^}]*\}")

#: What stands for anything: wildcards and variables.
ANY = "*"


@dataclass(frozen=True, slots=True)
class ResourceArn:
    """One ARN; variables in its parts stand as ``*``."""

    node: Node
    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def is_literal(self) -> bool:
        """Whether the service and the resource are without wildcards and variables."""
        return not has_wildcard(self.service) and not has_wildcard(self.resource)

    def forms(self) -> tuple[tuple[str, str, str], ...]:
        """Region, account and resource of the service's ARN formats that this can be of; all where it is of none."""
        every = facts.arn_templates(self.service)
        return tuple(form for form in every if overlap(form[2], self.resource)) or every


def resource_texts(document: Document) -> Iterator[Node]:
    """Every text of Resource and NotResource that is more than wildcards."""
    for statement in document.statements:
        for node in (*statement.resources, *statement.texts("NotResource")):
            if node.text.strip("*"):
                yield node


def resource_arns(document: Document) -> Iterator[ResourceArn]:
    """Every text that begins with ``arn:`` and has the six parts of an ARN."""
    for node in resource_texts(document):
        parts = _VARIABLE.sub(ANY, node.text).split(":", 5)
        if len(parts) == 6 and parts[0] == "arn":
            yield ResourceArn(node, *parts[1:])
