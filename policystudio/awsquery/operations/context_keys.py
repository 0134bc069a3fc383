"""`GetContextKeysForCustomPolicy` and `GetContextKeysForPrincipalPolicy`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.finding import reading
from policystudio.awsquery.simulation.documents import named_policies, refuse_long_documents
from policystudio.awsquery.simulation.entities import entity_of
from policystudio.awsquery.simulation.exclusions import Exclusions
from policystudio.awsquery.simulation.parameters import documents_in
from policystudio.awsquery.simulation.subjects import entity_get
from policystudio.engine import variables
from policystudio.engine.conditions import keys_read
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.request import NamedPolicy


@reading("GetContextKeysForCustomPolicy")
def get_context_keys_for_custom_policy(_caller: Caller, parameters: Parameters) -> Mapping[str, Any]:
    """The keys that the policies of the request read."""
    return _answer(_given(parameters))


@reading("GetContextKeysForPrincipalPolicy")
def get_context_keys_for_principal_policy(caller: Caller, parameters: Parameters) -> Mapping[str, Any]:
    """The keys that the policies of a user, group or role read; those of its permissions boundary too."""
    added = _given(parameters)
    known = entity_get(caller.account, entity_of(parameters["PolicySourceArn"]))
    # AWS tells nothing of service control policies here.
    stack = known.stack(Exclusions(frozenset({"scp"})), boundary=None, added=added)
    boundary = [stack.permissions_boundary] if stack.permissions_boundary else []
    return _answer((*stack.identity_policies, *boundary))


def _given(parameters: Parameters) -> tuple[NamedPolicy, ...]:
    refuse_long_documents(documents_in(parameters))
    return named_policies(parameters.get("PolicyInputList") or (), "PolicyInputList", PolicyKind.IDENTITY)


def _answer(policies: Iterable[NamedPolicy]) -> Mapping[str, Any]:
    """Each key once, in the spelling and the order in which they are read first."""
    names: dict[str, str] = {}
    for named in policies:
        for name in _keys(named.policy):
            names.setdefault(name.lower(), name)
    return {"ContextKeyNames": list(names.values())}


def _keys(policy: Policy) -> Iterator[str]:
    """The keys in variables of resources, then those of conditions, statement by statement."""
    for statement in policy.statements:
        if policy.has_variables:
            for text in (*statement.resources, *statement.not_resources):
                yield from variables.written_names(text)
        for condition in statement.conditions:
            yield from keys_read(condition, policy.has_variables)
