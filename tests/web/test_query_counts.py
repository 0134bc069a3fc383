"""How many SQL queries a page needs: those of tests/query_counts.json, whatever the number of rows.

`UPDATE_QUERY_COUNTS=1 pytest tests/web/test_query_counts.py` writes the file anew; read the difference before you
keep it.
"""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User as SignIn
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from policystudio.accounts.models import Role
from policystudio.clients import services as clients
from policystudio.clients.models import ServiceClient
from policystudio.findings.services import findings_work_now
from tests import factories
from tests.web.conftest import Lab, allow

BASELINE = Path(__file__).resolve().parent.parent / "query_counts.json"
WHY = "why=arn:aws:iam::111122223333:user/people/ana&why_type=model&why_action=sagemaker:CreateModel"
MODEL = "arn:aws:sagemaker:eu-west-1:111122223333:model/prod-1"
SCENARIO = "operation=CreateTrainingJob&identity=arn:aws:iam::111122223333:user/people/ana"
ACCOUNT = "/accounts/111122223333/"
PAGES = {
    "accounts": "/accounts/",
    "account": ACCOUNT,
    "users": "/accounts/111122223333/users/",
    "groups": "/accounts/111122223333/groups/",
    "roles": "/accounts/111122223333/roles/",
    "policies": "/accounts/111122223333/policies/",
    "resources": "/accounts/111122223333/resources/",
    "organization": "/accounts/111122223333/organization/",
    "changes": "/accounts/111122223333/changes/",
    "members": "/accounts/111122223333/members/",
    "clients": f"{ACCOUNT}clients/",
    "client": f"{ACCOUNT}clients/{{client}}/",
    "your-tokens": "/you/tokens/",
    "templates": "/accounts/111122223333/templates/",
    "template": "/accounts/111122223333/templates/data-scientist/",
    "simulator": "/accounts/111122223333/simulator/",
    "simulations": f"{ACCOUNT}simulations/",
    "simulation": f"{ACCOUNT}simulations/1/",
    "why": f"/accounts/111122223333/simulator/why/?{WHY}",
    "identity": "/accounts/111122223333/identities/{ana}/",
    "root": f"{ACCOUNT}root/",
    "redundant": "/accounts/111122223333/identities/{ana}/redundant/",
    "policy": "/accounts/111122223333/policies/{look}/",
    "policy-take-out": "/accounts/111122223333/policies/{look}/take-out/?format=sh",
    "identity-take-out": "/accounts/111122223333/identities/{ana}/take-out/?format=tf.json",
    "minified": "/accounts/111122223333/policies/{look}/minified/",
    "compare": "/accounts/111122223333/compare/?exclude=arn:aws:iam::111122223333:policy/look",
    "scenario": f"/accounts/111122223333/scenarios/?{SCENARIO}",
    "scenario-role": f"/accounts/111122223333/scenarios/?{SCENARIO}&role=arn:aws:iam::111122223333:role/trainer",
    "who-can": f"/accounts/111122223333/who-can/?action=sagemaker:DeleteModel&resource={MODEL}",
    "known": "/accounts/111122223333/known.json",
    "findings": "/accounts/111122223333/findings/",
    "findings-of-a-code": "/accounts/111122223333/findings/?code=STUDIO_PATH_PASS_ROLE",
    "search": "/search/?q=a",
    "imports": "/imports/",
}

#: For administrators alone; the others are asked for by a viewer.
ADMINISTERED = {"clients", "client"}


def make_client(lab: Lab, vic: SignIn) -> ServiceClient:
    """An API client, and one more key and token of one."""
    now, name = timezone.now(), f"client{ServiceClient.objects.count()}"
    made = clients.client_create(by=None, account=lab.account, name=name, role=Role.VIEWER, now=now)
    first = ServiceClient.objects.order_by("pk")[0]
    clients.access_key_issue(by=None, client=first, now=now)
    token = {"name": "ci", "scope": "read", "lifetime": timedelta(days=1)}
    clients.client_token_issue(by=None, client=first, **token)
    clients.token_create(user=vic, account=lab.account, **token)
    return made


def grow(lab: Lab) -> None:
    """More of everything that a list shows, all of it with documents that are known already."""
    policy = factories.make_managed_policy(lab.account, policy=allow("sagemaker:List*"))
    for _ in range(8):
        user, group = (factories.make_identity(lab.account, kind) for kind in ("user", "group"))
        role = factories.make_identity(lab.account, "role", boundary=policy)
        factories.join(user, group, lab.scientists)
        for identity in (user, group, role):
            factories.attach(identity, policy)
            factories.make_inline_policy(identity)
        factories.make_resource(lab.account, creator=user)
        factories.make_membership(factories.make_sign_in(), lab.account)
    factories.make_simulation(lab.account)


def count(client: Client, path: str) -> int:
    client.get(path)  # parsed documents and compiled matrices stay in the process
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("name", PAGES)
def test_it_needs_the_same_queries_however_many_rows_there_are(
    vic: Client, ada: Client, lab: Lab, viewer: SignIn, name: str
) -> None:
    client = make_client(lab, viewer)
    factories.make_simulation(lab.account)
    path = PAGES[name].format(ana=lab.ana.pk, look=lab.scientists.managed_policies.get().pk, client=client.pk)
    who = ada if name in ADMINISTERED else vic
    findings_work_now(account=lab.account, now=timezone.now())
    few = count(who, path)
    grow(lab)
    for _ in range(8):
        make_client(lab, viewer)
    findings_work_now(account=lab.account, now=timezone.now())
    assert count(who, path) <= few + 1  # a list that was empty asks for what belongs to its rows
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        kept = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
        BASELINE.write_text(json.dumps({**kept, name: few}, indent=2, sort_keys=True) + "\n")
    assert few == json.loads(BASELINE.read_text())[name]


def test_the_baseline_has_no_other_pages() -> None:
    assert set(json.loads(BASELINE.read_text())) == set(PAGES)
