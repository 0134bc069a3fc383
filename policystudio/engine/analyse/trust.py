"""What a change of a trust policy, or of the resource control policies around it, changes: who may assume the role.

Whoever the policies can tell apart is asked about: those they name, somebody of each account that they name and of one
that they do not, of each identity provider. What their own policies say plays no part.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from policystudio.engine.analyse.comparison import Change, Comparison, Witness
from policystudio.engine.analyse.insiders import SHARED_PROVIDERS, accounts_named, outsider_accounts, providers_read
from policystudio.engine.analyse.public import ALLOW_ALL
from policystudio.engine.authorize import authorize, principal_facts
from policystudio.engine.catalog.types import ConditionKey, ConditionKeys, KeyType
from policystudio.engine.decision import Verdict
from policystudio.engine.document import Condition, Effect, Policy, PrincipalKind, Quantifier, Statement
from policystudio.engine.evaluate import written_keys
from policystudio.engine.exact.facts import Facts
from policystudio.engine.exact.search import Doubt, Goal, search
from policystudio.engine.exact.signatures import TooLarge
from policystudio.engine.exact.terms import Place, Side, TermBuilder
from policystudio.engine.match import action_matches, is_everyone, principal_matches
from policystudio.engine.request import Context, Levels, NamedPolicy, PolicyStack, Principal, PrincipalType, Request

_ASSUME = "sts:AssumeRole"
_FURTHER = ("sts:TagSession", "sts:SetSourceIdentity")
_ARN = "aws:principalarn"
#: Keys that only requests of AWS services have, and those that only principals of an account have.
_OF_SERVICES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner")
_OF_ACCOUNTS = (
    "aws:principalaccount",
    _ARN,
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
)
_SENT = ("aws:", "sts:", "iam:resourcetag/")


@dataclass(frozen=True, slots=True)
class Entrance(Witness):
    """A request by which somebody, the ``principal``, assumes a role."""

    principal: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a role: resource control policies by level (None: none apply) before and after.

    ``known`` are context keys, in lower case, that all callers of an account have with these values, by its number;
    with "" those of every request.
    """

    role: str = ""
    before: Levels | None = None
    after: Levels | None = None
    known: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All of them, each once."""
        found = (named.policy for levels in (self.before, self.after) for level in levels or () for named in level)
        return tuple({id(policy): policy for policy in found}.values())


_NOTHING = Around()


@dataclass(frozen=True, slots=True)
class _Caller:
    """One of those who are told apart, or ``anybody`` of an account but those who are ``named`` by ARN."""

    principal: Principal
    actions: tuple[str, ...]
    provider: str = ""
    anybody: bool = False
    named: tuple[str, ...] = ()

    def facts(self, account: str) -> Facts:
        """What is known of the requests; of anybody the name is free."""
        known: dict[str, tuple[str, ...]] = {}
        kind = self.principal.type
        if kind is not PrincipalType.SERVICE:
            known |= dict.fromkeys((*_OF_SERVICES, "aws:principalservicename", "aws:principalservicenameslist"), ())
        if not self.principal.account or kind is PrincipalType.FEDERATED:
            known |= dict.fromkeys(_OF_ACCOUNTS, ())
        elif kind is not PrincipalType.USER:
            known |= {"aws:username": ()}
        known |= principal_facts(self.principal, account)
        for key in (_ARN, "aws:username") if self.anybody else ():
            if known.get(key):
                del known[key]
        return Facts(known)

    def sends(self, key: str) -> bool:
        """Whether the requests may have the key (in lower case)."""
        own = self.provider or ("saml" if self.principal.type is PrincipalType.FEDERATED else "")
        return key.startswith(_SENT) or bool(own and key.startswith(f"{own}:"))

    def limits(self) -> Iterator[Condition]:
        """Conditions that hold for no request of anybody of the account, about the ARN."""
        if self.anybody:
            kind = "user" if self.principal.type is PrincipalType.USER else "role"
            form = f"arn:{self.principal.partition}:iam::{self.principal.account}:{kind}/?*"
            yield Condition(Quantifier.NONE, "StringNotLike", False, _ARN, (form,))
            if self.named:
                yield Condition(Quantifier.NONE, "StringEquals", False, _ARN, self.named)


def compare_trust(
    before: Policy, after: Policy, account: str, keys: ConditionKeys, around: Around = _NOTHING
) -> Comparison:
    """Who may assume a role of ``account`` after a change of its trust policy that could not before, and the reverse.

    A change of the resource control policies ``around`` it is compared with it. The requests of the answer are of
    ``Entrance``: they name who asks.
    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html
    """
    asked = _Asked(before, after, account, keys, around)
    found: dict[bool, dict[str, Entrance]] = {True: {}, False: {}}
    doubts: dict[bool, dict[str, str]] = {True: {}, False: {}}
    for caller in _callers((before, after), around.policies, account, asked.partition):
        for action, new in product(caller.actions, (True, False)):
            if action in found[new]:
                continue
            try:
                entrance = asked.difference(caller, action, new=new)
            except TooLarge:
                doubts[new].setdefault(action, "its conditions meet in too many ways")
            except Doubt as doubt:
                doubts[new].setdefault(action, str(doubt))
            else:
                found[new] |= {action: entrance} if entrance else {}
    return _comparison(found, doubts)


def _comparison(found: Mapping[bool, Mapping[str, Entrance]], doubts: Mapping[bool, Mapping[str, str]]) -> Comparison:
    """The answer, by action."""
    changes = []
    for action in sorted({*found[True], *found[False], *doubts[True], *doubts[False]}):
        requests = [found[new].get(action) for new in (True, False)]
        reasons = [doubts[new].get(action, "") for new, known in zip((True, False), requests, strict=True) if not known]
        changes.append(Change(action, "role", requests[0], requests[1], next(filter(None, reasons), "")))
    claims = [False if found[new] else None if doubts[new] else True for new in (True, False)]
    undecided = [
        reason
        for new, claim in zip((True, False), claims, strict=True)
        if claim is None
        for reason in doubts[new].values()
    ]
    newly = [next(iter(found[new].values()), None) for new in (True, False)]
    return Comparison(claims[0], claims[1], newly[0], newly[1], tuple(changes), next(iter(undecided), ""))


def _callers(trusts: tuple[Policy, ...], around: tuple[Policy, ...], account: str, partition: str) -> Iterator[_Caller]:
    """Everybody whom the policies can tell apart; those ``around`` let nobody in whom the trust policies do not."""
    policies = (*trusts, *around)
    entries = dict.fromkeys(
        entry for policy in trusts for statement in policy.statements for entry in statement.principals
    )
    named = tuple(entry.value for entry in entries if re.match(r"arn:[^:]*:iam::[0-9]{12}:(user|role)/", entry.value))
    everyone = any(is_everyone(entry) for entry in entries)
    numbers = dict.fromkeys(sorted(number for policy in policies for number in accounts_named(policy)))
    if everyone:
        numbers |= dict.fromkeys([account])
        # A fresh number must be named on neither side.
        fresh = (number for policy in policies for number in outsider_accounts(policy, account, others=policies))
        numbers |= dict.fromkeys(fresh)
    for number in numbers:
        for kind in ("role", "user"):
            principal = Principal.parse(f"arn:{partition}:iam::{number}:{kind}/somebody")
            yield _Caller(principal, (_ASSUME, *_FURTHER), anybody=True, named=named)
    providers = [name for name, provider in SHARED_PROVIDERS.items() if everyone and provider.built_in]
    if everyone:
        providers += [*providers_read(policies), f"arn:{partition}:iam::{account}:saml-provider/example"]
    for entry in entries:
        if entry.kind is PrincipalKind.FEDERATED:
            providers.append(entry.value)
        elif entry.value.split(":", 5)[3:5] == ["", "cloudfront"]:
            continue  # an identity of CloudFront reads buckets and assumes no role
        elif entry.kind is PrincipalKind.SERVICE or (entry.kind is PrincipalKind.AWS and ":" in entry.value):
            principal = Principal.parse(entry.value)
            if principal.type is not PrincipalType.ROOT_USER:
                yield _Caller(principal, (_ASSUME, *_FURTHER))
    if everyone:
        yield _Caller(Principal.parse("ec2.amazonaws.com"), (_ASSUME, *_FURTHER))
    for value in dict.fromkeys(providers):
        saml = ":saml-provider/" in value
        action = "sts:AssumeRoleWithSAML" if saml else "sts:AssumeRoleWithWebIdentity"
        name = "" if saml else value.rpartition(":oidc-provider/")[2].lower()
        yield _Caller(Principal.parse(value), (action, *_FURTHER), name)


class _Asked:
    """Two trust policies, to which the requests of the same callers are put."""

    def __init__(self, before: Policy, after: Policy, account: str, keys: ConditionKeys, around: Around) -> None:
        self.policies, self.around = {False: before, True: after}, around
        self.levels = {False: around.before, True: around.after}
        self.account, self.keys = account, keys
        texts = f"{before.text} {after.text}"
        found = re.search(r'"arn:(aws[a-z-]*):', texts)
        self.partition = found[1] if found else "aws"
        self.role = around.role or f"arn:{self.partition}:iam::{account}:role/example"
        self.spellings = {
            name.lower(): name
            for policy in (before, after, *around.policies)
            for statement in policy.statements
            for name in written_keys(policy, statement)
        }

    def difference(self, caller: _Caller, action: str, *, new: bool) -> Entrance | None:
        """A request of the caller that one side allows and the other does not; raises ``TooLarge`` or ``Doubt``."""
        given = {**self.around.known.get("", {}), **self.around.known.get(caller.principal.account, {})}
        facts, keys = caller.facts(self.account), self.known_keys(caller)
        facts = replace(facts, known={**given, **facts.known})

        def is_free(key: str) -> bool:
            return not facts.knows(key) and caller.sends(key)

        builder, place = TermBuilder(facts, keys, is_free), Place((self.role,))
        allowing, other = (self.side(after, caller, action, builder, place) for after in (new, not new))
        if not all(allowing.groups) or allowing == other:
            return None
        found = search([Goal(allowing, allowed=True), Goal(other, allowed=False)], place, builder)
        if found is None:
            return None
        context = {self.spellings.get(key, key): values for key, values in found.contexts[0].items() if values}
        context |= {
            self.spellings[key]: facts.known[key] for key in given if key in self.spellings and facts.known[key]
        }
        return self.confirmed(caller, action, context, new=new)

    def side(self, after: bool, caller: _Caller, action: str, builder: TermBuilder, place: Place) -> Side:
        policy = self.policies[after]
        facing = [item for item in policy.statements if _faces(item, caller.principal, action)]
        allows = [(item, policy.has_variables) for item in facing if item.effect is Effect.ALLOW]
        denies = [(item, policy.has_variables) for item in facing if item.effect is Effect.DENY]
        # Nobody else is asked about; on both sides alike, so that only requests that can be are found.
        if _ARN in self.spellings and allows:
            denies += [(_limit(allows[0][0], condition), True) for condition in caller.limits()]
        groups = [allows]
        for level in self.levels_for(caller, after=after):
            facing_level = [
                (item, named.policy.has_variables, item.effect)
                for named in level
                for item in named.policy.statements
                if _faces(item, caller.principal, action)
            ]
            denies += [(item, modern) for item, modern, effect in facing_level if effect is Effect.DENY]
            groups.append([(item, modern) for item, modern, effect in facing_level if effect is Effect.ALLOW])
        return builder.side(denies, groups, [tuple(range(len(groups)))], place)

    def levels_for(self, caller: _Caller, *, after: bool) -> Levels:
        """The resource control policies that reach the caller: they spare service-linked roles."""
        return () if caller.principal.service_linked else self.levels[after] or ()

    def known_keys(self, caller: _Caller) -> ConditionKeys:
        """The condition keys with the claims of the caller's provider that the policies read: each is one text."""
        head = f"{caller.provider}:"
        unknown = [key for key in self.spellings if key.startswith(head) and self.keys.get(key) is None]
        if not caller.provider or not unknown:
            return self.keys
        return ConditionKeys((*self.keys.keys, *(ConditionKey(key, KeyType.STRING, False) for key in unknown)))

    def confirmed(self, caller: _Caller, action: str, context: Mapping[str, tuple[str, ...]], *, new: bool) -> Entrance:
        """The request, if the plain evaluation says of both sides what the search says."""
        principal = caller.principal
        arn = next((values[0] for key, values in context.items() if key.lower() == _ARN and values), "")
        if caller.anybody and arn:
            principal = Principal.parse(arn)
        rest = {key: values for key, values in context.items() if key.lower() != _ARN or not caller.anybody}
        request = Request(principal, action, self.role, self.account, Context(rest))
        for after, allowed in ((new, True), (not new, False)):
            trust = NamedPolicy("trust policy", self.policies[after], self.role)
            own = (ALLOW_ALL,) if principal.account else ()
            stack = PolicyStack(own, resource_control_policies=self.levels[after], resource_policy=trust)
            verdict = authorize(stack, request, self.keys).verdict
            if (verdict is Verdict.ALLOWED) is not allowed:
                raise Doubt("a request was found that could not be confirmed")
        return Entrance(action, self.role, rest, principal.arn)


def _faces(statement: Statement, principal: Principal, action: str) -> bool:
    """Whether the statement is about the principal and the action."""
    patterns = statement.actions or statement.not_actions
    if any(action_matches(pattern, action) for pattern in patterns) is bool(statement.not_actions):
        return False
    return bool(principal_matches(statement.principals, principal))


def _limit(model: Statement, condition: Condition) -> Statement:
    return replace(model, effect=Effect.DENY, conditions=(condition,), resources=(), not_resources=())
