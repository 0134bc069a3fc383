"""INVALID_CONDITION_KEY_FORMAT, _GLOBAL_CONDITION_KEY, _SERVICE, _SERVICE_CONDITION_KEY: keys that there are not."""

import re
from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node

_KEY = re.compile(r"[^:\s]+:\S.*", re.DOTALL)

#: Global keys that AWS answers to without documenting them, and those with a rule of their own.
_OTHER_GLOBAL = frozenset({"aws:arn", "aws:principalorgmasteraccountid"})
#: Services whose tags have keys that hold no slash until a tag's name follows; a rule of its own asks for it.
_TAG_PREFIXES = ("aws:resourcetag", "aws:requesttag", "aws:principaltag")


def check(document: Document) -> Iterator[Report]:
    """Every key that no request can carry."""
    for statement in document.statements:
        for condition in statement.conditions:
            code, message = _problem(condition.key, document.kind)
            if code:
                yield code, message, at(condition.key)


def _problem(node: Node, kind: PolicyKind) -> tuple[str, str]:
    key = node.text
    prefix = key.partition(":")[0].lower()
    if not _KEY.fullmatch(key):
        return "INVALID_CONDITION_KEY_FORMAT", f"The condition key `{key}` is not valid: write service:keyname."
    if facts.key_type(key) is not None or key.lower() in _OTHER_GLOBAL or key.lower().startswith(_TAG_PREFIXES):
        return "", ""
    if prefix == "aws":
        return "INVALID_GLOBAL_CONDITION_KEY", f"The condition key `{key}` does not exist: use a valid condition key."
    if "." in prefix or "/" in key.rpartition(":")[0] or prefix in ("saml", "www") or kind is PolicyKind.TRUST:
        return "", ""  # The keys of an identity provider are its own.
    if prefix not in facts.services() and prefix not in facts.UNKNOWN_SERVICES:
        return "INVALID_SERVICE", f"The service `{prefix}` does not exist: use a valid service name."
    if prefix in facts.UNKNOWN_SERVICES or not facts.has_condition_keys(prefix):
        return "", ""
    return "INVALID_SERVICE_CONDITION_KEY", f"The condition key `{key}` does not exist in the service {prefix}."


RULE = Rule(
    "Condition keys that do not exist",
    {
        "INVALID_CONDITION_KEY_FORMAT": FindingType.ERROR,
        "INVALID_GLOBAL_CONDITION_KEY": FindingType.ERROR,
        "INVALID_SERVICE": FindingType.ERROR,
        "INVALID_SERVICE_CONDITION_KEY": FindingType.ERROR,
    },
    check,
)
