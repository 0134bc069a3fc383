"""The catalogue: what is in it, how it is looked up, in which order its columns stand."""

import subprocess
import sys
from pathlib import Path

import pytest

from policystudio.engine.catalog.load import (
    load_authorization,
    load_condition_keys,
    load_operations,
    load_sagemaker,
    load_service_actions,
    load_services,
)
from policystudio.engine.catalog.types import ACCESS_LEVELS, GUIDE_TYPES, Column, KeyType

ROOT = Path(__file__).resolve().parents[2]


# --- SageMaker -------------------------------------------------------------------------------------------------------


def test_sagemaker_is_whole() -> None:
    catalog = load_sagemaker()
    assert catalog.service == "sagemaker"
    assert (len(catalog.actions), len(catalog.resource_types), len(catalog.condition_keys)) == (460, 74, 68)
    assert sum(action.resource_types is None for action in catalog.actions) == 11
    assert sum(action.resource_types == () for action in catalog.actions) == 95
    assert {action.access_level for action in catalog.actions} < set(ACCESS_LEVELS)


def test_every_type_and_key_that_an_action_names_is_known() -> None:
    catalog, keys = load_sagemaker(), load_condition_keys()
    for action in catalog.actions:
        for taken in action.resource_types or ():
            assert catalog.resource_type(taken.name), (action.name, taken.name)
        for name in (
            *action.condition_keys,
            *(key for taken in action.resource_types or () for key in taken.condition_keys),
        ):
            assert keys.get(name), (action.name, name)
    for resource_type in catalog.resource_types:
        assert resource_type.arn.startswith("arn:${Partition}:sagemaker:${Region}:"), resource_type
        assert all(keys.get(name) for name in resource_type.condition_keys)


@pytest.mark.parametrize("name", ["CreateModel", "createmodel", "sagemaker:CreateModel", "SageMaker:CREATEMODEL"])
def test_actions_are_found_in_any_letter_case(name: str) -> None:
    action = load_sagemaker().action(name)
    assert action is not None
    assert (action.name, action.access_level) == ("CreateModel", "Write")
    assert [(taken.name, taken.required) for taken in action.resource_types or ()] == [("model", True)]
    assert action.passes_role_to == ("sagemaker.amazonaws.com",)
    assert "iam:PassRole" in action.dependent_actions


@pytest.mark.parametrize("name", ["", "CreateModels", "s3:CreateModel", "sagemaker:", "*"])
def test_what_is_no_action_is_not_found(name: str) -> None:
    assert load_sagemaker().action(name) is None


def test_resource_types() -> None:
    model = load_sagemaker().resource_type("model")
    assert model is not None
    assert model.arn == "arn:${Partition}:sagemaker:${Region}:${Account}:model/${ModelName}"
    assert load_sagemaker().resource_type("Model") is None


# --- Columns ---------------------------------------------------------------------------------------------------------


def test_columns_are_every_action_on_each_of_its_types() -> None:
    columns = load_sagemaker().columns()
    assert len(columns) == len(set(columns)) == 684
    assert sum(column.required for column in columns) == 381
    assert {column.action for column in columns} == {f"sagemaker:{each.name}" for each in load_sagemaker().actions}


def test_the_types_of_the_guide_come_first_then_the_others_by_name_then_none() -> None:
    types = list(dict.fromkeys(column.resource_type for column in load_sagemaker().columns()))
    assert tuple(types[:8]) == GUIDE_TYPES
    assert types[8:-1] == sorted(types[8:-1])
    assert types[-1] == "*"


def test_within_a_type_columns_go_by_access_level_and_name() -> None:
    columns = [column for column in load_sagemaker().columns() if column.resource_type == "notebook-instance"]
    order = [(ACCESS_LEVELS.index(column.access_level), column.action) for column in columns]
    assert order == sorted(order)
    assert [column.action.partition(":")[2] for column in columns] == [
        "ListTags",
        "DescribeNotebookInstance",
        "CreateNotebookInstance",
        "CreatePresignedNotebookInstanceUrl",
        "DeleteNotebookInstance",
        "StartNotebookInstance",
        "StopNotebookInstance",
        "UpdateNotebookInstance",
        "AddTags",
        "DeleteTags",
    ]


