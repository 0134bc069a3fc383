"""Every template: its documents allow what it promises and nothing else, without findings and within quotas."""

import json
from pathlib import Path
from typing import Any

import pytest

from policystudio.engine.analyse.compare import difference
from policystudio.engine.analyse.comparison import effective_for
from policystudio.engine.catalog.load import load_sagemaker, load_service_actions
from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.registry import lint
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal
from policystudio.lib.quotas import MANAGED_POLICY_SIZE, TRUST_POLICY_SIZE
from policystudio.policies.services import document_digest
from policystudio.policies.templates.build import grants_of
from policystudio.policies.templates.checking import check_promises, possible_cells, stack_of
from policystudio.policies.templates.conditions import created_by, has_tags
from policystudio.policies.templates.library import TEMPLATES
from policystudio.policies.templates.parameters import Values
from policystudio.policies.templates.template import Group, Rendered, Template
from tests.policies.templates.examples import BY_NAME, EXAMPLES, rendered

#: A document that fits into a managed policy may not fit where all inline policies of a user or a group share less.
INLINE = {"STUDIO_TOO_LARGE_FOR_USER_INLINE", "STUDIO_TOO_LARGE_FOR_GROUP_INLINE"}
CASES = [
    pytest.param(template, example, id=f"{template.id} {name}")
    for template in TEMPLATES.values()
    for name, example in EXAMPLES.items()
]
VERSIONS = Path(__file__).with_name("versions.json")


def test_the_personas_roles_and_activities_are_there() -> None:
    found = {group: [one.id for one in TEMPLATES.values() if one.group is group] for group in Group}
    assert found[Group.PERSONA] == [
        "data-scientist",
        "inference-engineer",
        "labelling-manager",
        "mlops-engineer",
        "read-only-auditor",
    ]
    assert found[Group.EXECUTION_ROLE] == [
        f"execution-{name}" for name in ("endpoints", "pipelines", "processing", "studio", "training")
    ]
    assert len(found[Group.ACTIVITY]) >= 15


@pytest.mark.parametrize(("template", "example"), CASES)
def test_the_documents_are_free_of_findings(template: Template, example: dict[str, Any]) -> None:
    made = rendered(template, example)
    found = {finding.code for document in made.documents for finding in lint(document.text)} - INLINE
    if made.trust:
        found |= {finding.code for finding in lint(made.trust, PolicyKind.TRUST)}
    assert not found


@pytest.mark.parametrize(("template", "example"), CASES)
def test_the_documents_are_within_quota(template: Template, example: dict[str, Any]) -> None:
    made = rendered(template, example)
    assert made.documents
    assert all(document.size <= MANAGED_POLICY_SIZE for document in made.documents)
    assert len(made.trust) <= TRUST_POLICY_SIZE
    assert bool(made.trust) is template.is_execution_role


@pytest.mark.parametrize(("template", "example"), CASES)
def test_of_all_cells_of_sagemaker_the_declared_ones_are_allowed(template: Template, example: dict[str, Any]) -> None:
    made = rendered(template, example)
    assert possible_cells(made) == template.declared - set(made.left_out)


@pytest.mark.parametrize(("template", "example"), CASES)
def test_the_promises_are_kept(template: Template, example: dict[str, Any]) -> None:
    broken = [one for one in check_promises(template, rendered(template, example)) if not one.kept]
    assert not broken


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.id)
def test_there_are_promises_of_both_kinds(template: Template) -> None:
    assert {promise.can for promise in template.promises} == {True, False}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.id)
def test_what_is_declared_exists(template: Template) -> None:
    known = {(column.action, column.resource_type) for column in load_sagemaker().columns()}
    assert template.declared <= known
    for action in template.declared_beyond:
        service, _, name = action.partition(":")
        assert name in load_service_actions()[service]


# --- Nothing outside -------------------------------------------------------------------------------------------------


