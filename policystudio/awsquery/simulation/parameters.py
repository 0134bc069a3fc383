"""The parameters that both Simulate operations have, checked beyond what their shapes say."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.errors import invalid_input
from policystudio.awsquery.simulation.documents import named_policies, named_policy
from policystudio.awsquery.simulation.entities import Entity
from policystudio.awsquery.simulation.resource_sets import check_resource_set
from policystudio.engine.arn import Arn
from policystudio.engine.document import PolicyKind
from policystudio.engine.request import NamedPolicy

#: Actions times resources of one request. Longer questions are asked in several.
MOST_PAIRS = 10_000

_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9_]+", re.ASCII)


def read_actions(parameters: Parameters) -> list[str]:
    """`ActionNames`, of any service; raises ``InvalidInput`` for a wildcard and for what is no `service:Action`."""
    actions: list[str] = parameters["ActionNames"]
    if not actions:
        raise invalid_input("ActionNames must hold at least one action.")
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise invalid_input(f"Invalid Action Name: {action} is not of the form service:Action, without wildcards.")
    return actions


def read_resources(parameters: Parameters, actions: Sequence[str]) -> list[str]:
    """`ResourceArns`, each once; `*` without any. Raises ``InvalidInput``."""
    resources = list(dict.fromkeys(parameters.get("ResourceArns") or ["*"]))
    for resource in resources:
        try:
            if resource != "*":
                Arn.parse(resource)
        except ValueError:
            raise invalid_input(f"Invalid Resource ARN: {resource} is neither an ARN nor *.") from None
    pairs = len(actions) * len(resources)
    if pairs > MOST_PAIRS:
        raise invalid_input(
            f"{len(actions)} ActionNames on {len(resources)} ResourceArns are {pairs} simulations, "
            f"at most {MOST_PAIRS} are made for one request."
        )
    if "ResourceHandlingOption" in parameters:
        check_resource_set(parameters["ResourceHandlingOption"], resources)
    return resources


def read_boundary(parameters: Parameters) -> NamedPolicy | None:
    """The one document of `PermissionsBoundaryPolicyInputList`; raises ``InvalidInput`` for more."""
    name = "PermissionsBoundaryPolicyInputList"
    texts = parameters.get(name) or []
    if len(texts) > 1:
        raise invalid_input(f"{name} takes one policy: an entity has one permissions boundary.")
    return next(iter(named_policies(texts, name, PolicyKind.IDENTITY)), None)


def read_resource_policy(parameters: Parameters, caller: Entity | None, resources: Sequence[str]) -> NamedPolicy | None:
    """`ResourcePolicy`. It needs a caller who is an IAM user, and is not simulated for roles."""
    text = parameters.get("ResourcePolicy")
    if text is None:
        return None
    if caller is None:
        raise invalid_input("Invalid caller - CallerArn is required if a ResourcePolicy is given.")
    if caller.kind != "user":
        raise invalid_input("Invalid caller - Caller must be an IAM user in this context.")
    for resource in resources:
        if resource != "*" and (arn := Arn.parse(resource)).service == "iam" and arn.resource.startswith("role/"):
            raise invalid_input(f"A ResourcePolicy cannot be simulated for the IAM role {resource}.")
    return named_policy(text, "ResourcePolicy", PolicyKind.RESOURCE)


def documents_in(parameters: Parameters) -> list[str]:
    """Every policy document among the parameters."""
    return list(_documents(parameters))


def _documents(parameters: Parameters) -> Iterator[str]:
    for name in ("PolicyInputList", "PermissionsBoundaryPolicyInputList"):
        yield from parameters.get(name) or ()
    for level in parameters.get("OrderedOrganizationPolicyInputList") or ():
        yield from level_of(level)
    if "ResourcePolicy" in parameters:
        yield parameters["ResourcePolicy"]


def level_of(level: Any) -> list[str]:
    """The documents of one level of an organization; none where it names none."""
    found: list[str] = level.get("ServiceControlPolicyInputList") or []
    return found
