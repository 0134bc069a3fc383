"""UNSUPPORTED_ACTION_FOR_CONDITION_KEY: a condition key that requests of an action do not carry."""

from collections.abc import Iterator

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document

#: AWS's check is silent about the keys of most services (about ec2:ResourceTag on ec2:DescribeInstances, say). These
#: are the services for whose keys it is known to speak.
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
    """Whether the key is a known one of these services, and no tag."""
    name = condition.name
    if name.partition(":")[0] not in _SERVICES or "tag/" in name or condition.base == "null":
        return False
    return facts.key_type(name) is not None and not condition.if_exists


RULE = Rule(
    "Condition keys that actions do not carry", {"UNSUPPORTED_ACTION_FOR_CONDITION_KEY": FindingType.ERROR}, check
)
