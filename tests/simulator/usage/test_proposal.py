"""The proposed policy allows every recorded call, and no more than its resources and actions say."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.decision import Verdict
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.registry import lint
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request
from policystudio.simulator.usage.events import Event, read_text
from policystudio.simulator.usage.names import MOST_NAMES, Narrowing
from policystudio.simulator.usage.permissions import Needs, needs_of
from policystudio.simulator.usage.proposal import Proposal, propose
from tests.simulator.usage.records import ANA, EXECUTION, NUMBER, SAGEMAKER, record, training_job


def needed(*records: dict[str, Any]) -> list[Needs]:
    events: tuple[Event, ...] = read_text(json.dumps(list(records))).events
    return [found for event in events if (found := needs_of(event, "aws", NUMBER))]


def proposed(*records: dict[str, Any], narrowing: Narrowing = Narrowing.AUTO) -> Proposal:
    found = propose(needed(*records), narrowing)
    assert found is not None
    return found


def statements(proposal: Proposal) -> dict[str, Any]:
    return {one.pop("Sid"): one for one in json.loads(proposal.text)["Statement"]}


def allows(proposal: Proposal, action: str, resource: str, **context: tuple[str, ...]) -> bool:
    stack = PolicyStack(identity_policies=(NamedPolicy("proposed", proposal.policy),))
    given_context = Context({key.replace("__", ":"): values for key, values in context.items()})
    asked = Request(Principal.parse(ANA), action, resource, NUMBER, given_context)
    return authorize(stack, asked, load_condition_keys()).verdict is Verdict.ALLOWED


def test_a_training_job_needs_its_role_and_its_tags() -> None:
    found = statements(proposed(training_job("churn-1")))
    job = f"{SAGEMAKER}:training-job/churn-1"
    assert found["UseTrainingJob"] == {
        "Effect": "Allow",
        "Action": ["sagemaker:AddTags", "sagemaker:CreateTrainingJob"],
        "Resource": job,
    }
    assert found["PassRole"] == {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": EXECUTION,
        "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    }
    assert len(found) == 2


def test_a_notebook_in_a_vpc_with_a_key_needs_both() -> None:
    key = "1234abcd-12ab-34cd-56ef-1234567890ab"
    given_parameters = {"notebookInstanceName": "nb", "roleArn": EXECUTION}
    plain = proposed(record("CreateNotebookInstance", given_parameters))
    assert set(statements(plain)) == {"CreateNotebookInstance", "PassRole"}
    rich = proposed(record("CreateNotebookInstance", {**given_parameters, "subnetId": "subnet-1", "kmsKeyId": key}))
    found = statements(rich)
    assert {action for action in found["WithoutResource"]["Action"] if not action.startswith("ec2:")} == set()
    assert {
        action: one["Resource"]
        for one in found.values()
        for action in _listed(one["Action"])
        if action.startswith("kms:")
    } == dict.fromkeys(("kms:CreateGrant", "kms:DescribeKey"), f"arn:aws:kms:eu-west-1:{NUMBER}:key/{key}")


def test_names_with_dates_become_a_pattern_where_there_are_many() -> None:
    records = [training_job(f"churn-2026-11-{day:02}-10-00-00") for day in range(1, MOST_NAMES + 2)]
    assert statements(proposed(*records))["UseTrainingJob"]["Resource"] == f"{SAGEMAKER}:training-job/churn-*"
    few = statements(proposed(*records[:2]))["UseTrainingJob"]["Resource"]
    assert few == [f"{SAGEMAKER}:training-job/churn-2026-11-0{day}-10-00-00" for day in (1, 2)]


def test_the_least_is_least() -> None:
    proposal = proposed(training_job("churn-1"))
    job = f"{SAGEMAKER}:training-job/churn-1"
    assert allows(proposal, "sagemaker:CreateTrainingJob", job)
    assert not allows(proposal, "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/churn-2")
    assert not allows(proposal, "sagemaker:StopTrainingJob", job)
    passed = {"iam__PassedToService": ("sagemaker.amazonaws.com",)}
    assert allows(proposal, "iam:PassRole", EXECUTION, **passed)
    assert not allows(proposal, "iam:PassRole", EXECUTION)
    assert not allows(proposal, "iam:PassRole", f"{EXECUTION}-2", **passed)


def test_a_name_in_capitals_stands_in_both_spellings_where_no_arn_tells() -> None:
    resources = statements(proposed(record("DescribeModel", {"modelName": "Churn"})))["DescribeModel"]["Resource"]
    assert resources == [f"{SAGEMAKER}:model/Churn", f"{SAGEMAKER}:model/churn"]


def test_an_app_has_four_parts_and_what_is_not_told_is_a_wildcard_that_is_told() -> None:
    told = {"domainId": "d-1", "userProfileName": "ana", "appType": "JupyterServer", "appName": "default"}
    app = f"{SAGEMAKER}:app/d-1/ana/JupyterServer/default"
    assert app in statements(proposed(record("CreateApp", told)))["CreateApp"]["Resource"]
    del told["userProfileName"]
    proposal = proposed(record("CreateApp", {**told, "spaceName": "shared"}))
    assert f"{SAGEMAKER}:app/d-1/*/JupyterServer/default" in {need.resource for need in proposal.wide}


def test_both_resources_of_an_endpoint() -> None:
    created = record("CreateEndpoint", {"endpointName": "live", "endpointConfigName": "live-7"})
    assert statements(proposed(created))["CreateEndpoint"]["Resource"] == [
        f"{SAGEMAKER}:endpoint-config/live-7",
        f"{SAGEMAKER}:endpoint/live",
    ]


def test_calls_of_other_services_count_where_sagemaker_made_them() -> None:
    own = record("GetObject", {}, eventSource="s3.amazonaws.com")
    behalf = record("CreateGrant", {}, eventSource="kms.amazonaws.com", sourceIPAddress="sagemaker.amazonaws.com")
    behalf["resources"] = [{"ARN": f"arn:aws:kms:eu-west-1:{NUMBER}:key/k", "type": "AWS::KMS::Key"}]
    assert needed(own) == []
    assert [need.action for found in needed(behalf) for need in found.needs] == ["kms:CreateGrant"]


def test_an_action_that_is_not_known_is_no_permission() -> None:
    assert needed(record("FlyToTheMoon")) == []


def test_no_use_no_policy() -> None:
    assert propose([]) is None


_NAMES = st.text("abcXYZ0189-", min_size=1, max_size=12)
_CALLS = st.one_of(
    st.builds(lambda name: record("DescribeModel", {"modelName": name}), _NAMES),
    st.builds(lambda name: record("CreateProcessingJob", {"processingJobName": name, "roleArn": EXECUTION}), _NAMES),
    st.builds(training_job, _NAMES),
    st.builds(lambda name: record("DeleteEndpoint", {"endpointName": name}), _NAMES),
    st.sampled_from([record("ListModels"), record("Search", {"resource": "Model"}), record("CreateDomain", {})]),
)


@given(st.lists(_CALLS, min_size=1, max_size=30), st.sampled_from(Narrowing))
def test_every_call_is_allowed_and_aws_would_take_the_policy(
    records: list[dict[str, Any]], narrowing: Narrowing
) -> None:
    found = needed(*records)
    proposal = propose(found, narrowing)
    assert proposal is not None
    for need in {need for one in found for need in one.needs}:
        context = {key.replace(":", "__"): (value,) for _, key, value in need.conditions}
        assert allows(proposal, need.action, need.resource.replace("*", "x"), **context), need
    assert not [finding for finding in lint(proposal.text) if finding.type is FindingType.ERROR]


@pytest.mark.parametrize("action", [one.name for one in load_sagemaker().actions])
def test_every_action_of_the_catalogue_gives_a_policy_for_itself_alone(action: str) -> None:
    proposal = proposed(record(action, {}))
    allowed = {name for one in json.loads(proposal.text)["Statement"] for name in _listed(one["Action"])}
    assert f"sagemaker:{action}" in allowed
    assert {name for name in allowed if name.startswith("sagemaker:")} == {f"sagemaker:{action}"}
    assert not [finding for finding in lint(proposal.text) if finding.type is FindingType.ERROR]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
