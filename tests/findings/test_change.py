"""The findings of a change: new and gone, by code and content, in texts and of whom it touches."""

import pytest

from policystudio.changes import services as changes
from policystudio.changes.models import Change
from policystudio.findings import selectors
from policystudio.findings.selectors import ChangeFindings
from tests import factories
from tests.findings.conftest import Shop, author
from tests.web.conftest import allow

ANY = "arn:aws:iam::111122223333"


@pytest.fixture
def change(shop: Shop) -> Change:
    return changes.change_create(account=shop.account, by=author(shop.account), title="Try", description="")


def put(change: Change, kind: str, target: str, text: dict | str = "", **more: object) -> ChangeFindings:
    fields = {"name": "", "other": "", "data": {}, **more}
    changes.edit_put(
        change=change,
        by=change.author,
        expected_version=None,
        kind=kind,
        target=target,
        text=factories.as_text(text) if text else "",
        **fields,
    )
    change.refresh_from_db()
    return selectors.of_change(change)


def new(told: ChangeFindings) -> list[tuple[str, str]]:
    return [(one.found.code, one.label) for one in told.new]


def gone(told: ChangeFindings) -> list[tuple[str, str]]:
    return [(one.found.code, one.label) for one in told.gone]


def test_what_a_text_brings_and_takes_away(shop: Shop, change: Change) -> None:
    policy = factories.make_managed_policy(
        shop.account, "reads", allow(["sagemaker:ListModell", "s3:Get*", "s3:GetObject"])
    )
    told = put(change, "managed-policy", policy.arn, allow(["s3:Get*", "s3:GetObject", "*:List*"]))
    assert new(told) == [("WILDCARD_IN_SERVICE_NAME", "policy/reads")]
    assert gone(told) == [("INVALID_ACTION", "policy/reads")]
    assert told.same == 1


def test_a_finding_that_moves_is_neither_new_nor_gone(shop: Shop, change: Change) -> None:
    statement = {"Sid": "Typo", "Effect": "Allow", "Action": "sagemaker:ListModell", "Resource": "*"}
    other = {"Sid": "Other", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    base = {"Version": "2012-10-17", "Statement": [statement]}
    policy = factories.make_managed_policy(shop.account, "reads", base)
    told = put(change, "managed-policy", policy.arn, {"Version": "2012-10-17", "Statement": [other, statement]})
    assert (new(told), gone(told), told.same) == ([], [], 1)


def test_a_new_policy_has_new_findings_alone(shop: Shop, change: Change) -> None:
    told = put(
        change,
        "managed-policy",
        f"{ANY}:policy/fresh",
        allow("sagemaker:ListModell"),
        data={"path": "/", "name": "fresh", "description": ""},
    )
    assert new(told) == [("INVALID_ACTION", "policy/fresh")]


def test_a_path_that_an_attachment_opens(shop: Shop, change: Change) -> None:
    bob = factories.make_identity(shop.account, "user", "bob")
    factories.make_inline_policy(bob, allow("iam:PassRole"), "pass")
    told = put(change, "attach", bob.arn, other=shop.jobs.arn)
    assert new(told) == [("STUDIO_PATH_PASS_ROLE", "user/bob")]
    told = put(change, "detach", shop.ana.arn, other=shop.jobs.arn)
    assert gone(told) == [("STUDIO_PATH_PASS_ROLE", "user/ana")]


def test_a_policy_that_many_share_touches_all_of_them(shop: Shop, change: Change) -> None:
    told = put(change, "managed-policy", shop.jobs.arn, allow("sagemaker:ListModels"))
    assert ("STUDIO_PATH_PASS_ROLE", "user/ana") in gone(told)


def test_a_quota_that_the_change_goes_beyond(shop: Shop, change: Change) -> None:
    half = allow("s3:GetObject", [f"arn:aws:s3:::bucket-{number:03}/*" for number in range(40)])
    factories.make_inline_policy(shop.ana, half, "a")
    told = put(change, "inline-policy", shop.ana.arn, half, name="b")
    assert ("STUDIO_INLINE_POLICIES_TOO_LARGE", "user/ana") in new(told)


def test_a_trust_policy_is_read_as_one(shop: Shop, change: Change) -> None:
    text = factories.TRUST_SAGEMAKER
    statement = {**text["Statement"][0], "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}
    told = put(change, "trust-policy", shop.train.arn, {**text, "Statement": [statement]})
    assert ("STUDIO_CONFUSED_DEPUTY", "role/train trust policy") in gone(told)


def test_a_text_that_is_no_json_has_its_finding(shop: Shop, change: Change) -> None:
    told = put(change, "managed-policy", shop.jobs.arn, "{")
    assert ("JSON_SYNTAX_ERROR", "policy/jobs") in new(told)


def test_an_empty_change_brings_nothing(change: Change) -> None:
    told = selectors.of_change(change)
    assert (new(told), gone(told), told.same) == ([], [], 0)
