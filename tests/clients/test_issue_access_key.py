"""`manage.py issue_access_key`: makes the client, prints the key once, refuses to change a role silently."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from policystudio.accounts.models import Role
from policystudio.audit.models import AuditEntry
from policystudio.clients import selectors
from policystudio.clients.models import AccessKey, ServiceClient
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _account() -> None:
    make_account("111122223333", "research")


def run(*arguments: str) -> dict[str, str]:
    out = io.StringIO()
    call_command("issue_access_key", *arguments, stdout=out)
    answer: dict[str, str] = json.loads(out.getvalue())
    return answer


def test_it_prints_one_object_with_the_key_and_its_secret() -> None:
    answer = run("ci", "--account", "111122223333")
    assert list(answer) == ["AccessKeyId", "SecretAccessKey"]
    key = selectors.find_access_key(answer["AccessKeyId"])
    assert key is not None
    assert selectors.secret_of(key) == answer["SecretAccessKey"]
    assert (key.client.name, key.client.role, key.created_by_name) == ("ci", Role.VIEWER, "command line")
    assert answer["SecretAccessKey"] not in str(list(AuditEntry.objects.values()))


def test_a_client_that_is_there_gets_another_key() -> None:
    first = run("ci", "--account", "research", "--role", "author")
    second = run("ci", "--account", "111122223333")
    third = run("ci", "--account", "111122223333", "--role", "author")
    assert len({first["AccessKeyId"], second["AccessKeyId"], third["AccessKeyId"]}) == 3
    assert ServiceClient.objects.get().role == Role.AUTHOR


def test_it_refuses_to_change_a_role() -> None:
    run("ci", "--account", "111122223333", "--role", "viewer")
    with pytest.raises(CommandError, match="has the role viewer, not administrator") as refusal:
        run("ci", "--account", "111122223333", "--role", "administrator")
    assert refusal.value.returncode == 2
    assert ServiceClient.objects.get().role == Role.VIEWER
    assert AccessKey.objects.count() == 1


def test_days_say_when_it_ends() -> None:
    run("ci", "--account", "111122223333", "--days", "7")
    ends = AccessKey.objects.get().expires_at
    assert timedelta(days=6) < ends - timezone.now() <= timedelta(days=7)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ci", "--account", "999999999999"), "no account `999999999999`"),
        (("c i", "--account", "research"), "a name has"),
        (("ci", "--account", "research", "--days", "0"), "1 to 365 days"),
        (("ci", "--account", "research", "--days", "99999999999"), "1 to 365 days"),
    ],
)
def test_what_it_cannot_do_it_says_and_leaves_nothing_behind(arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(CommandError, match=says) as refusal:
        run(*arguments)
    assert refusal.value.returncode == 2
    assert not ServiceClient.objects.exists()
