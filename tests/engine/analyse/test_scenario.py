"""What operations need: the two tables of AWS joined."""

import pytest

from policystudio.engine.analyse.scenario import (
    ADD_TAGS,
    PASS_ROLE,
    SERVICE_PRINCIPAL,
    UnknownOperation,
    find_operation,
    operation_names,
    plan,
)
from policystudio.engine.catalog.load import load_operations, load_sagemaker, load_services
from policystudio.engine.catalog.scenarios import load_scenario_facts


def needed(operation: str) -> set[tuple[str, str, str]]:
    """Action, resource type and switch of everything that counts."""
    return {(need.action, need.resource_type, need.switch) for need in plan(operation).needs if need.required}


NEEDS: list[tuple[str, set[tuple[str, str, str]]]] = [
    (
        "CreateTrainingJob",
        {
            ("sagemaker:CreateTrainingJob", "training-job", ""),
            ("sagemaker:AddTags", "training-job", "tags"),
            ("iam:PassRole", "role", "role"),
            ("kms:CreateGrant", "key", "volume-key"),
        },
    ),
    (
        "CreateEndpoint",
        {
            ("sagemaker:CreateEndpoint", "endpoint", ""),
            ("sagemaker:CreateEndpoint", "endpoint-config", ""),
            ("sagemaker:AddTags", "endpoint", "tags"),
            ("kms:CreateGrant", "key", "volume-key"),
        },
    ),
    (
        "CreateInferenceComponent",
        {
            ("sagemaker:CreateInferenceComponent", "endpoint", ""),
            ("sagemaker:CreateInferenceComponent", "inference-component", ""),
            ("sagemaker:AddTags", "inference-component", "tags"),
        },
    ),
    (
        "CreateTrainingPlan",
        {
            ("sagemaker:CreateTrainingPlan", "training-plan", ""),
            ("sagemaker:CreateReservedCapacity", "reserved-capacity", ""),
            ("sagemaker:AddTags", "training-plan", ""),
        },
    ),
    (
        "StartNotebookInstance",
        {
            ("sagemaker:StartNotebookInstance", "notebook-instance", ""),
            ("ec2:CreateNetworkInterface", "network-interface", "vpc"),
            ("ec2:CreateNetworkInterface", "subnet", "vpc"),
            ("ec2:DescribeNetworkInterfaces", "*", "vpc"),
            ("ec2:DescribeSecurityGroups", "*", "vpc"),
            ("ec2:DescribeSubnets", "*", "vpc"),
            ("ec2:DescribeVpcs", "*", "vpc"),
            ("kms:DescribeKey", "key", "volume-key"),
            ("kms:CreateGrant", "key", "volume-key"),
            ("secretsmanager:GetSecretValue", "Secret", "secret"),
        },
    ),
    ("ListModels", {("sagemaker:ListModels", "*", "")}),
    (
        "UpdateNotebookInstance",
        {
            ("sagemaker:UpdateNotebookInstance", "notebook-instance", ""),
            ("iam:PassRole", "role", "role"),
        },
    ),
    ("GetTile", {("sagemaker-geospatial:GetTile", "EarthObservationJob", "")}),
]


@pytest.mark.parametrize(("operation", "expected"), NEEDS)
def test_needs(operation: str, expected: set[tuple[str, str, str]]) -> None:
    assert needed(operation) == expected


def test_every_operation_of_both_tables_can_be_planned() -> None:
    names = operation_names()
    assert set(names) >= set(load_operations()) | {action.name for action in load_sagemaker().actions}
    facts, services = load_scenario_facts(), load_services()
    for name in names:
        planned = plan(name)
        assert planned.needs, name
        for need in planned.needs:
            assert not need.switch or need.switch in facts.switches, (name, need)
            assert need.arn == "*" or need.arn.count(":") >= 5, (name, need)
            service, _, action = need.action.partition(":")
            known = {one.lower() for names_of in services[service].actions.values() for one in names_of}
            assert action.lower() in known, (name, need)


