"""Findings in the background: asked for when something changes, claimed once, and mended when a worker is lost."""

from datetime import timedelta

import pytest

from policystudio.accounts.services import content_changed
from policystudio.findings import services
from policystudio.findings.models import MAX_ATTEMPTS, AccountFindings, Finding
from policystudio.findings.selectors import revision_of, state_of
from policystudio.findings.services import jobs
from policystudio.lib import queue
from tests import factories
from tests.findings.conftest import NOW, Shop


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    messages: list[tuple[str, ...]] = []
    monkeypatch.setattr(queue, "send", lambda *message: messages.append(message) is None)
    return messages


def work(shop: Shop, now=NOW) -> bool:
    return services.findings_work(account_id=shop.account.pk, clock=lambda: now)


def state(shop: Shop) -> AccountFindings:
    return AccountFindings.objects.get(account=shop.account)


def test_a_change_of_the_account_asks_for_them(shop: Shop, sent: list, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        content_changed(shop.account)
    assert sent == [("policystudio.findings.tasks.findings_work", str(shop.account.pk))]


def test_a_change_of_the_organization_asks_for_those_of_its_accounts(
    shop: Shop, sent: list, django_capture_on_commit_callbacks
) -> None:
    organization = factories.make_organization()
    shop.account.unit = organization.units.get()
    shop.account.save()
    factories.make_account()
    with django_capture_on_commit_callbacks(execute=True):
        content_changed(organization)
    assert [message[1] for message in sent] == [str(shop.account.pk)]


def test_the_row_says_which_revision_was_worked_out(shop: Shop, sent: list) -> None:
    assert state_of(shop.account).worked_at is None
    assert work(shop)
    assert Finding.objects.exists()
    assert state(shop).revision == revision_of(shop.account)
    assert state_of(shop.account).current
    content_changed(shop.account)
    assert not state_of(shop.account).current
    assert state_of(shop.account).worked_at == NOW


def test_a_message_that_comes_twice_does_nothing(shop: Shop, sent: list) -> None:
    assert work(shop)
    assert not work(shop)


def test_while_one_works_another_does_not(shop: Shop, sent: list) -> None:
    AccountFindings.objects.create(
        account=shop.account, lease="6a3f2d3e-9c1b-4b5e-8a77-0d6f0c9b1a11", lease_until=NOW + timedelta(seconds=9)
    )
    assert not work(shop)
    assert work(shop, NOW + timedelta(seconds=10))


def test_a_lost_worker_leaves_what_was_there_and_is_tried_again(
    shop: Shop, sent: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill is an attempt that ends nowhere: its lease runs out."""

    def killed(**_arguments: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "findings_write", killed)
        for attempt in range(MAX_ATTEMPTS):
            with pytest.raises(SystemExit):
                work(shop, NOW + attempt * timedelta(minutes=5))
    assert not Finding.objects.exists()
    assert state(shop).attempts == MAX_ATTEMPTS
    later = NOW + timedelta(hours=1)
    assert not work(shop, later)
    assert services.findings_reap(now=later) == 0
    content_changed(shop.account)
    assert services.findings_reap(now=later) == 1
    assert work(shop, later)
    assert Finding.objects.exists()


def test_an_error_is_told_and_tried_thrice(shop: Shop, sent: list, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(jobs, "findings_of_account", broken)
    monkeypatch.setattr(jobs.connection, "close", lambda: None)
    for attempt in range(MAX_ATTEMPTS):
        assert services.findings_reap(now=NOW + attempt * timedelta(minutes=5)) == 1
        assert not work(shop, NOW + attempt * timedelta(minutes=5))
    assert services.findings_reap(now=NOW + timedelta(hours=1)) == 0
    assert "log of the worker" in state_of(shop.account).error


def test_who_lost_the_lease_writes_nothing(shop: Shop, sent: list, monkeypatch: pytest.MonkeyPatch) -> None:
    original = jobs.findings_of_account

    def slow(*args: object):
        AccountFindings.objects.update(lease="6a3f2d3e-9c1b-4b5e-8a77-0d6f0c9b1a11")
        return original(*args)

    monkeypatch.setattr(jobs, "findings_of_account", slow)
    assert not work(shop)
    assert not Finding.objects.exists()


def test_the_reaper_sends_what_is_not_worked_out_once_a_minute(shop: Shop, sent: list) -> None:
    assert services.findings_reap(now=NOW) == 1
    assert services.findings_reap(now=NOW + timedelta(seconds=30)) == 0
    assert services.findings_reap(now=NOW + timedelta(seconds=90)) == 1
    work(shop)
    assert services.findings_reap(now=NOW + timedelta(seconds=300)) == 0


def test_what_changed_meanwhile_is_sent_again(shop: Shop, sent: list, monkeypatch: pytest.MonkeyPatch) -> None:
    original = jobs.findings_of_account

    def meanwhile(*args: object):
        found = original(*args)
        content_changed(shop.account)
        return found

    monkeypatch.setattr(jobs, "findings_of_account", meanwhile)
    assert work(shop)
    assert len(sent) == 1
    assert not state_of(shop.account).current


def test_what_takes_long_is_done_in_parts(shop: Shop, sent: list, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bob", "eve"):
        who = factories.make_identity(shop.account, "user", name)
        factories.make_inline_policy(who, factories.ALLOW_ALL, "all")
        factories.make_inline_policy(who, factories.ALLOW_ALL, "again")
    monkeypatch.setattr(jobs, "MOST_IN_ONE", 2)
    rounds = 0
    while work(shop):
        rounds += 1
    assert rounds == 3
    assert state_of(shop.account).current
    found = Finding.objects.filter(code="STUDIO_POLICY_WITHOUT_EFFECT")
    assert {one.label for one in found} == {"user/bob", "user/eve"}
