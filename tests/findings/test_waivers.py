"""Waivers: who may grant them, what they are held to, when they end, and that they stay with what they are about."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from policystudio.accounts.models import Role
from policystudio.audit.models import AuditEntry
from policystudio.findings import selectors, services
from policystudio.findings.models import Finding, Waiver
from policystudio.findings.services import WaiverError
from tests import factories
from tests.findings.conftest import NOW, Shop, author
from tests.web.conftest import allow

TODAY = NOW.date()
TYPO = {"Effect": "Allow", "Action": "sagemaker:ListModell", "Resource": "*"}


def work(shop: Shop) -> None:
    services.findings_work_now(account=shop.account, now=NOW)


def typo(shop: Shop) -> Finding:
    work(shop)
    return Finding.objects.get(code="INVALID_ACTION")


def write(shop: Shop, *statements: dict) -> None:
    """Let the policy `typo` say these statements."""
    text = {"Version": "2012-10-17", "Statement": list(statements)}
    policy = shop.account.managed_policies.filter(name="typo").first()
    if policy is None:
        factories.make_managed_policy(shop.account, "typo", text)
    else:
        policy.versions.update(document=factories.make_document(text))


def waive(shop: Shop, by=None, **more: object) -> Waiver:
    by = by or author(shop.account)
    arguments = {"finding": typo(shop), "reason": "Known", "owner": by, "until": TODAY + timedelta(days=30), "now": NOW}
    return services.waiver_grant(by=by, account=shop.account, **{**arguments, **more})


def is_waived(shop: Shop, on=TODAY) -> bool:
    work(shop)
    return Finding.objects.filter(selectors.is_waived(on), code="INVALID_ACTION").exists()


def test_it_is_audited(shop: Shop) -> None:
    write(shop, TYPO)
    waiver = waive(shop)
    services.waiver_change(by=waiver.owner, waiver=waiver, reason="New", owner=waiver.owner, until=TODAY, now=NOW)
    services.waiver_remove(by=waiver.owner, waiver=waiver, now=NOW)
    entries = AuditEntry.objects.filter(action__startswith="waiver.").order_by("sequence")
    assert [one.action for one in entries] == ["waiver.granted", "waiver.changed", "waiver.removed"]
    assert entries[1].details["before"]["reason"] == "Known"


def test_a_viewer_and_a_stranger_waive_nothing(shop: Shop) -> None:
    write(shop, TYPO)
    owner = author(shop.account)
    for person in (author(shop.account, "vic", Role.VIEWER), factories.make_sign_in("stan")):
        with pytest.raises(PermissionDenied):
            waive(shop, person, owner=owner)
    waiver = waive(shop, owner)
    with pytest.raises(PermissionDenied):
        services.waiver_remove(by=author(shop.account, "eve", Role.VIEWER), waiver=waiver, now=NOW)
    assert is_waived(shop)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"owner": None}, "owner"),
        ({"until": TODAY - timedelta(days=1)}, "until"),
        ({"until": TODAY + timedelta(days=367)}, "until"),
        ({"finding": None, "code": "NO_SUCH"}, "code"),
    ],
)
def test_what_is_wrong_is_named(shop: Shop, change: dict, field: str) -> None:
    write(shop, TYPO)
    with pytest.raises(WaiverError) as caught:
        waive(shop, **change)
    assert list(caught.value.problems) == [field]
    assert not Waiver.objects.exists()


def test_the_last_day_counts_and_the_next_does_not(shop: Shop) -> None:
    write(shop, TYPO)
    until = waive(shop).until
    assert is_waived(shop, until)
    assert not is_waived(shop, until + timedelta(days=1))


def test_a_second_waiver_replaces_the_first(shop: Shop) -> None:
    write(shop, TYPO)
    first = waive(shop)
    second = waive(shop, first.owner, reason="Better")
    assert first.pk == second.pk
    assert Waiver.objects.get().reason == "Better"


def test_a_code_is_waived_everywhere_also_where_it_comes_later(shop: Shop) -> None:
    write(shop, TYPO)
    waive(shop, finding=None, code="INVALID_ACTION")
    factories.make_managed_policy(shop.account, "later", allow("sagemaker:ListModelll"))
    work(shop)
    assert Finding.objects.filter(selectors.is_waived(TODAY), code="INVALID_ACTION").count() == 2


def test_of_two_waivers_the_one_that_ends_later_counts(shop: Shop) -> None:
    write(shop, TYPO)
    one = waive(shop, until=TODAY)
    waive(shop, one.owner, finding=None, code="INVALID_ACTION", until=TODAY + timedelta(days=9))
    assert is_waived(shop, TODAY + timedelta(days=9))


OTHER = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
NAMED = {"Sid": "Typo", **TYPO}


@pytest.mark.parametrize(
    ("before", "after", "stays"),
    [
        ([TYPO], [OTHER, TYPO], True),  # it moves
        ([TYPO], [{"Resource": "*", **TYPO}], False),  # no Sid: its text is its name
        ([NAMED], [OTHER, {**NAMED, "Resource": "arn:aws:s3:::*"}], True),  # a Sid is
        ([NAMED], [{**NAMED, "Action": "sagemaker:ListModelll"}], False),  # another mistake
        (
            [{**NAMED, "Action": ["s3:GetObject", "sagemaker:ListModell"]}],
            [{**NAMED, "Action": ["sagemaker:ListModell"]}],
            True,
        ),
    ],
)
def test_it_stays_with_what_it_is_about(shop: Shop, before: list, after: list, stays: bool) -> None:
    write(shop, *before)
    waive(shop)
    assert is_waived(shop)
    write(shop, *after)
    work(shop)
    assert Finding.objects.filter(code="INVALID_ACTION").exists()
    assert is_waived(shop) is stays


def test_white_space_does_not_matter(shop: Shop) -> None:
    write(shop, TYPO)
    waive(shop)
    policy = shop.account.managed_policies.get(name="typo")
    text = policy.versions.get().document.text.replace("\n", "\n    ")
    policy.versions.update(document=factories.make_document(text))
    assert is_waived(shop)


def test_a_waived_path_comes_back_with_another_role(shop: Shop) -> None:
    work(shop)
    path = Finding.objects.get(code="STUDIO_PATH_PASS_ROLE")
    waive_path = {"finding": path}
    write(shop, TYPO)
    waive(shop, **waive_path)
    assert Finding.objects.filter(selectors.is_waived(TODAY), code=path.code).exists()
    admin = factories.make_identity(shop.account, "role", "admin")
    factories.make_inline_policy(admin, allow("*"))
    work(shop)
    (now,) = Finding.objects.filter(code=path.code)
    assert now.message.startswith("It can run a training job as role/admin or 1 other role")
    assert now.waiver is None


def test_what_is_mended_and_comes_back_is_waived_still(shop: Shop) -> None:
    write(shop, TYPO)
    waive(shop)
    write(shop, OTHER)
    work(shop)
    assert not Finding.objects.filter(code="INVALID_ACTION").exists()
    write(shop, TYPO)
    assert is_waived(shop)
