"""Whether it matters how a session of a role is called: `aws:userid` is the ID of the role, a colon and that name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
"""

from collections.abc import Iterable

from policystudio.engine import globs
from policystudio.engine.conditions import NULL
from policystudio.engine.document import Condition, Policy
from policystudio.engine.exact.facts import variables_read
from policystudio.engine.exact.signatures import Cover, Hole, TooLarge, cover

USER_ID = "aws:userid"
#: Stands for the name of any session of a role where the name does not matter.
ANY_SESSION = "any-session"
_EQUAL = frozenset({"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"})
_LIKE = frozenset({"StringLike", "StringNotLike"})


def reads_user_id(policy: Policy) -> bool:
    """Whether a condition or a variable of the policy reads ``aws:userid``."""
    return any(
        any(condition.key.lower() == USER_ID for condition in statement.conditions)
        or (policy.has_variables and USER_ID in variables_read(statement))
        for statement in policy.statements
    )


def session_matters(policies: Iterable[Policy], role_id: str) -> bool:
    """Whether some statement may tell two sessions of the role apart by their names.

    Where none does, a request of one session is decided as that of any other.
    """
    for policy in policies:
        for statement in policy.statements:
            if policy.has_variables and USER_ID in variables_read(statement):
                return True
            about = (condition for condition in statement.conditions if condition.key.lower() == USER_ID)
            if any(_tells_apart(condition, role_id) for condition in about):
                return True
    return False


def _tells_apart(condition: Condition, role_id: str) -> bool:
    """Whether a condition on ``aws:userid`` may hold for some sessions of the role and not for others."""
    if condition.operator == NULL:
        return False
    if condition.operator not in _EQUAL | _LIKE or any("${" in value for value in condition.values):
        return True
    folds = condition.operator.endswith("IgnoreCase")
    texts = [value.lower() if folds else value for value in condition.values]
    sessions = (f"{role_id.lower() if folds else role_id}:", Hole.NAME)
    patterns = [globs.parse(text) if condition.operator in _LIKE else ((text,) if text else ()) for text in texts]
    try:
        return any(cover(pattern, sessions) is Cover.SOME for pattern in patterns)
    except TooLarge:
        return True