def test_an_action_without_a_type_has_one_column() -> None:
    columns = {column.action: column for column in load_sagemaker().columns() if column.resource_type == "*"}
    assert len(columns) == 95 + 11
    assert columns["sagemaker:ListModels"] == Column("sagemaker:ListModels", "*", "List", False)
    assert not columns["sagemaker:CreateTrainingSession"].types_known
    assert sum(not column.types_known for column in load_sagemaker().columns()) == 11


# --- Keys of an action on a type -------------------------------------------------------------------------------------


def test_keys_of_an_action_and_of_its_type() -> None:
    keys = load_sagemaker().keys_for("CreateModel", "model")
    assert {"sagemaker:networkisolation", "sagemaker:vpcsubnets", "sagemaker:resourcetag/"} <= keys
    assert "sagemaker:instancetypes" not in keys
    assert all(key.startswith("sagemaker:") and key == key.lower() for key in keys)


def test_both_spellings_of_a_kms_key() -> None:
    keys = load_sagemaker().keys_for("sagemaker:CreateTrainingJob", "training-job")
    assert {"sagemaker:volumekmskey", "sagemaker:volumekmskeyarn", "sagemaker:outputkmskeyarn"} <= keys
    assert "sagemaker:outputkmskey" in keys


def test_keys_of_actions_without_a_type_and_of_unknown_ones() -> None:
    catalog = load_sagemaker()
    assert "sagemaker:outputkmskey" in catalog.keys_for("CreateTrainingSession", "*")
    assert catalog.keys_for("ListModels", "*") == frozenset()
    assert catalog.keys_for("NoSuchAction", "model") == frozenset()


# --- Condition keys --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "name", "kind", "multi_valued"),
    [
        ("aws:PrincipalArn", "aws:PrincipalArn", KeyType.ARN, False),
        ("AWS:principalarn", "aws:PrincipalArn", KeyType.ARN, False),
        ("aws:PrincipalOrgPaths", "aws:PrincipalOrgPaths", KeyType.STRING, True),
        ("aws:PrincipalTag/team", "aws:PrincipalTag/${TagKey}", KeyType.STRING, False),
        ("aws:requesttag/a:b/c", "aws:RequestTag/${TagKey}", KeyType.STRING, False),
        ("aws:TagKeys", "aws:TagKeys", KeyType.STRING, True),
        ("aws:SourceIp", "aws:SourceIp", KeyType.IP_ADDRESS, False),
        ("aws:CurrentTime", "aws:CurrentTime", KeyType.DATE, False),
        ("aws:MultiFactorAuthAge", "aws:MultiFactorAuthAge", KeyType.NUMERIC, False),
        ("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthPresent", KeyType.BOOL, False),
        ("sagemaker:InstanceTypes", "sagemaker:InstanceTypes", KeyType.STRING, True),
        ("sagemaker:ImageArns", "sagemaker:ImageArns", KeyType.ARN, True),
        ("sagemaker:VolumeKmsKey", "sagemaker:VolumeKmsKey", KeyType.ARN, False),
        ("sagemaker:VolumeKmsKeyArn", "sagemaker:VolumeKmsKeyArn", KeyType.ARN, False),
        ("sagemaker:ResourceTag/team", "sagemaker:ResourceTag/${TagKey}", KeyType.STRING, False),
        ("sagemaker:ResourceTag/", "sagemaker:ResourceTag/", KeyType.STRING, False),
        ("sagemaker:ModelLifeCycle:Stage", "sagemaker:ModelLifeCycle:Stage", KeyType.STRING, False),
        ("iam:PassedToService", "iam:PassedToService", KeyType.STRING, False),
        ("sts:ExternalId", "sts:ExternalId", KeyType.STRING, False),
        ("sts:TransitiveTagKeys", "sts:TransitiveTagKeys", KeyType.STRING, True),
        ("s3:prefix", "s3:prefix", KeyType.STRING, False),
        ("identitystore:UserId", "identitystore:UserId", KeyType.STRING, False),
        (
            "codebuild:secondaryArtifacts/x.location",
            "codebuild:secondaryArtifacts/${artifactIdentifier}.location",
            KeyType.STRING,
            False,
        ),
    ],
)
def test_condition_keys(written: str, name: str, kind: KeyType, multi_valued: bool) -> None:
    key = load_condition_keys().get(written)
    assert key is not None
    assert (key.name, key.type, key.multi_valued) == (name, kind, multi_valued)


