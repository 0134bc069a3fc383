"""Concrete requests of stored identities, put to the plain decision: an oracle for whatever answers about many."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import organization_levels
from policystudio.engine.authorize import TRUST_ACTIONS, authorize
from policystudio.engine.decision import Verdict
from policystudio.engine.document import Effect, PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, Levels, NamedPolicy, PolicyStack, Principal, Request
from policystudio.identities.models import Identity
from policystudio.simulator.holdings import RCP_SERVICES
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.selectors import concrete_request, condition_keys, subject_reader
from policystudio.simulator.stacks import Subject, SubjectReader, bearers

Json = dict[str, Any]
Values = Mapping[str, tuple[str, ...]]


def allow(action: Any, resource: Any = "*", **condition: Any) -> Json:
    """An Allow statement."""
    return {
        "Effect": "Allow",
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


def deny(action: Any, resource: Any = "*", **condition: Any) -> Json:
    """A Deny statement."""
    return {**allow(action, resource, **condition), "Effect": "Deny"}


def trust(principal: Any, action: Any = "sts:AssumeRole", effect: str = "Allow", **condition: Any) -> Json:
    """A statement of a trust policy."""
    found = {"Effect": effect, "Principal": principal, "Action": action}
    return {**found, **({"Condition": condition} if condition else {})}


def document(*statements: Json, version: str = "2012-10-17") -> Json:
    """A policy of these statements."""
    return {"Version": version, "Statement": list(statements)}


@dataclass
class Stored:
    """All stored accounts, read once."""

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """The accounts by number."""
        return {one.number: one for one in Account.objects.select_related("unit__organization")}

    @cached_property
    def readers(self) -> dict[str, SubjectReader]:
        """What reads the identities of each account."""
        return {number: subject_reader(account, Question()) for number, account in self.accounts.items()}

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        """Every identity, root users too, by ARN."""
        found = {}
        for number, account in self.accounts.items():
            rows = bearers(account, IdentityFilter())
            found |= {one.bearer.arn: one for one in self.readers[number].subjects(rows)}
        return found

    @cached_property
    def trusts(self) -> dict[str, NamedPolicy]:
        """The trust policies of all roles."""
        roles = Identity.objects.filter(kind="role", trust_document__isnull=False).select_related("trust_document")
        texts = {role.arn: role.trust_document.text for role in roles if role.trust_document}
        return {arn: NamedPolicy("trust", parse_policy(text, PolicyKind.TRUST)) for arn, text in texts.items()}

    @cached_property
    def resource_levels(self) -> dict[str, Levels | None]:
        """The resource control policies around each account's resources."""
        return {number: self._levels(account) for number, account in self.accounts.items()}

    @staticmethod
    def _levels(account: Account) -> Levels | None:
        levels = organization_levels(account, "rcp")
        kind = PolicyKind.RESOURCE_CONTROL
        return levels and tuple(
            tuple(NamedPolicy(one.name, parse_policy(one.text, kind)) for one in level.policies) for level in levels
        )

    def decide(
        self,
        arn: str,
        action: str,
        resource: str,
        context: Values,
        *,
        session: str = "",
        owner: str = "",
        policy: NamedPolicy | None = None,
        denies: bool = True,
    ) -> Verdict:
        """The plain decision; ``session`` names a session of the role, ``owner`` who owns a resource whose ARN does not
        say, ``policy`` is the resource's own. Without ``denies`` every Deny statement is left out."""
        subject = self.subjects[arn]
        number = arn.split(":")[4]
        owner = owner or (resource.split(":")[4] if resource != "*" else "") or number
        request = concrete_request(self.readers[number], subject, action, resource, context)
        if session:
            name = subject.bearer.name
            principal = replace(request.principal, arn=f"arn:aws:sts::{number}:assumed-role/{name}/{session}")
            request = replace(request, principal=principal)
        request = replace(
            request, resource_account=owner, resource_in_management_account=self.accounts[owner].is_management
        )
        facts = {} if owner == number else {"aws:resourceaccount": (owner,), **self._organization_of(owner)}
        given = {key.lower() for key in context}
        known = {**request.context, **{key: values for key, values in facts.items() if key not in given}}
        trusts = action.lower() in TRUST_ACTIONS
        stack = replace(
            subject.row.stack,
            resource_control_policies=self.resource_levels[owner] if _is_reached(action) else None,
            resource_policy=self.trusts.get(resource) if trusts else policy,
        )
        stack = stack if denies else _without_denies(stack)
        return authorize(stack, replace(request, context=Context(known)), condition_keys()).verdict

    def of_outsider(self, principal: Principal, action: str, role: str, context: Values) -> Verdict:
        """The plain decision about somebody who is in none of the accounts, with all that they need at home."""
        home = NamedPolicy("home", parse_policy(_EVERYTHING, PolicyKind.IDENTITY))
        owner = role.split(":")[4]
        stack = PolicyStack(
            identity_policies=(home,),
            resource_control_policies=self.resource_levels[owner],
            resource_policy=self.trusts[role],
        )
        request = Request(principal, action, role, owner, Context(context), self.accounts[owner].is_management)
        return authorize(stack, request, condition_keys()).verdict

    def _organization_of(self, number: str) -> Values:
        facts = self.readers[number].organization.facts
        return {key: facts[key] for key in ("aws:resourceorgid", "aws:resourceorgpaths") if key in facts}


def _without_denies(stack: PolicyStack) -> PolicyStack:
    def allowing(named: NamedPolicy) -> NamedPolicy:
        kept = tuple(one for one in named.policy.statements if one.effect is Effect.ALLOW)
        return replace(named, policy=replace(named.policy, statements=kept))

    def levels(found: Levels | None) -> Levels | None:
        return found and tuple(tuple(map(allowing, level)) for level in found)

    return replace(
        stack,
        identity_policies=tuple(map(allowing, stack.identity_policies)),
        permissions_boundary=stack.permissions_boundary and allowing(stack.permissions_boundary),
        service_control_policies=levels(stack.service_control_policies),
        resource_control_policies=levels(stack.resource_control_policies),
        resource_policy=stack.resource_policy and allowing(stack.resource_policy),
    )


def _is_reached(action: str) -> bool:
    """Whether resource control policies reach the resources of the action's service."""
    return action.partition(":")[0] in RCP_SERVICES


_EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
