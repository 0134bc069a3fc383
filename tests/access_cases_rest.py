"""More of who gets which answer, over REST above all: see access_cases.py. `EVERY` are the cases of all."""

from collections.abc import Mapping
from typing import Any

from tests.access_cases import CASES, Case, World, endpoint, of_account, of_account_and, of_change, of_rest_edit, page
from tests.access_cases_people import PEOPLE
from tests.access_cases_record import RECORD

ORGANIZATION_LISTS = ("organization", "units", "organization-policies", "organization-attachments")


def of_organization(world: World) -> Mapping[str, Any]:
    """The arguments of an organization."""
    return {"id": world.organization_policy.organization.org_id}


def of_organization_policy(world: World) -> Mapping[str, Any]:
    """The arguments of a policy of it."""
    return {**of_organization(world), "policy": scp_id(world)}


def scp_id(world: World) -> str:
    """AWS's own id of it."""
    return world.organization_policy.policy_id


def policy_before(world: World) -> Mapping[str, Any]:
    """A policy whose former texts are asked for."""
    return {"kind": "managed-policy", "target": world.policy.arn}


def why_cell(world: World) -> Mapping[str, Any]:
    """A cell whose Why is asked for over REST."""
    return {"identity": world.user.arn, "type": "model", "action": "sagemaker:CreateModel"}


def template_draft(_: World) -> Mapping[str, Any]:
    """What a template is to make a draft of."""
    return {"template": "execution-training", "name": "train-churn", "parameters": {"buckets": ["churn-data"]}}


def simulation(_: World) -> Mapping[str, Any]:
    """A question to keep."""
    return {"name": "Who makes models", "question": {"action": ["CreateModel"]}}


def of_simulation(world: World) -> Mapping[str, Any]:
    """The arguments of the only simulation of the account."""
    return {**of_account(world), "simulation": 1}


def of_run(world: World) -> Mapping[str, Any]:
    """The arguments of its first run."""
    return {**of_simulation(world), "run": 1}


def save(_: World) -> Mapping[str, Any]:
    """What the simulator's form sends."""
    return {"name": "Who makes models", "query": "?action=CreateModel"}


REST = [
    page("simulations"),
    Case("web:simulations", "POST", 302, 302, 404, 302, of_account, data=save),
    page("simulation", arguments=of_simulation),
    Case("web:simulation-run", "POST", 302, 302, 404, 302, of_simulation),
    Case(
        "web:simulation-rename", "POST", 302, 403, 404, 302, of_simulation, data=lambda _: {"name": "x", "version": 1}
    ),
    Case("web:simulation-remove", "POST", 302, 403, 404, 302, of_simulation, data=lambda _: {"version": 1}),
    endpoint("simulations"),
    Case("api:simulations", "POST", 201, 201, 404, 401, of_account, data=simulation, json=True),
    endpoint("simulation", arguments=of_simulation),
    *(Case("api:simulation", method, 428, 428, 404, 401, of_simulation, json=True) for method in ("PUT", "DELETE")),
    endpoint("simulation-runs", arguments=of_simulation),
    Case("api:simulation-runs", "POST", 201, 201, 404, 401, of_simulation, json=True),
    endpoint("simulation-run", arguments=of_run),
    endpoint("simulation-compare", arguments=of_simulation),
    Case(
        "api:account", "PATCH", 428, 403, 404, 401, of_account, data=lambda _: {"needs_second_person": True}, json=True
    ),
    Case("api:organizations", "GET", 200, 200, 200, 401),
    *(Case(f"api:{name}", "GET", 200, 200, 404, 401, of_organization) for name in ORGANIZATION_LISTS),
    Case("api:organization-policy", "GET", 200, 200, 404, 401, of_organization_policy),
    endpoint("organization-levels"),
    endpoint("organization-policy-export", arguments=of_account_and(policy=scp_id)),
    endpoint("root"),
    endpoint("attachments"),
    endpoint("boundaries"),
    endpoint("group-memberships"),
    endpoint("user-export", arguments=of_account_and(name=lambda world: world.user.name)),
    endpoint("group-export", arguments=of_account_and(name=lambda _: "scientists")),
    endpoint("role-export", arguments=of_account_and(name=lambda _: "train")),
    Case("api:earlier", "GET", 200, 200, 404, 401, of_account, query=policy_before),
    Case("api:why", "GET", 200, 200, 404, 401, of_account, query=why_cell),
    endpoint("template-uses"),
    Case("api:template-drafts", "POST", 201, 403, 404, 401, of_account, data=template_draft, json=True),
    endpoint("change-findings", arguments=of_change),
    Case("api:edit-split", "GET", 200, 200, 404, 401, of_rest_edit),
    Case("api:edit-split", "POST", 428, 403, 404, 401, of_rest_edit, json=True),
    Case("api:edit-unsplit", "POST", 428, 403, 404, 401, of_rest_edit, data=lambda _: {"text": "{}"}, json=True),
    Case("api:search", "GET", 200, 200, 200, 401, query=lambda _: {"text": "ana"}),
    Case("api:finding-codes", "GET", 200, 200, 200, 401),
    Case("api:finding-code", "GET", 200, 200, 200, 401, lambda _: {"code": "INVALID_ACTION"}),
    Case("api:jobs", "GET", 200, 200, 200, 401),
    Case("api:job", "GET", 200, 404, 404, 401, lambda world: {"job": str(world.job.pk)}),
    Case("api:job", "GET", 200, 200, 404, 401, lambda world: {"job": f"findings-{world.account.number}"}),
]

EVERY = [*CASES, *PEOPLE, *RECORD, *REST]