def test_every_dependent_action_of_the_reference_is_needed() -> None:
    for action in load_sagemaker().actions:
        planned = {need.action.lower() for need in plan(action.name).needs}
        wanted = {*action.dependent_actions, *(n for t in action.resource_types or () for n in t.dependent_actions)}
        assert {name.lower() for name in wanted} <= planned, action.name


def test_every_role_that_the_reference_says_is_passed_is_passed() -> None:
    passing = [action.name for action in load_sagemaker().actions if action.passes_role_to]
    assert len(passing) > 30
    for name in passing:
        need = next(need for need in plan(name).needs if need.action == PASS_ROLE)
        assert need.known == {"iam:passedtoservice": (SERVICE_PRINCIPAL,)}


def test_tagging_action_is_the_operation_without_prefix() -> None:
    need = next(need for need in plan("createhyperparametertuningjob").needs if need.action == ADD_TAGS)
    assert need.known == {"sagemaker:taggingaction": ("CreateHyperParameterTuningJob",)}


@pytest.mark.parametrize(
    ("operation", "made"),
    [
        ("CreateTrainingJob", "training-job"),
        ("CreateEndpoint", "endpoint"),
        ("CreateTrial", "experiment-trial"),
        ("CreateComputeQuota", "compute-quota"),
        ("CreateClusterSchedulerConfig", "cluster-scheduler-config"),
        ("CreateHubContentReference", "hub-content"),
        ("CreateInferenceComponent", "inference-component"),
        ("ImportHubContent", "hub-content"),
        ("CreateAutoMLJobV2", "automl-job"),
        ("CreatePresignedDomainUrl", ""),
        ("CreateHubContentPresignedUrls", ""),
        ("UpdateEndpoint", ""),
        ("DeleteModel", ""),
    ],
)
def test_what_an_operation_makes(operation: str, made: str) -> None:
    assert plan(operation).created_type == made


@pytest.mark.parametrize(
    ("operation", "ending"),
    [
        ("CreateTrainingJob", "training-job/${TrainingJobName}"),
        ("CreateModel", "${Account}:*"),
        ("CreatePipeline", "pipeline/${PipelineName}/execution/${ExecutionId}"),
        ("CreateNotebookInstance", "notebook-instance/${NotebookInstanceName}"),
    ],
)
def test_the_source_arn_that_sagemaker_sends(operation: str, ending: str) -> None:
    assert plan(operation).source_arn.endswith(ending)


def test_optional_types_are_told_apart() -> None:
    optional = {need.resource_type for need in plan("CreateTrainingJob").needs if not need.required}
    assert optional == {"reserved-capacity", "training-plan"}
    assert plan("AddTags").one_of
    assert not plan("CreateTrainingJob").one_of


@pytest.mark.parametrize("name", ["sagemaker:CreateModel", "createmodel", " CreateModel "])
def test_names_are_found_in_any_case_and_with_a_prefix(name: str) -> None:
    assert find_operation(name) == "CreateModel"


def test_an_unknown_operation_is_refused_with_what_was_meant() -> None:
    with pytest.raises(UnknownOperation, match="did you mean CreateEndpoint\\?"):
        find_operation("CreateEndpoin")
    with pytest.raises(UnknownOperation, match="such as CreateTrainingJob"):
        find_operation("xyz")


def test_the_data_names_real_things() -> None:
    facts, names = load_scenario_facts(), set(operation_names())
    assert names >= {*facts.execution_roles, *facts.source_arns, *facts.service_linked_roles}
    words = {item.when for operation in load_operations().values() for item in operation.permissions if item.when}
    assert all(facts.switch_for(when) in facts.switches for when in words)
    services = load_services()
    for name, described in facts.actions.items():
        types = services[name.partition(":")[0]].resource_types
        assert {*described.types, *described.optional} <= types.keys(), name
        assert described.page.startswith("https://docs.aws.amazon.com/service-authorization/"), name
    for needs in facts.execution_roles.values():
        assert needs.page.startswith("https://docs.aws.amazon.com/sagemaker/latest/dg/")
        for group in needs.groups:
            assert group.permissions
            assert not group.switch or group.switch in facts.switches
