"""UNSUPPORTED_ACTION_FOR_CONDITION_KEY: a condition key that requests of an action do not carry."""

from collections.abc import Iterator

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document

#: The services whose reference is taken at its word, beside the keys of identity providers, of which AWS shows answers.
#: Others list a key at fewer actions than carry it: those of a session (ec2:SourceInstanceARN) come with every request,
#: and 21 of AWS's own policies would be wrong (aws-marketplace:ProductId at aws-marketplace:Subscribe), while AWS's
#: answers to 33 of them never say so.
_SERVICES = frozenset({"dynamodb", "iam", "kms", "s3", "sts"})


def check(document: Document) -> Iterator[Report]:
    """Named actions alone: what a pattern means is left to it. Keys of tags have a rule of their own."""
    for statement in document.statements:
        actions = [
            (action, found[0])
            for action in statement.actions
            if not has_wildcard(action.text) and (found := facts.expand(action.text))
        ]
        for condition in statement.conditions:
            if not _is_checked(condition):
                continue
            lacking = [action for action, known in actions if not known.supports(condition.name)]
            if lacking:
                names = ", ".join(action.text for action in lacking)
                message = (
                    f"Requests of {names} do not carry the condition key `{condition.key.text}`: move the actions to a"
                    " statement without it."
                )
                yield "UNSUPPORTED_ACTION_FOR_CONDITION_KEY", message, at(*lacking, condition.value)


def _is_checked(condition: Condition) -> bool:
    """Whether the key is a known one of these services or of an identity provider, and no tag."""
    name = condition.name
    if "tag/" in name or condition.base == "null" or condition.if_exists:
        return False
    if name.partition(":")[0] in _SERVICES:
        return facts.key_type(name) is not None
    return name in facts.provider_keys()


RULE = Rule(
    "Condition keys that actions do not carry", {"UNSUPPORTED_ACTION_FOR_CONDITION_KEY": FindingType.ERROR}, check
)
