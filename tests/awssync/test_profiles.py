"""Instance profiles and counts of an export: what is read, what is reported, and what a second import does."""

from typing import Any

import pytest

from policystudio.identities.models import InstanceProfile
from policystudio.policies.models import ManagedPolicy
from tests.awsquery.test_kept_fields import profile
from tests.support.exports import OTHER, arn, changed, export, policy, read, role, run, told

JOB = arn("role", "job")


def job(*profiles: Any, name: str = "job", **fields: Any) -> dict[str, Any]:
    made = role(name, **fields)
    return made | {"InstanceProfileList": [one(made) if callable(one) else one for one in profiles]}


def named(name: str, path: str = "/", **fields: Any) -> Any:
    return lambda of: profile(name, of, path, **fields)


def profiles() -> set[tuple[str, str, str]]:
    return set(InstanceProfile.objects.values_list("arn", "role__name", "unique_id"))


ODD: list[tuple[Any, str, str]] = [
    (named("p", Arn="x"), "arn_malformed", "InstanceProfileList[0].Arn"),
    (named("p", Arn=None), "arn_malformed", "InstanceProfileList[0]"),
    (named("p", Arn=arn("instance-profile", "p", OTHER)), "arn_malformed", "InstanceProfileList[0].Arn"),
    (named("p", Arn=arn("role", "p")), "arn_malformed", "InstanceProfileList[0].Arn"),
    (named("p" * 129), "name_malformed", "InstanceProfileList[0]"),
    (named("p", "/" + "x" * 600 + "/"), "name_malformed", "InstanceProfileList[0]"),
    (named("p", Odd=1), "key_unknown", "InstanceProfileList[0].Odd"),
    (named("p", CreateDate="soon"), "date_malformed", "InstanceProfileList[0].CreateDate"),
    (3, "field_malformed", "InstanceProfileList[0]"),
]


@pytest.mark.parametrize(("written", "code", "path"), ODD)
def test_what_is_odd_is_reported_and_bears_on_no_permission(written: Any, code: str, path: str) -> None:
    content = export(job(written))
    (found,) = told(read(content)[1])
    assert found[:2] == (code, f"RoleDetailList[0].{path}")
    assert read(content)[0].accounts["111122223333"].identities["role", "job"].gaps == []


def test_a_name_stands_once_in_an_account() -> None:
    content = export(job(named("p"), named("P", "/x/")), job(named("p", "/y/"), name="other"))
    assert [one[0] for one in told(read(content)[1])] == ["item_twice", "item_twice"]
    kept = read(content)[0].accounts["111122223333"].identities
    assert [len(one.profiles) for one in kept.values()] == [1, 0]


@pytest.mark.parametrize("written", [-1, 1.5, True, "x", "9" * 5000, 2**40, []])
def test_a_count_that_is_none_is_passed_over(written: Any) -> None:
    (found,) = told(read(export(policy("ml", AttachmentCount=written)))[1])
    assert found[:2] == ("field_malformed", "Policies[0].AttachmentCount")


@pytest.mark.django_db
def test_the_second_import_writes_the_difference_alone() -> None:
    run(export(job(named("p"), named("q")), job(name="other")))
    before = {row.arn: row.pk for row in InstanceProfile.objects.all()}
    assert not run(export(job(named("p"), named("q")), job(name="other"))).is_changed
    moved = run(export(job(named("p", InstanceProfileId="NEW")), job(named("q"), name="other")))
    assert changed(moved) == [
        ("updated", "role", "job", ("instance profiles",)),
        ("updated", "role", "other", ("instance profiles",)),
    ]
    assert profiles() == {
        (arn("instance-profile", "p"), "job", "NEW"),
        (arn("instance-profile", "q"), "other", "AIPAQ"),
    }
    assert {row.arn: row.pk for row in InstanceProfile.objects.all()} == before
    # The same name in another path is another one, in place of the first.
    run(export(job(named("P", "/x/"))))
    assert profiles() == {(arn("instance-profile", "P", path="/x/"), "job", "AIPAP")}


@pytest.mark.django_db
def test_an_answer_that_goes_on_removes_only_what_it_contradicts() -> None:
    run(export(job(named("p"), named("q")), job(named("r"), name="other")))
    run(export(job(named("p")), job(named("R", "/x/"), name="third"), IsTruncated=True))
    assert {one[:2] for one in profiles()} == {
        (arn("instance-profile", "p"), "job"),
        (arn("instance-profile", "R", path="/x/"), "third"),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("told", "beyond"), [({}, 0), ({"AttachmentCount": 0}, -1), ({"AttachmentCount": 3}, 2)])
def test_what_aws_counted_is_held_against_what_the_file_shows(told: dict[str, int], beyond: int) -> None:
    attached = [{"PolicyName": "ml", "PolicyArn": arn("policy", "ml")}]
    run(export(job(AttachedManagedPolicies=attached), policy("ml", **told)))
    assert ManagedPolicy.objects.get().attachments_beyond == beyond


def test_counts_of_several_accounts_in_one_file_are_not_mixed() -> None:
    """AWS's policies stand in it once for each, with the count of each."""
    aws = policy("Read", number="aws", AttachmentCount=5)
    content = export(role("a"), role("b", number=OTHER), aws, dict(aws, AttachmentCount=7))
    result, report = read(content)
    assert told(report) == []
    assert [one.policies[aws["Arn"]].attachments_beyond for one in result.accounts.values()] == [0, 0]
