"""The settings of single sign-on by OpenID Connect, read strictly; without them nothing of it is loaded."""

import importlib.util
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from policystudio.lib.environment import Environment

ROLES = ("viewer", "author", "approver", "administrator")
PROVIDER = "sso"
_TARGET = re.compile(r"[0-9]{12}|o-[a-z0-9]{10,32}", re.ASCII)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class GroupRole:
    """The role that a group at the identity provider has in an account (12 digits) or organization (`o-…`)."""

    group: str
    role: str
    target: str


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """An identity provider, and what its groups may do here."""

    issuer: str
    client_id: str
    secret: str
    groups_claim: str
    roles: tuple[GroupRole, ...]

    def providers(self) -> dict[str, Any]:
        """django-allauth's description of it: the code flow with PKCE."""
        app = {
            "provider_id": PROVIDER,
            "name": "single sign-on",
            "client_id": self.client_id,
            "secret": self.secret,
            "settings": {"server_url": self.issuer.rstrip("/"), "fetch_userinfo": True},
        }
        return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def read_oidc(
    env: Environment, *, issuer: str, client_id: str, secret: str, claim: str, roles: list[str], production: bool
) -> OidcSettings | None:
    """What the variables say; None where none of them is set. What is wrong is noted in ``env.problems``."""
    needed = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": client_id, "OIDC_CLIENT_SECRET": secret}
    if not any((*needed.values(), claim, roles)):
        return None
    missing = [name for name, value in needed.items() if not value]
    env.problems += [f"{name} is missing: single sign-on needs {', '.join(needed)}" for name in missing]
    if issuer and not _is_fine(issuer, production=production):
        env.problems.append("OIDC_ISSUER is no address of an identity provider: write https://… without query")
    if importlib.util.find_spec("allauth") is None:
        env.problems.append("OIDC_ISSUER needs packages that are not there: pip install -r requirements-oidc.txt")
    return OidcSettings(
        issuer=issuer,
        client_id=client_id,
        secret=secret,
        groups_claim=claim or "groups",
        roles=tuple(_roles(env, roles)),
    )


def _is_fine(issuer: str, *, production: bool) -> bool:
    try:
        parts = urlsplit(issuer)
        local = parts.scheme == "http" and parts.hostname in _LOOPBACK and not production
        return (parts.scheme == "https" or local) and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        return False


def _roles(env: Environment, items: list[str]) -> list[GroupRole]:
    """`group=role@target`, with commas between them."""
    found = []
    for item in items:
        group, _, given = item.rpartition("=")
        role, _, target = given.partition("@")
        if not group or role not in ROLES or not _TARGET.fullmatch(target):
            env.problems.append(
                f"OIDC_ROLES holds `{item}`: write group=role@target, a role of {', '.join(ROLES)}, and as target the "
                "12 digits of an account or the id of an organization"
            )
        found.append(GroupRole(group, role, target))
    return found
