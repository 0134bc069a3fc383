"""Laws of account imports, on random exports and on random damage to one."""

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from policystudio.accounts.models import Account
from policystudio.awssync.services import ImportRefusedError
from policystudio.policies.models import Document
from tests.support.account_rows import snapshot
from tests.support.exports import ALLOW, DENY, arn, attached, export, full, group, inline, policy, role, run, user

pytestmark = pytest.mark.django_db

names = st.sampled_from(["a", "b", "c"])
documents = st.sampled_from([ALLOW, DENY, json.dumps(ALLOW), "{"])
attachments = st.lists(names, unique=True, max_size=3).map(lambda some: attached(*(arn("policy", one) for one in some)))
accounts = st.builds(
    lambda users, groups, roles, policies: export(
        *(user(name, GroupList=joined, AttachedManagedPolicies=has, UserPolicyList=inline(**own))
          for name, (joined, has, own) in users.items()),
        *(group(name, AttachedManagedPolicies=has) for name, has in groups.items()),
        *(role(name, AttachedManagedPolicies=has, AssumeRolePolicyDocument=trust)
          for name, (has, trust) in roles.items()),
        *(policy(name, document=document) for name, document in policies.items()),
        role("always"),
    ),
    users=st.dictionaries(
        names, st.tuples(st.lists(names, unique=True), attachments, st.dictionaries(names, documents, max_size=2))
    ),
    groups=st.dictionaries(names, attachments),
    roles=st.dictionaries(names, st.tuples(attachments, documents)),
    policies=st.dictionaries(names, documents),
)  # fmt: skip


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=accounts, second=accounts)
def test_whatever_stood_there_before_the_rows_say_what_the_export_says(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    for content in (first, second):
        run(content)
    found = snapshot()
    assert not run(second).is_changed
    Account.objects.all().delete()
    Document.objects.all().delete()
    run(second)
    assert snapshot() == found


ODD_VALUES = st.sampled_from(
    [
        *(None, True, 0, -1, 1e30, "", " ", "x", "x" * 5000, "%00", "ä\u2028\U0001f600", "v1"),
        *([], [None], {}, {"a": "b"}, [[]], {"Key": "k", "Value": "v"}),
        *(arn("user", "ann"), arn("policy", "ml"), arn("group", "team"), "arn:aws:iam::aws:policy/x"),
        arn("user", "cid", "000000000000", "/" + "p/" * 300),
    ]
).map(copy.deepcopy)


def parts_of(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a value."""
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _ in pairs] + [part for _, inner in pairs for part in parts_of(inner)]


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_stands_in_an_export_it_is_imported_or_refused(data: st.DataObject) -> None:
    content = copy.deepcopy(full())
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(parts_of(content)))
        container[key] = data.draw(ODD_VALUES)
    with contextlib.suppress(ImportRefusedError):
        run(content)
        before = snapshot()
        assert not run(content).is_changed
        assert snapshot() == before
