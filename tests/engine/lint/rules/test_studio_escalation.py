"""STUDIO_ESCALATION_…."""

import pytest

from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.lint.rules.studio_escalation import RUNNERS, SCRIPTS
from tests.engine.lint.helpers import Found, allow, deny, found, policy

BOTH = allow(["sagemaker:CreateTrainingJob", "iam:PassRole"])
TRAINING = [("STUDIO_ESCALATION_PASS_ROLE", ["Statement/0/Action/1", "Statement/0/Resource", "Statement/0/Action/0"])]

CASES = [
    pytest.param(
        policy(allow(["sagemaker:CreateNotebookInstance", "iam:PassRole"])),
        "identity",
        [("STUDIO_ESCALATION_PASS_ROLE", ["Statement/0/Action/1", "Statement/0/Resource", "Statement/0/Action/0"])],
        id="a role for a notebook",
    ),
    pytest.param(
        policy(allow("sagemaker:CreateTrainingJob"), allow("iam:PassRole", "arn:aws:iam::111122223333:role/ml-*")),
        "identity",
        [("STUDIO_ESCALATION_PASS_ROLE", ["Statement/1/Action", "Statement/1/Resource", "Statement/0/Action"])],
        id="in two statements",
    ),
    pytest.param(
        policy(allow("sagemaker:CreateTrainingJob"), allow("iam:PassRole", "arn:aws:iam::111122223333:role/training")),
        "identity",
        [],
        id="a role that is named",
    ),
    pytest.param(
        policy(
            allow("sagemaker:CreateTrainingJob"),
            allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
        ),
        "identity",
        [],
        id="a role for another service",
    ),
    pytest.param(policy(allow("iam:PassRole")), "identity", [], id="nothing to use it with"),
    pytest.param(
        policy(allow(["sagemaker:UpdateNotebookInstanceLifecycleConfig", "sagemaker:StartNotebookInstance"])),
        "identity",
        [("STUDIO_ESCALATION_LIFECYCLE_CONFIG", ["Statement/0/Action/0", "Statement/0/Action/1"])],
        id="a script of a notebook",
    ),
    pytest.param(
        policy(allow(["sagemaker:CreateStudioLifecycleConfig", "sagemaker:UpdateUserProfile"])),
        "identity",
        [("STUDIO_ESCALATION_LIFECYCLE_CONFIG", ["Statement/0/Action/0", "Statement/0/Action/1"])],
        id="a script of Studio",
    ),
    pytest.param(
        policy(allow("sagemaker:CreateStudioLifecycleConfig")), "identity", [], id="a script that nobody runs"
    ),
    pytest.param(
        policy(BOTH, deny("iam:PassRole", "arn:aws:iam::*:role/*")), "identity", [], id="no role can be passed"
    ),
    pytest.param(policy(BOTH, deny("sagemaker:CreateTraining*")), "identity", [], id="no training job can be made"),
    pytest.param(
        policy(BOTH, deny("sagemaker:CreateTrainingJob", Condition={"Null": {"sagemaker:VpcSubnets": "true"}})),
        "identity",
        TRAINING,
        id="some can",
    ),
    pytest.param(
        policy(
            BOTH, deny("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}})
        ),
        "identity",
        [],
        id="no role can be passed to SageMaker",
    ),
    pytest.param(
        policy(BOTH, deny("iam:PassRole", Condition={"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})),
        "identity",
        [],
        id="roles can be passed to another service alone",
    ),
    pytest.param(
        policy(BOTH, deny("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})),
        "identity",
        TRAINING,
        id="roles cannot be passed to another service",
    ),
    pytest.param(
        policy(
            allow("sagemaker:CreateTrainingJob"),
            allow("iam:PassRole", Condition={"StringEquals": {"iam:ResourceTag/for": "training"}}),
        ),
        "identity",
        [],
        id="roles by their tag",
    ),
    pytest.param(
        policy(
            allow(["sagemaker:UpdateNotebookInstanceLifecycleConfig", "sagemaker:StartNotebookInstance"]),
            deny("sagemaker:StartNotebookInstance"),
        ),
        "identity",
        [],
        id="a script that nobody may start",
    ),
    pytest.param(
        policy(allow(None, NotAction="s3:*")),
        "identity",
        [
            ("STUDIO_ESCALATION_PASS_ROLE", ["Statement/0/NotAction", "Statement/0/Resource"]),
            ("STUDIO_ESCALATION_LIFECYCLE_CONFIG", ["Statement/0/NotAction"]),
            ("STUDIO_ESCALATION_LIFECYCLE_CONFIG", ["Statement/0/NotAction"]),
        ],
        id="by exception",
    ),
    pytest.param(
        policy(allow("iam:PassRole"), allow(["sagemaker:CreateFeatureGroup", "sagemaker:CreateLabelingJob"])),
        "identity",
        [],
        id="what runs no code of one's own",
    ),
]


@pytest.mark.parametrize("what", RUNNERS)
def test_every_way_is_one(what: str) -> None:
    for name in RUNNERS[what]:
        text = policy(allow(["iam:PassRole", f"sagemaker:{name}"]))
        assert [code for code, _ in found("studio_escalation", text)] == ["STUDIO_ESCALATION_PASS_ROLE"]
        denied = policy(allow(["iam:PassRole", f"sagemaker:{name}"]), deny(f"sagemaker:{name}"))
        assert found("studio_escalation", denied) == []


def test_the_actions_are_there() -> None:
    names = {name for names in RUNNERS.values() for name in names}
    names.update(name for writers, runners, _ in SCRIPTS for name in (*writers, *runners))
    assert names <= {action.name for action in load_sagemaker().actions}


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("studio_escalation", text, kind) == expected
