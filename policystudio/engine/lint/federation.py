"""Identity providers in trust policies: which are of SAML, which of OpenID Connect."""

import re

GITHUB = "token.actions.githubusercontent.com"

_SAML = re.compile(r"arn:[a-z-]+:iam::\d{12}:saml-provider/[\w+=,.@-]+")
_OIDC = re.compile(r"arn:[a-z-]+:iam::\d{12}:oidc-provider/(?P<name>\S+)")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")


def is_saml(principal: str) -> bool:
    """Whether this is the ARN of a SAML provider."""
    return bool(_SAML.fullmatch(principal))


def oidc_name(principal: str) -> str:
    """The name that the keys of an OpenID Connect provider begin with; empty for what is none."""
    match = _OIDC.fullmatch(principal)
    if match:
        return match["name"]
    return principal if _DOMAIN.fullmatch(principal) else ""
