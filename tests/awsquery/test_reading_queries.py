"""No reading operation asks the database more often because there is more to read."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policystudio.accounts.models import Account
from tests import factories
from tests.awsquery.test_reading_refusals import NAMES, READING
from tests.support.aws_account import make_told_account
from tests.support.aws_calls import make_caller, sdk

pytestmark = pytest.mark.django_db


def grow(account: Account) -> None:
    """Twenty more of everything, all of it hanging together."""
    held = {kind: account.identities.get(kind=kind, name=name) for kind, name in
            (("user", "ann"), ("group", "team"), ("role", "job"))}  # fmt: skip
    ml, edge = account.managed_policies.get(name="ml"), account.managed_policies.get(name="edge")
    for number in range(20):
        policy = factories.make_managed_policy(account, f"policy{number}", tags={"a": "b"})
        user = factories.make_identity(account, "user", f"user{number}", boundary=edge, tags={f"tag{number}": "x"})
        group = factories.make_identity(account, "group", f"group{number}")
        role = factories.make_identity(account, "role", f"role{number}", boundary=policy)
        factories.make_instance_profile(role, f"profile{number}")
        factories.make_instance_profile(held["role"], f"other{number}", tags={f"tag{number}": "x"})
        factories.join(user, held["group"], group)
        factories.join(held["user"], group)
        for bearer in (user, group, role, *held.values()):
            factories.attach(bearer, policy)
            factories.make_inline_policy(bearer)
        for bearer in (user, group, role):
            factories.attach(bearer, ml)


@pytest.mark.parametrize("operation", READING)
def test_an_operation_asks_as_often_of_many_as_of_few(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_told_account()
    iam = sdk(make_caller(account), monkeypatch)
    shape = iam.meta.service_model.operation_model(operation).input_shape
    asked = {name: NAMES[name] for name in (shape.required_members if shape else ())} | NEEDED.get(operation, {})
    method = next(method for method, name in iam.meta.method_to_api_mapping.items() if name == operation)
    call: Any = getattr(iam, method)
    call(**asked)  # what is looked up once in a process
    with CaptureQueriesContext(
        connection,
    ) as few:
        call(**asked)
    grow(account)
    with CaptureQueriesContext(connection) as many:
        call(**asked)
    assert len(many) == len(few), [query["sql"][:200] for query in many]
    assert len(many) <= MOST.get(operation, 8)


#: GetUser needs no name by its shape, and here it does.
NEEDED = {
    "GetUser": {"UserName": "ann"},
    "GetGroupPolicy": {"PolicyName": "shared"},
    "GetRolePolicy": {"PolicyName": "run"},
}
#: Its five lists with what hangs on each, and how long the documents of each are.
MOST = {"GetAccountAuthorizationDetails": 26}
