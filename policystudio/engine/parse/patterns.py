"""What an Action and a Resource may look like."""

import re

from policystudio.engine.document import PolicyKind
from policystudio.engine.parse.report import shown

#: A problem's code and message; None where all is well.
Finding = tuple[str, str] | None

_PREFIX = re.compile(r"[A-Za-z0-9.*?-]+")
_NAME = re.compile(r"[A-Za-z0-9_.*?-]+")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_LEAST_SEGMENTS = 3


def action_problem(text: str, kind: PolicyKind) -> Finding:
    """An action is ``service:Name``, either part with wildcards, or ``*``.

    Access Analyzer only advises against wildcards in the service (WILDCARD_IN_SERVICE_NAME): ``*:*`` is every action.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    if text == "*":
        return None
    prefix, colon, name = text.partition(":")
    if not colon:
        return "action", f"{shown(text)} is not an action: write `service:Name`, or `*` for every action"
    if "${" in text:
        return "action", f"{shown(text)}: variables are not allowed in actions"
    if not _PREFIX.fullmatch(prefix) or not _NAME.fullmatch(name):
        return (
            "action",
            f"{shown(text)} is not an action: write `service:Name`; the name may have the wildcards `*` and `?`",
        )
    if kind is PolicyKind.TRUST and prefix.lower() != "sts":
        return "action", f"{shown(text)}: a trust policy is about actions of `sts` alone, such as `sts:AssumeRole`"
    return None


def resource_problem(text: str) -> Finding:
    """A resource is an ARN, whose service is spelled out and whose last segments may be missing, or ``*``.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if text == "*":
        return None
    # A colon inside a variable does not separate segments.
    segments = _VARIABLE.sub("$", text).split(":", 5)
    if segments[0] != "arn" or len(segments) < _LEAST_SEGMENTS or not segments[1] or not segments[2]:
        form = "write `arn:partition:service:region:account:resource`, or `*` for every resource"
        return "resource", f"{shown(text)} is not an ARN: {form}"
    if any(char in segments[2] for char in "*?$"):
        message = f"{shown(text)}: the service of an ARN may not have wildcards or variables"
        return "resource", f"{message}: write its name, or `*` alone for every resource"
    return None