@pytest.mark.parametrize("written", ["", "aws:", "aws:NoSuchKey", "aws:PrincipalTag", "aws:PrincipalTag/", "team"])
def test_what_is_no_condition_key_is_not_found(written: str) -> None:
    assert load_condition_keys().get(written) is None


def test_global_keys_say_when_they_are_present() -> None:
    key = load_condition_keys().get("aws:username")
    assert key is not None
    assert key.present_when == "IAM users only"


def test_the_part_before_a_variable() -> None:
    key = load_condition_keys().get("aws:PrincipalTag/x")
    assert key is not None
    assert key.is_template
    assert key.prefix == "aws:principaltag/"


# --- Other services --------------------------------------------------------------------------------------------------


def test_all_services() -> None:
    actions = load_service_actions()
    assert len(actions) > 400
    assert sum(len(names) for names in actions.values()) > 20_000
    assert "GetObject" in actions["s3"]
    assert "PassRole" in actions["iam"]
    assert "AssumeRole" in actions["sts"]
    assert actions["sagemaker"] == tuple(sorted(action.name for action in load_sagemaker().actions))
    assert all(list(names) == sorted(set(names)) for names in actions.values())


def test_a_service() -> None:
    s3 = load_services()["s3"]
    assert s3.name == "Amazon S3"
    assert s3.resource_types["object"] == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    assert "GetObject" in s3.actions["Read"]
    assert set(s3.actions) <= set(ACCESS_LEVELS)


def test_operations() -> None:
    operations = load_operations()
    assert len(operations) == 161
    created = operations["CreateModel"]
    assert [permission.action for permission in created.permissions][:2] == ["sagemaker:CreateModel", "iam:PassRole"]
    assert any(permission.when for operation in operations.values() for permission in operation.permissions)
    assert all(operation.resources for operation in operations.values() if operation.name == "CreateModel")


# --- Loading ---------------------------------------------------------------------------------------------------------


def test_nothing_is_read_at_import() -> None:
    script = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "import policystudio.engine.catalog.load\n"
        "assert not [name for name in opened if name.endswith('.json')], opened\n"
        "policystudio.engine.catalog.load.load_sagemaker()\n"
        "assert [name for name in opened if name.endswith('.json')]\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_what_is_loaded_is_kept() -> None:
    assert load_sagemaker() is load_sagemaker()
    assert load_condition_keys() is load_condition_keys()
    assert load_sagemaker().columns() is load_sagemaker().columns()


@pytest.mark.parametrize(
    "key",
    ["s3:ExistingObjectTag/team", "secretsmanager:ResourceTag/team", "ssm:resourceTag/team", "glacier:ResourceTag/x"],
)
def test_a_tag_key_is_known_however_the_reference_writes_its_variable_part(key: str) -> None:
    found = load_condition_keys().get(key)
    assert found is not None
    assert found.is_template


# --- What requests carry ---------------------------------------------------------------------------------------------


def test_the_keys_of_an_action_are_its_own_and_those_of_its_types() -> None:
    s3 = load_authorization("s3")
    assert s3 is not None
    types, keys = s3.actions["ListBucket"]
    assert types == ("accesspoint", "bucket")
    assert {"s3:prefix", "s3:max-keys"} <= keys
    assert s3.condition_keys["s3:max-keys"] == (KeyType.NUMERIC, False)
    assert load_authorization("no-such-service") is None


def test_what_requests_carry_is_known_of_every_service_but_one() -> None:
    assert {prefix for prefix in load_services() if load_authorization(prefix) is None} == {"aws-mcp"}
