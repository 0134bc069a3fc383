"""Whether a service may assume a role: trust policies, confused-deputy conditions, resource control policies."""

from typing import Any

import pytest

from policystudio.engine.analyse.service_trust import Assumption, Trusted, service_trust
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Levels, NamedPolicy
from tests.factories import as_text

ROLE = "arn:aws:iam::111122223333:role/jobs"
JOB = "arn:${Partition}:sagemaker:${Region}:${Account}:training-job/${TrainingJobName}"
ANY_STAR = "arn:${Partition}:sagemaker:${Region}:${Account}:*"


def policy(kind: PolicyKind, *statements: dict[str, Any]) -> NamedPolicy:
    text = as_text({"Version": "2012-10-17", "Statement": list(statements)})
    return NamedPolicy("limit", parse_policy(text, kind))


def statement(service: Any = "sagemaker.amazonaws.com", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": {"Service": service}, "Action": "sts:AssumeRole", **more}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


def ask(*statements: dict[str, Any], source: str = JOB, region: str = "", rcps: Levels | None = None) -> Any:
    trust = policy(PolicyKind.TRUST, *statements).policy
    universe = ResourceUniverse(source, "aws", "111122223333", region)
    organization = {"aws:SourceOrgID": ("o-exampleorg",)}
    asked = Assumption("sagemaker.amazonaws.com", ROLE, "111122223333", universe, organization, rcps)
    return service_trust(trust, asked, load_condition_keys())


JOBS = "arn:aws:sagemaker:*:111122223333:training-job/*"


@pytest.mark.parametrize(
    ("statements", "trusted"),
    [
        ([statement()], "yes"),
        ([statement(["ec2.amazonaws.com", "sagemaker.amazonaws.com"])], "yes"),
        ([statement("ec2.amazonaws.com")], "no"),
        ([{**statement(), "Action": "sts:TagSession"}], "no"),
        ([{**statement(), "Principal": {"AWS": "111122223333"}}], "no"),
        ([{**statement(), "Principal": "*"}], "yes"),
        ([statement(**when("StringEquals", "aws:SourceAccount", "111122223333"))], "yes"),
        ([statement(**when("StringEquals", "aws:SourceAccount", "999999999999"))], "no"),
        ([statement(**when("ArnLike", "aws:SourceArn", JOBS))], "yes"),
        ([statement(**when("ArnLike", "aws:SourceArn", "arn:aws:sagemaker:eu-west-1:111122223333:*"))], "some"),
        ([statement(**when("ArnLike", "AWS:sourcearn", JOBS.replace("/*", "/prod-*")))], "some"),
        ([statement(**when("ArnLike", "aws:SourceArn", "arn:aws:sagemaker:*:111122223333:model/*"))], "no"),
        ([statement(**when("StringEquals", "aws:SourceOrgID", "o-exampleorg"))], "yes"),
        ([statement(**when("StringEquals", "sts:ExternalId", "x"))], "no"),
        ([statement(), statement(effect="Deny", **when("ArnLike", "aws:SourceArn", JOBS))], "no"),
        ([statement(), statement(effect="Deny", **when("ArnNotLike", "aws:SourceArn", JOBS))], "yes"),
        (
            [
                statement(**when("ArnLike", "aws:SourceArn", JOBS.replace("/*", "/a*"))),
                statement(effect="Deny", **when("ArnLike", "aws:SourceArn", JOBS.replace("/*", "/ab*"))),
            ],
            "some",
        ),
    ],
)
def test_trust(statements: list[dict[str, Any]], trusted: str) -> None:
    answer = ask(*statements)
    assert answer.trusted == trusted
    assert (answer.allowed is not None) == (trusted in ("yes", "some"))
    assert (answer.denied is not None) == (trusted in ("no", "some"))


def test_a_named_resource_settles_what_depends_on_its_name() -> None:
    prod = statement(**when("ArnLike", "aws:SourceArn", JOBS.replace("/*", "/prod-*")))
    named = "arn:aws:sagemaker:eu-west-1:111122223333:training-job/"
    assert ask(prod, source=f"{named}prod-1").trusted is Trusted.YES
    assert ask(prod, source=f"{named}dev-1").trusted is Trusted.NO


def test_the_star_that_sagemaker_sends_is_an_ordinary_character() -> None:
    wide = statement(**when("ArnLike", "aws:SourceArn", "arn:aws:sagemaker:*:111122223333:*"))
    narrow = statement(**when("ArnLike", "aws:SourceArn", "arn:aws:sagemaker:*:111122223333:model/*"))
    assert ask(wide, source=ANY_STAR).trusted is Trusted.YES
    assert ask(narrow, source=ANY_STAR).trusted is Trusted.NO


def test_the_region_that_is_chosen_counts() -> None:
    here = statement(**when("ArnLike", "aws:SourceArn", "arn:aws:sagemaker:eu-west-1:111122223333:*"))
    assert ask(here, region="eu-west-1").trusted is Trusted.YES
    assert ask(here, region="us-east-1").trusted is Trusted.NO


def test_a_resource_control_policy_can_keep_the_service_out() -> None:
    everything = policy(
        PolicyKind.RESOURCE_CONTROL, {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    )
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
    foreign = {**deny, "Condition": {"StringNotEquals": {"aws:SourceOrgID": "o-exampleorg"}}}
    for statements, trusted in (([deny], Trusted.NO), ([foreign], Trusted.YES)):
        levels = ((everything, policy(PolicyKind.RESOURCE_CONTROL, *statements)),)
        answer = ask(statement(), rcps=levels)
        assert answer.trusted is trusted
    assert (
        "resource control policy `limit`"
        in ask(statement(), rcps=((everything, policy(PolicyKind.RESOURCE_CONTROL, deny)),)).reason
    )


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        ([statement()], "it asks for no conditions"),
        (
            [statement("ec2.amazonaws.com")],
            "its trust policy does not name sagemaker.amazonaws.com: it names ec2.amazonaws.com",
        ),
        ([{**statement(), "Principal": {"AWS": "111122223333"}}], "it names no service"),
        ([{**statement(), "Action": "sts:TagSession"}], "names sagemaker.amazonaws.com, but not for sts:AssumeRole"),
        (
            [statement(**when("StringEquals", "aws:SourceAccount", "111122223333"))],
            "its conditions on aws:SourceAccount hold",
        ),
        (
            [statement(**when("StringEquals", "aws:SourceAccount", "999999999999"))],
            "StringEquals on aws:SourceAccount wants 999999999999, the service sends 111122223333",
        ),
        (
            [statement(**when("StringEquals", "sts:ExternalId", "x"))],
            "sts:ExternalId wants x, the service sends nothing",
        ),
        ([statement(), statement(effect="Deny")], "its trust policy denies it"),
    ],
)
def test_reasons_are_told_in_words(statements: list[dict[str, Any]], reason: str) -> None:
    assert reason in ask(*statements).reason


def test_an_unreadable_trust_policy_leaves_it_undecided() -> None:
    universe = ResourceUniverse(JOB, "aws", "111122223333")
    asked = Assumption("sagemaker.amazonaws.com", ROLE, "111122223333", universe)
    assert service_trust(None, asked, load_condition_keys()).trusted is Trusted.UNDECIDED
