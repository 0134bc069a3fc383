"""The codes of findings that are not about one document by itself; docs/findings.md has a section for each title."""

from collections.abc import Mapping
from dataclasses import dataclass

from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.registry import RULES
from policystudio.findings.checks.found import Found


@dataclass(frozen=True, slots=True)
class Check:
    """A check: ``title`` heads its section, ``codes`` gives the type of each code, ``remedies`` what to do about it."""

    title: str
    codes: Mapping[str, FindingType]
    remedies: Mapping[str, str]


CHECKS = (
    Check(
        "Statements without effect",
        {"STUDIO_STATEMENT_WITHOUT_EFFECT": FindingType.SUGGESTION},
        {"STUDIO_STATEMENT_WITHOUT_EFFECT": "Remove the statement: without it exactly the same is allowed."},
    ),
    Check(
        "Policies without effect for an identity",
        {"STUDIO_POLICY_WITHOUT_EFFECT": FindingType.SUGGESTION},
        {"STUDIO_POLICY_WITHOUT_EFFECT": "Detach or remove the policy: without it the identity can do the same."},
    ),
    Check(
        "Quotas of an identity",
        {
            "STUDIO_INLINE_POLICIES_TOO_LARGE": FindingType.ERROR,
            "STUDIO_INLINE_POLICIES_NEARLY_FULL": FindingType.SUGGESTION,
            "STUDIO_TOO_MANY_POLICIES_ATTACHED": FindingType.ERROR,
            "STUDIO_POLICIES_ATTACHED_FULL": FindingType.SUGGESTION,
            "STUDIO_TOO_MANY_GROUPS": FindingType.ERROR,
        },
        {
            "STUDIO_INLINE_POLICIES_TOO_LARGE": "Move statements into managed policies, or write them shorter.",
            "STUDIO_INLINE_POLICIES_NEARLY_FULL": "Move statements into managed policies before there is no room left.",
            "STUDIO_TOO_MANY_POLICIES_ATTACHED": "Put policies together, or attach them to groups.",
            "STUDIO_POLICIES_ATTACHED_FULL": "Put policies together, or have AWS raise the quota.",
            "STUDIO_TOO_MANY_GROUPS": "Take the user out of groups, or put groups together.",
        },
    ),
    Check(
        "Paths to other permissions",
        {
            "STUDIO_PATH_PASS_ROLE": FindingType.SECURITY_WARNING,
            "STUDIO_PATH_LIFECYCLE_CONFIG": FindingType.SECURITY_WARNING,
            "STUDIO_PATH_PRESIGNED_URL": FindingType.SECURITY_WARNING,
        },
        {
            "STUDIO_PATH_PASS_ROLE": "Name the roles that it may pass, and let these do no more than the work needs.",
            "STUDIO_PATH_LIFECYCLE_CONFIG": "Let somebody else write the scripts, or name what it may start.",
            "STUDIO_PATH_PRESIGNED_URL": "Name the resources, or hold the statement to their tags or the user profile.",
        },
    ),
    Check(
        "Unused roles",
        {"STUDIO_ROLE_UNUSED": FindingType.SUGGESTION},
        {"STUDIO_ROLE_UNUSED": "Remove the role, or take its policies away until it is needed."},
    ),
)

#: The type of every code of these checks, and what to do about it.
TYPE_OF = {code: kind for check in CHECKS for code, kind in check.codes.items()}
REMEDIES = {code: text for check in CHECKS for code, text in check.remedies.items()}


def made(code: str, message: str, place: str = "", **more: object) -> Found:
    """A finding of one of these checks."""
    return Found(code, TYPE_OF[code].value, Origin.STUDIO.value, message, place, **more)  # type: ignore[arg-type]  # fields


def known_codes() -> frozenset[str]:
    """Every code that there is, AWS's and the studio's."""
    return frozenset(TYPE_OF) | {code for rule in RULES.values() for code in rule.codes}
