"""Is a role open to the public: may somebody assume it whom its trust policy does not mean?

Decided by requests of outsiders. What the policy names concretely (an account, an organization, a VPC endpoint, the
repository of a web identity) belongs to insiders; an outsider has anything else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from policystudio.engine.analyse.comparison import Witness
from policystudio.engine.analyse.insiders import (
    SHARED_PROVIDERS,
    in_one_case,
    never_of_outsiders,
    outsider_accounts,
    outsider_names,
    providers_read,
)
from policystudio.engine.authorize import authorize, principal_facts
from policystudio.engine.catalog.types import ConditionKey, ConditionKeys, KeyType
from policystudio.engine.decision import Verdict
from policystudio.engine.document import Condition, Effect, Policy, PolicyKind, PrincipalKind, Statement
from policystudio.engine.evaluate import written_keys
from policystudio.engine.exact.facts import Facts
from policystudio.engine.exact.search import Doubt, Goal, search
from policystudio.engine.exact.signatures import TooLarge
from policystudio.engine.exact.terms import Place, TermBuilder
from policystudio.engine.match import action_matches, is_everyone, principal_matches
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, PrincipalType, Request

_ASSUME, _WEB = "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"
_ROLE = "example"
#: The organization of the role's account, which no outsider is in.
_OWNER = "o-ownerorganization"
#: Keys that only requests of AWS services have: an outsider's are without them.
_OF_SERVICES = (
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:principalservicename",
    "aws:principalservicenameslist",
)
#: Keys of principals that belong to an account, which a web identity does not.
_OF_ACCOUNTS = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
)
#: Keys of STS itself and of the role's tags; other services' keys are not sent with these actions.
_SENT = ("aws:", "sts:", "iam:resourcetag/")
#: What lets a caller ask for anything, so that the trust policy alone decides.
ALLOW_ALL = NamedPolicy(
    "the caller's own",
    parse_policy('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}', PolicyKind.IDENTITY),
)


@dataclass(frozen=True, slots=True)
class Public:
    """Whether a trust policy lets outsiders in, with one of them and the request by which they get in.

    ``public`` is None where it could not be decided; ``undecided`` says why.
    """

    public: bool | None
    principal: str = ""
    witness: Witness | None = None
    undecided: str = ""


@dataclass(frozen=True, slots=True)
class _Outsider:
    """Somebody who is not meant, and how they would assume the role."""

    principal: Principal
    action: str
    provider: str = ""

    def facts(self, account: str) -> Facts:
        """What is known of their requests."""
        owner: Mapping[str, tuple[str, ...]] = {
            "aws:resourceorgid": (_OWNER,),
            "aws:resourceorgpaths": (f"{_OWNER}/r-root/",),
        }
        absent: dict[str, tuple[str, ...]] = dict.fromkeys(_OF_SERVICES, ())
        if self.provider:  # not a principal of any account
            absent |= dict.fromkeys(_OF_ACCOUNTS, ())
        elif self.principal.type is not PrincipalType.USER:
            absent |= {"aws:username": ()}
        return Facts({**absent, **owner, **principal_facts(self.principal, account)})

    def sends(self, key: str) -> bool:
        """Whether their requests may have the key (in lower case)."""
        return key.startswith(_SENT) or bool(self.provider and key.startswith(f"{self.provider}:"))


def no_public_access(trust: Policy, account: str, keys: ConditionKeys) -> Public:
    """Whether outsiders may assume a role of ``account`` that has this trust policy.

    The question of AWS's CheckNoPublicAccess. Services are not the public, nor are those who sign in with a private
    identity provider or a SAML provider: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html
    """
    partition = _partition_of(trust)
    asked = _Asked(trust, account, f"arn:{partition}:iam::{account}:role/{_ROLE}", keys)
    doubts: dict[str, None] = {}
    for outsider in _outsiders(trust, account, partition):
        try:
            found = asked.request_of(outsider)
        except TooLarge:
            doubts["its conditions meet in too many ways"] = None
        except Doubt as doubt:
            doubts[str(doubt)] = None
        else:
            if found is not None:
                return Public(True, outsider.principal.arn, found)
    if doubts:
        return Public(None, undecided="; ".join(doubts))
    return Public(False)


def _outsiders(trust: Policy, account: str, partition: str) -> Iterator[_Outsider]:
    """Those who could be let in: of a foreign account under each name that matters, and of each shared provider."""
    allows = [statement for statement in trust.statements if statement.effect is Effect.ALLOW]
    entries = [entry for statement in allows for entry in statement.principals]
    everyone = any(is_everyone(entry) for entry in entries)
    if everyone:
        for number in outsider_accounts(trust, account):
            for name in outsider_names(trust):
                yield _Outsider(Principal.parse(f"arn:{partition}:iam::{number}:{name}"), _ASSUME)
    named = {entry.value.rpartition(":oidc-provider/")[2] for entry in entries if entry.kind is PrincipalKind.FEDERATED}
    named |= set(providers_read([trust])) if everyone else set()
    for name, provider in SHARED_PROVIDERS.items():
        if name in named or (everyone and provider.built_in):
            yield _Outsider(Principal.parse(name), _WEB, name)


def _partition_of(trust: Policy) -> str:
    """The partition of the ARNs that the policy names."""
    found = re.search(r'"arn:(aws[a-z-]*):', trust.text)
    return found[1] if found else "aws"


class _Asked:
    """One trust policy, to which the requests of outsiders are put."""

    def __init__(self, trust: Policy, account: str, role: str, keys: ConditionKeys) -> None:
        self.trust, self.account, self.role, self.keys = trust, account, role, keys
        self.spellings = {
            name.lower(): name for statement in trust.statements for name in written_keys(trust, statement)
        }

    def request_of(self, outsider: _Outsider) -> Witness | None:
        """A request by which the outsider assumes the role; raises ``TooLarge`` or ``Doubt`` where that is not told."""
        facing = [_plain(item, outsider.provider) for item in self.trust.statements if _faces(item, outsider)]
        allows = [statement for statement in facing if statement.effect is Effect.ALLOW]
        if not allows:
            return None
        facts = outsider.facts(self.account)
        keys = _with_claims(self.keys, self.spellings, outsider)

        def is_free(key: str) -> bool:
            return not facts.knows(key) and outsider.sends(key)

        builder = TermBuilder(facts, keys, is_free)
        modern, place = self.trust.has_variables, Place((self.role,))
        denies = [(statement, modern) for statement in facing if statement.effect is Effect.DENY]
        conditions = never_of_outsiders(self.trust, _OWNER, outsider.provider)
        denies += [(_never(allows[0], condition), True) for condition in conditions]
        side = builder.side(denies, [[(statement, modern) for statement in allows]], [(0,)], place)
        found = search([Goal(side, allowed=True)], place, builder)
        if found is None:
            return None
        return self.confirmed(outsider, self.context(facts, found.contexts[0]), keys)

    def context(self, facts: Facts, found: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """The context of a request, with the keys as the policy spells them: those found, and the owner's if read."""
        read = {key: values for key, values in facts.known.items() if key in self.spellings and "resourceorg" in key}
        given = {key: values for key, values in found.items() if values}
        return {self.spellings.get(key, key): values for key, values in sorted({**read, **given}.items())}

    def confirmed(self, outsider: _Outsider, context: Mapping[str, tuple[str, ...]], keys: ConditionKeys) -> Witness:
        """The request, if the plain evaluation allows it too."""
        stack = PolicyStack((ALLOW_ALL,), resource_policy=NamedPolicy("trust policy", self.trust, self.role))
        request = Request(outsider.principal, outsider.action, self.role, self.account, Context(context))
        if authorize(stack, request, keys).verdict is not Verdict.ALLOWED:
            raise Doubt("a request was found that could not be confirmed")
        return Witness(outsider.action, self.role, context)


def _faces(statement: Statement, outsider: _Outsider) -> bool:
    """Whether the statement is about the outsider and about what they ask for."""
    patterns = statement.actions or statement.not_actions
    if any(action_matches(pattern, outsider.action) for pattern in patterns) is bool(statement.not_actions):
        return False
    return bool(principal_matches(statement.principals, outsider.principal))  # trust policies have no NotPrincipal


def _plain(statement: Statement, provider: str) -> Statement:
    return replace(statement, conditions=tuple(in_one_case(item, provider) for item in statement.conditions))


def _never(model: Statement, condition: Condition) -> Statement:
    """A statement by which no request of an outsider fulfils the condition."""
    return replace(model, effect=Effect.DENY, conditions=(condition,), resources=(), not_resources=())


def _with_claims(keys: ConditionKeys, spellings: Iterable[str], outsider: _Outsider) -> ConditionKeys:
    """The condition keys with the claims of the provider that the policy reads: each is one text."""
    head = f"{outsider.provider}:"
    unknown = [key for key in spellings if outsider.provider and key.startswith(head) and keys.get(key) is None]
    if not unknown:
        return keys
    return ConditionKeys((*keys.keys, *(ConditionKey(key, KeyType.STRING, False) for key in unknown)))