def fence(template: Template, made: Rendered) -> str:
    """All that a template may allow at most, said in another way: everything declared, but for what Denies take away.

    They take away other accounts, other Regions, other names and other tags.
    """
    values = made.values
    typed = {action for action, kind in template.declared if kind != "*"}
    owned, shared, making = set(), set(), set()
    for activity in template.activities:
        for grant in grants_of(activity):
            for action, kind in grant.pairs:
                bare = action.partition(":")[2]
                (owned if grant.owned and not grant.pattern and kind != "*" else shared).add(action)
                if created_by(bare) or bare == "AddTags":
                    making.add(action)
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": sorted({a for a, _ in template.declared} | template.declared_beyond),
            "Resource": "*",
        }
    ]
    region = values.region
    here = f"arn:{values.partition}:sagemaker:{region}:{values.account}:"
    statements.append(denied(sorted(typed), NotResource=[f"{here}*"]))
    in_any = sorted({action for action, _ in template.declared} - (typed if region != "*" else set()))
    if values.regions:
        elsewhere = {"StringNotEquals": {"aws:RequestedRegion": list(values.regions)}}
        statements.append(denied(in_any, Resource="*", Condition=elsewhere))
    mine = sorted(owned - shared)
    if values.name_prefix:
        statements.append(denied(mine, NotResource=[f"{here}*/{values.name_prefix}*"]))
    if values.tag:
        without = {action for action, kind in template.declared if kind != "*" and not has_tags(kind)}
        not_so = {"StringNotEquals": {f"aws:ResourceTag/{values.tag.key}": values.tag.value}}
        statements.append(denied(sorted(set(mine) - making - without), Resource="*", Condition=not_so))
        neither = {
            "StringNotEquals": {
                f"aws:{where}Tag/{values.tag.key}": values.tag.value for where in ("Request", "Resource")
            }
        }
        statements.append(denied(sorted(set(mine) & making), Resource="*", Condition=neither))
    statements += list(fence_beyond(template, values))
    return json.dumps({"Version": "2012-10-17", "Statement": [one for one in statements if one.get("Action")]})


def fence_beyond(template: Template, values: Values) -> list[dict[str, Any]]:
    """The same of other services: the given roles, buckets, keys and repositories, the account and its Regions."""
    beyond = template.declared_beyond
    buckets = [f"arn:{values.partition}:s3:::{name}{end}" for name in values.buckets for end in ("", "/*")]
    keys = list(values.kms_keys) or [f"arn:{values.partition}:kms:{values.region}:{values.account}:key/*"]
    found = [
        denied(
            ["iam:PassRole"] if "iam:PassRole" in beyond else [], NotResource=list(values.roles) or ["arn:aws:x:::"]
        ),
        denied(sorted(a for a in beyond if a.startswith("s3:")), NotResource=buckets or ["arn:aws:x:::"]),
        denied(sorted(a for a in beyond if a.startswith("kms:")), NotResource=keys),
    ]
    if "iam:PassRole" in beyond:
        other = {"StringNotEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
        found.append(denied(["iam:PassRole"], Resource="*", Condition=other))
    if values.regions:
        elsewhere = {"StringNotEquals": {"aws:RequestedRegion": list(values.regions)}}
        bare = sorted(beyond & {"ec2:DescribeSubnets", "cloudwatch:GetMetricData", "ecr:GetAuthorizationToken"})
        found.append(denied(bare, Resource="*", Condition=elsewhere))
    logs = [f"arn:{values.partition}:logs:{values.region}:{values.account}:log-group:/aws/sagemaker/*"]
    found.append(denied(sorted(a for a in beyond if a.startswith("logs:")), NotResource=logs))
    return found


def denied(actions: list[str], **rest: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": actions, **rest}


@pytest.mark.parametrize(("template", "example"), CASES)
def test_nothing_else_is_allowed_anywhere(template: Template, example: dict[str, Any]) -> None:
    made = rendered(template, example)
    principal = Principal.parse(f"arn:{made.values.partition}:iam::{made.values.account}:user/dana")
    session = Context({"sagemaker:DomainId": "d-a1b2c3d4e5f6", "sagemaker:UserProfileName": "dana"})
    outer = PolicyStack((NamedPolicy("fence", parse_policy(fence(template, made))),))
    before, after = (effective_for(stack, principal, session) for stack in (outer, stack_of(made)))
    assert difference(before, after) is None


# --- Versions --------------------------------------------------------------------------------------------------------


def test_whoever_changes_a_document_counts_up_the_version() -> None:
    """Policies remember the version that they were made by: a newer one is offered to them.

    After counting up, write the digest that is told here into versions.json.
    """
    kept = json.loads(VERSIONS.read_text())
    found = {template.id: {"version": template.version, "digest": digest(template)} for template in TEMPLATES.values()}
    changed = {name: one for name, one in found.items() if kept.get(name) != one}
    assert not changed
    assert kept.keys() == found.keys()


def digest(template: Template) -> str:
    made = rendered(template, BY_NAME)
    text = "\n".join([*(document.text for document in made.documents), made.trust])
    return document_digest(kind="identity", text=text)[:16]
