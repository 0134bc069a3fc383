"""No request keeps the processor for longer than it may: every door behind which something is worked out."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client

from policystudio.accounts.models import Account, Role
from policystudio.changes.models import Change
from policystudio.changes.services import Wanted, change_begin, expectation_create
from policystudio.identities.models import Identity
from policystudio.lib import watchdog
from policystudio.lib.time_budget import TimeBudget
from tests import factories

pytestmark = pytest.mark.django_db

MODEL = "arn:aws:sagemaker:eu-west-1:111122223333:model/churn"
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sagemaker:*",
            "Resource": "arn:aws:sagemaker:*:*:model/*a*",
            "Condition": {"StringLike": {"aws:RequestTag/team": ["a*", "*b"]}},
        },
        {"Effect": "Deny", "Action": "sagemaker:Delete*", "Resource": "arn:aws:sagemaker:*:*:*/*b*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
    ],
}
OTHER = {**DOCUMENT, "Statement": DOCUMENT["Statement"][1:]}
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
EVENT = {
    "eventSource": "sagemaker.amazonaws.com",
    "eventName": "ListModels",
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ana"},
}


class Ground:
    """An account whose cells are not plain, and a change of it."""

    def __init__(self) -> None:
        self.account: Account = factories.make_account("111122223333", "research")
        self.ada: SignIn = factories.make_sign_in("ada")
        factories.make_membership(self.ada, self.account, Role.ADMINISTRATOR)
        self.ana: Identity = factories.make_identity(self.account, "user", "ana")
        policy = factories.make_managed_policy(self.account, "models", DOCUMENT)
        factories.attach(self.ana, policy)
        factories.attach(factories.make_identity(self.account, "role", "train"), policy)
        wanted = Wanted(demand="must", identity=self.ana.arn, action="sagemaker:CreateModel", resource=MODEL)
        expectation_create(account=self.account, by=self.ada, wanted=wanted)
        fields: dict[str, Any] = {"kind": "managed-policy", "target": policy.arn, "text": json.dumps(OTHER)}
        edit = change_begin(account=self.account, by=self.ada, title="Narrow", **fields)
        self.edit, self.change = edit, edit.change
        assert isinstance(self.change, Change)


@pytest.fixture
def ground() -> Ground:
    return Ground()


def asked(ground: Ground) -> dict[str, str]:
    return {"principal": ground.ana.arn, "action": "sagemaker:CreateModel", "resource": MODEL}


Body = Callable[[Ground], dict[str, Any]]
#: Endpoints of REST with their bodies; None is GET. Addresses are below `accounts/…/` where they begin with a dot.
REST: dict[str, Body | None] = {
    "evaluate": lambda g: {**asked(g), "identity_policies": [DOCUMENT]},
    "compare": lambda _: {"before": DOCUMENT, "after": OTHER},
    "redundant": lambda _: {"policy": DOCUMENT},
    "minify": lambda _: {"policy": DOCUMENT},
    "validate": lambda _: {"policy": DOCUMENT},
    "check-access": lambda _: {"policy": DOCUMENT, "actions": ["sagemaker:*"]},
    "check-public": lambda _: {"policy": TRUST},
    "templates/execution-training/render": lambda _: {
        "parameters": {"account": "111122223333", "buckets": ["churn-data"]}
    },
    "./matrix": None,
    "./what-can?identity={arn}": None,
    "./who-can?action=sagemaker:CreateModel": None,
    "./scenario?identity={arn}&operation=CreateModel": None,
    "./redundant?identity={arn}": None,
    "./expectations/run": None,
    "./changes/{change}/decisions": None,
    "./simulate": lambda g: {"requests": [asked(g)]},
    "./smallest-change": asked,
    "./least-policy": lambda _: {"Records": [EVENT]},
}
#: Pages below `accounts/…/`; what is posted where it is not None.
PAGES: dict[str, Body | None] = {
    "simulator/": None,
    "simulator/?why={arn}&why_type=model&why_action=sagemaker:CreateModel": None,
    "simulator/export.csv": None,
    "identities/{identity}/": None,
    "identities/{identity}/redundant/": None,
    "who-can/?action=sagemaker:CreateModel": None,
    "scenarios/?operation=CreateModel&identity={arn}": None,
    "expectations/": None,
    "changes/{change}/decisions/": None,
    "changes/{change}/expectations/": None,
    "changes/{change}/findings/": None,
    "compare/": lambda _: {"before": json.dumps(DOCUMENT), "after": json.dumps(OTHER)},
}
#: What the editor asks, in JSON.
EDITOR = ("grants", "findings", "shorter")


def signed_in(ground: Ground) -> Client:
    client = Client()
    client.force_login(ground.ada)
    return client


def filled(address: str, ground: Ground) -> str:
    return address.format(arn=ground.ana.arn, identity=ground.ana.pk, change=ground.change.number, edit=ground.edit.pk)


def ask(ground: Ground, base: str, address: str, body: Body | None, **more: Any) -> Any:
    url = base + filled(address, ground).removeprefix("./")
    if body is None:
        return signed_in(ground).get(url)
    return signed_in(ground).post(url, body(ground), **more)


@pytest.mark.parametrize("address", REST)
def test_an_endpoint_says_what_is_too_costly_and_what_to_narrow(ground: Ground, settings, address: str) -> None:
    base = f"/api/v1/accounts/{ground.account.number}/" if address.startswith("./") else "/api/v1/"
    settings.ANALYSIS_SECONDS = 0
    response = ask(ground, base, address, REST[address], content_type="application/json")
    assert response.status_code == 422, response.content[:300]
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "ask about less" in response.json()["detail"]
    settings.ANALYSIS_SECONDS = 600
    response = ask(ground, base, address, REST[address], content_type="application/json")
    assert response.status_code == 200, response.content[:300]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_says_what_is_too_costly_and_what_to_narrow(ground: Ground, settings, address: str) -> None:
    base = f"/accounts/{ground.account.number}/"
    settings.ANALYSIS_SECONDS = 0
    response = ask(ground, base, address, PAGES[address])
    assert response.status_code == 422, response.content[:300]
    assert "This question takes too long" in response.content.decode()
    settings.ANALYSIS_SECONDS = 600
    assert ask(ground, base, address, PAGES[address]).status_code == 200


@pytest.mark.parametrize("help_", EDITOR)
def test_the_editor_is_told_too(ground: Ground, settings, help_: str) -> None:
    settings.ANALYSIS_SECONDS = 0
    address = filled("changes/{change}/edits/{edit}/", ground) + help_
    base = f"/accounts/{ground.account.number}/"
    response = ask(ground, base, address, lambda _: {"text": json.dumps(DOCUMENT)}, content_type="application/json")
    assert response.status_code == 422, response.content[:300]


def test_lines_that_are_streamed_have_the_limit_too(ground: Ground, settings) -> None:
    settings.ANALYSIS_SECONDS = 0
    lines = "\n".join(json.dumps({"before": DOCUMENT, "after": OTHER}) for _ in range(3))
    response = signed_in(ground).post("/api/v1/compare", lines, content_type="application/x-ndjson")
    (line,) = b"".join(response.streaming_content).splitlines()
    assert "seconds that one request may work for" in json.loads(line)["error"]["message"]


def test_a_request_that_works_nothing_out_is_never_too_costly(ground: Ground, settings) -> None:
    settings.ANALYSIS_SECONDS = 0
    for address in ("/accounts/", "/api/v1/accounts", f"/accounts/{ground.account.number}/"):
        assert signed_in(ground).get(address).status_code == 200


def test_the_clock_is_that_of_the_thread_and_is_not_read_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    now, reads = {"worked": 10.0, "passed": 100.0}, []
    monkeypatch.setattr("policystudio.lib.time_budget.time.thread_time", lambda: reads.append(1) or now["worked"])
    monkeypatch.setattr("policystudio.lib.time_budget.time.perf_counter", lambda: now["passed"])
    budget = TimeBudget(1.5, lambda: ValueError("enough"))
    for _ in range(1000):
        budget()
    assert len(reads) == 2  # at the beginning, and at the first step
    now.update(worked=11.4, passed=500.0)  # time in which others work does not count
    budget()
    now.update(worked=11.6, passed=501.0)
    with pytest.raises(ValueError, match="enough"):
        budget()


def test_the_watchdog_ends_a_process_in_which_a_request_works_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    dog = watchdog.Watchdog(seconds=0.0, end=lambda: ended.append("ended"))
    monkeypatch.setattr(watchdog, "_watchdogs", [dog])

    def view(_request: Any) -> Any:
        sum(range(10_000))
        dog.look()
        return "answer"

    assert watchdog.WatchdogMiddleware(view)(object_with_route()) == "answer"
    assert ended == ["ended"]
    assert dog.work == {}
    dog.look()
    assert ended == ["ended"]


def test_the_watchdog_lets_a_request_work_within_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    dog = watchdog.Watchdog(seconds=3600.0, end=lambda: ended.append("ended"))
    monkeypatch.setattr(watchdog, "_watchdogs", [dog])
    watchdog.WatchdogMiddleware(lambda _request: dog.look())(object_with_route())
    assert not ended


def object_with_route() -> Any:
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.resolver_match = None
    return request
