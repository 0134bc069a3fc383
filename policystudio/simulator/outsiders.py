"""Whom trust policies let in beside the identities of known accounts: services, providers, and other accounts."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from policystudio.engine.authorize import principal_facts
from policystudio.engine.document import PrincipalEntry
from policystudio.engine.exact.facts import Facts
from policystudio.engine.match import is_everyone
from policystudio.engine.request import Principal, PrincipalType

Values = tuple[str, ...]
OUTSIDER_KINDS = ("service", "federated", "session", "account", "everyone", "unread")
#: Stands for the accounts that nobody named.
EVERYONE = "*"
#: Before the ARN of a role: whoever it trusts.
UNREAD = "trusted-by:"
_UNKNOWN = "the policies of its own account, which are not known here, allow it"
#: An account that nobody has: stands for any that is not known.
_SOME_ACCOUNT = "000000000000"


@dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody whom a trust policy names. ``condition`` says in words what would have to be so besides.

    ``kind`` is service, federated, session (one of a role of a known account), account, everyone, or unread: whoever
    a trust policy names that could not be read.
    """

    arn: str
    kind: str
    name: str
    account: str
    principal: Principal | None
    condition: str = ""

    def facts(self, owner: str, context: Mapping[str, Values]) -> Facts:
        """What is known of every request of theirs for a role of the account ``owner``; ``context`` wins."""
        known: dict[str, Values] = {"aws:resourceaccount": (owner,)}
        if self.principal is not None and self.kind not in ("everyone", "account"):
            known = dict(principal_facts(self.principal, owner))
            known |= {key: () for key in ("aws:username", "aws:principalarn") if key not in known}
        elif self.principal is not None and self.kind == "account":
            known |= {"aws:principalaccount": (self.account,), "aws:principalisawsservice": ("false",)}
            if not self.principal.arn.endswith(":root"):
                known["aws:principalarn"] = (self.principal.role_arn or self.principal.arn,)
        return Facts(known | {key.lower(): values for key, values in context.items()})


def outsiders_of(entries: Iterable[PrincipalEntry], known: Collection[str]) -> Iterator[Outsider]:
    """Those that the entries name and that are no identities of the ``known`` accounts."""
    for entry in dict.fromkeys(entries):
        if is_everyone(entry):
            arn = f"arn:aws:iam::{_SOME_ACCOUNT}:root"
            anybody = Principal(PrincipalType.USER, arn, _SOME_ACCOUNT, "aws")
            yield Outsider(EVERYONE, "everyone", "anyone in any other account", "", anybody, _UNKNOWN)
            continue
        try:
            principal = Principal.parse(entry.value)
        except ValueError:
            continue
        found = _outsider(entry.value, principal, known)
        if found is not None:
            yield found


def _outsider(written: str, principal: Principal, known: Collection[str]) -> Outsider | None:
    if principal.type is PrincipalType.SERVICE:
        return Outsider(written, "service", written, "", principal)
    if principal.type is PrincipalType.FEDERATED:
        return Outsider(written, "federated", _provider(written), principal.account, principal)
    if principal.account in known:
        return None  # Asked as the identity that it is, or as a session of one.
    if principal.type is PrincipalType.ROOT_USER:
        # Not the root user, who cannot assume roles: whoever the account lets.
        anybody = Principal(PrincipalType.USER, principal.arn, principal.account, principal.partition)
        return Outsider(principal.arn, "account", f"account {principal.account}", principal.account, anybody, _UNKNOWN)
    name = f"{principal.arn.rpartition(':')[2]} of account {principal.account}"
    return Outsider(written, "account", name, principal.account, principal, _UNKNOWN)


def _provider(written: str) -> str:
    return written.rpartition("-provider/")[2] or written


def action_of(principal: Principal) -> str:
    """The action by which a principal assumes roles."""
    if principal.type is not PrincipalType.FEDERATED:
        return "sts:AssumeRole"
    return "sts:AssumeRoleWithSAML" if ":saml-provider/" in principal.arn else "sts:AssumeRoleWithWebIdentity"
