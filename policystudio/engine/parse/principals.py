"""Principal and NotPrincipal: who may stand there, by the key of the map and the kind of policy."""

import re

from policystudio.engine.arn import Arn, is_account_id
from policystudio.engine.document import PolicyKind, PrincipalEntry, PrincipalKind
from policystudio.engine.parse.report import Report, shown, suggestion
from policystudio.engine.parse.text import Value
from policystudio.engine.source import Path

_KEYS = tuple(kind.value for kind in PrincipalKind if kind is not PrincipalKind.EVERYONE)
_EVERYONE = "*"

#: The unique id of a user or role: AWS puts it in the place of the ARN of a principal that was deleted.
_UNIQUE_ID = re.compile("A(?:IDA|ROA)[A-Z0-9]{4,124}")
_DOMAIN = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
_CANONICAL_USER = re.compile("[0-9A-Za-z]+")

#: CloudFront's origin access identities are users of an account that is written so.
_CLOUDFRONT = "cloudfront"


def read_principals(value: Value, path: Path, kind: PolicyKind, report: Report) -> tuple[PrincipalEntry, ...]:
    """The entries of a Principal element: ``"*"``, or a map of kinds to one or several names.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if value.type == "string" and value.text == _EVERYONE:
        return (PrincipalEntry(PrincipalKind.EVERYONE, _EVERYONE),)
    if value.type != "object":
        if not value.damaged:
            name = f"{shown(value.text)} is" if value.type == "string" else "this is"
            form = '`"*"`, or a map such as `{"AWS": "arn:aws:iam::123456789012:root"}`'
            report.add("principal", f"{name} not a principal: write {form}", value, path)
        return ()
    entries: list[PrincipalEntry] = []
    for key, names in value.members:
        entries += _entries(key, names, (*path, key.text), kind, report)
    if not entries and not value.damaged and not any(names.damaged for _, names in value.members):
        report.add("empty", "this names no principal: write at least one", value, path)
    return tuple(entries)


def _entries(key: Value, names: Value, path: Path, kind: PolicyKind, report: Report) -> list[PrincipalEntry]:
    if key.text not in _KEYS:
        meant = suggestion(key.text, _KEYS)
        hint = f"did you mean `{meant}`?" if meant else f"write one of {', '.join(f'`{each}`' for each in _KEYS)}"
        report.add("principal", f"unknown kind of principal {shown(key.text)}: {hint}", key, path)
        # The element is not empty: what it names cannot be understood.
        return [PrincipalEntry(PrincipalKind.AWS, "")]
    principal_kind = PrincipalKind(key.text)
    found = [(names, path)]
    if names.type == "array":
        found = [(name, (*path, index)) for index, name in enumerate(names.items)]
    for name, name_path in found:
        if name.damaged:
            continue
        if name.type != "string":
            report.add("type", f"a principal under `{key.text}` must be text or a list of texts", name, name_path)
            continue
        problem = _problem(principal_kind, name.text, kind)
        if problem:
            report.add("principal", problem, name, name_path)
    return [PrincipalEntry(principal_kind, name.text) for name, _ in found]


def _problem(principal_kind: PrincipalKind, name: str, kind: PolicyKind) -> str:
    """What is wrong with one name; empty where nothing is."""
    if kind is PolicyKind.RESOURCE_CONTROL:
        everyone = principal_kind is PrincipalKind.AWS and name == _EVERYONE
        return (
            "" if everyone else 'the principal of a resource control policy is always `"*"`: narrow it by a condition'
        )
    if principal_kind is PrincipalKind.AWS:
        return _aws_problem(name)
    if "*" in name or "?" in name:
        return f"{shown(name)}: wildcards are not allowed under `{principal_kind}`: name the principal"
    if principal_kind is PrincipalKind.SERVICE:
        return "" if _DOMAIN.fullmatch(name) else f"{shown(name)} is not a service: write `sagemaker.amazonaws.com`"
    if principal_kind is PrincipalKind.FEDERATED:
        return _federated_problem(name, kind)
    if kind is PolicyKind.TRUST:
        return "`CanonicalUser` is not allowed in a trust policy: name the account under `AWS`"
    return "" if _CANONICAL_USER.fullmatch(name) else f"{shown(name)} is not a canonical user id"


def _aws_problem(name: str) -> str:
    if name == _EVERYONE or is_account_id(name) or _UNIQUE_ID.fullmatch(name):
        return ""
    if "*" in name or "?" in name:
        return f"{shown(name)}: a wildcard may not be part of a principal: write `*` alone, or narrow it by a condition"
    try:
        arn = Arn.parse(name)
    except ValueError:
        return f"{shown(name)} is not a principal: write an ARN, a 12-digit account id or `*`"
    if not is_account_id(arn.account) and not (arn.account == _CLOUDFRONT and arn.resource.startswith("user/")):
        return f"{shown(name)}: the account of a principal has 12 digits"
    return _arn_problem(name, arn)


def _arn_problem(name: str, arn: Arn) -> str:
    kind, _, rest = arn.resource.partition("/")
    if arn.service == "iam" and (arn.resource == "root" or (kind in ("user", "role") and rest)):
        return ""
    if arn.service == "sts" and kind == "assumed-role" and all(rest.partition("/")):
        return ""
    if arn.service == "sts" and kind == "federated-user" and rest:
        return ""
    if arn.service == "iam" and kind == "group":
        return f"{shown(name)}: a group is not a principal: name its users, or a role"
    if arn.service == "iam" and kind in ("saml-provider", "oidc-provider"):
        return f"{shown(name)} is an identity provider: write it under `Federated`"
    return f"{shown(name)} is not an account, user, role or session"


def _federated_problem(name: str, kind: PolicyKind) -> str:
    if kind is not PolicyKind.TRUST:
        return "`Federated` is allowed in trust policies alone: name the role or the session under `AWS`"
    if _DOMAIN.fullmatch(name):
        return ""
    try:
        arn = Arn.parse(name)
    except ValueError:
        arn = None
    provider = "" if arn is None else arn.resource.partition("/")[0]
    if arn is not None and arn.service == "iam" and provider in ("saml-provider", "oidc-provider"):
        return ""
    return f"{shown(name)} is not an identity provider: write its ARN, or a name such as `accounts.google.com`"
