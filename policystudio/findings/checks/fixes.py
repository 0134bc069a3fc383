"""Texts in which a finding is mended, where the engine knows how: nothing else of the text changes."""

import json
import re
from collections.abc import Callable, Mapping, Sequence

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.patterns import is_covered
from policystudio.engine.lint.tree import Document, Node
from policystudio.findings.checks.documents import of_document
from policystudio.findings.checks.found import Found

_LISTS = ("Action", "NotAction", "Resource", "NotResource")
#: What a fix takes: the document, the finding, and the number of the account.
_Fix = Callable[[Document, Found, str], str | None]
_SUGGESTED = re.compile(r"Did you mean `([^`]+)`\?")


def mended(text: str, kind: PolicyKind, found: Found, number: str) -> str | None:
    """The text without the finding; None where there is no fix, or where it would not do.

    ``number`` is that of the account, which conditions on it name.
    """
    fix = _FIXES.get(found.code)
    document = Document.read(text, kind)
    if fix is None or document.flaw is not None:
        return None
    after = fix(document, found, number)
    if after is None or after == text:
        return None
    left = of_document(after, kind)
    graver = {one.code for one in left if one.type == "ERROR"} - {one.code for one in of_document(text, kind)}
    still = any(one.code == found.code and one.place == found.place for one in left)
    return None if still or graver else after


def has_fix(code: str) -> bool:
    """Whether findings of this code may be mended at all."""
    return code in _FIXES


def _without_statement(document: Document, found: Found, _number: str) -> str | None:
    node = _at(document, found.path)
    return None if node is None else _without(document, [node])


def _without_covered(document: Document, found: Found, _number: str) -> str | None:
    """Entries go that another one of the finding covers; the first of two that are alike stays."""
    wanted = {tuple(mark) for mark in found.marks}
    nodes = [
        node
        for statement in document.statements
        for name in _LISTS
        for node in statement.texts(name)
        if (node.place.start, node.place.end) in wanted
    ]
    patterns = [node.text.lower() if found.code == "REDUNDANT_ACTION" else node.text for node in nodes]
    group = range(len(nodes))
    return _without(document, [nodes[index] for index in group if is_covered(index, list(group), patterns)])


def _without_copies(document: Document, found: Found, _number: str) -> str | None:
    """Of statements that are alike the first stays."""
    wanted = {tuple(mark) for mark in found.marks[1:]}
    copies = (one.node for one in document.statements if (one.node.place.start, one.node.place.end) in wanted)
    return _without(document, list(copies))


def _with_suggestion(document: Document, found: Found, _number: str) -> str | None:
    match, text = _SUGGESTED.search(found.message), document.source.text
    if match is None or len(found.marks) != 1:
        return None
    start, end = found.marks[0]
    return f"{text[:start]}{json.dumps(match[1])}{text[end:]}"


def _with_service(document: Document, found: Found, _number: str) -> str | None:
    """iam:PassRole to SageMaker alone, where the statement is about nothing else."""
    statement = next((one for one in document.statements if _holds(one.node, found)), None)
    if statement is None or {node.text.lower() for node in statement.actions} != {"iam:passrole"}:
        return None
    condition = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    return None if "Condition" in statement.elements else _with_member(document, statement.node, "Condition", condition)


def _with_account(document: Document, found: Found, number: str) -> str | None:
    """The service acts for this account alone."""
    statement = next((one for one in document.statements if _holds(one.node, found)), None)
    if statement is None or "Condition" in statement.elements:
        return None
    return _with_member(document, statement.node, "Condition", {"StringEquals": {"aws:SourceAccount": number}})


def _with_version(document: Document, _found: Found, _number: str) -> str | None:
    if document.root is None or document.root.value.type != "object":
        return None
    text, version = document.source.text, document.elements.get("Version")
    if version is not None:
        return f'{text[: version.place.start]}"2012-10-17"{text[version.place.end :]}'
    members = list(document.root.members())
    if not members:
        return None
    first = members[0][0].place.start
    space = text[document.root.place.start + 1 : first]
    return f'{text[:first]}"Version": "2012-10-17",{space or " "}{text[first:]}'


_FIXES: Mapping[str, _Fix] = {
    "STUDIO_STATEMENT_WITHOUT_EFFECT": _without_statement,
    "REDUNDANT_ACTION": _without_covered,
    "REDUNDANT_RESOURCE": _without_covered,
    "REDUNDANT_STATEMENT": _without_copies,
    "INVALID_ACTION": _with_suggestion,
    "PASS_ROLE_WITH_STAR_IN_RESOURCE": _with_service,
    "PASS_ROLE_WITH_NOT_RESOURCE": _with_service,
    "STUDIO_CONFUSED_DEPUTY": _with_account,
    "MISSING_VERSION": _with_version,
    "VARIABLE_UNSUPPORTED_IN_VERSION": _with_version,
}


# Pieces of JSON.


def _at(document: Document, path: Sequence[Mapping[str, object]]) -> Node | None:
    """The statement that a path leads to or into."""
    index = next((step["index"] for step in path if "index" in step), 0)
    node = document.elements.get("Statement")
    items = () if node is None else node.items()
    return items[int(str(index))] if int(str(index)) < len(items) else None


def _holds(node: Node, found: Found) -> bool:
    return bool(found.marks) and node.place.start <= found.marks[0][0] < node.place.end


def _without(document: Document, nodes: Sequence[Node]) -> str | None:
    """The text without items of lists; None where a list would be empty, or one of them is in none."""
    text = document.source.text
    if not nodes:
        return None
    cuts = []
    lists = [_list_of(document, node) for node in nodes]
    for node, items in zip(nodes, lists, strict=True):
        gone = [other.place for other in nodes]
        if items is None or all(item.place in gone for item in items):
            return None
        at = next(number for number, item in enumerate(items) if item.place == node.place)
        stays_before = any(item.place not in gone for item in items[:at])
        start = items[at - 1].place.end if stays_before else node.place.start
        end = node.place.end if stays_before else items[at + 1].place.start
        cuts.append((start, end))
    for start, end in sorted(cuts, reverse=True):
        text = text[:start] + text[end:]
    return text


def _list_of(document: Document, node: Node) -> tuple[Node, ...] | None:
    """The items of the list that a node stands in."""
    holders = [document.elements.get("Statement")]
    holders += [one.elements.get(name) for one in document.statements for name in _LISTS]
    for holder in holders:
        if holder is not None and holder.value.type == "array":
            items = holder.items()
            if any(item.place == node.place for item in items):
                return items
    return None


def _with_member(document: Document, node: Node, name: str, value: object) -> str | None:
    """The text with another member at the end of an object, set off as the last one is."""
    members = list(node.members())
    if not members:
        return None
    text, (key, last) = document.source.text, members[-1]
    before = members[-2][1].place.end if len(members) > 1 else node.place.start
    space = text[before : key.place.start].lstrip("{,") or " "
    if space.strip():
        return None
    return f'{text[: last.place.end]},{space}"{name}": {json.dumps(value)}{text[last.place.end :]}'
