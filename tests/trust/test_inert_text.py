"""Names, Sids, tags and texts are inert: in an account full of hostile ones no page has an element made of them."""

import csv
import io
import json
import uuid
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.db import transaction
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Account, OrganizationalUnit, OrganizationPolicy, Role
from policystudio.audit.services import record
from policystudio.awssync.models import ImportJob
from policystudio.changes.models import Change, Edit
from policystudio.findings.models import Waiver
from policystudio.identities.models import Identity
from policystudio.policies.models import PolicyVersion
from tests import factories
from tests.access_cases import CASES, World, make_world
from tests.web.test_access import address

pytestmark = pytest.mark.django_db

MARK = "xyzzy"
ELEMENT = f"<{MARK} onclick=alert(1)>"
#: What leaves an attribute, a script, a comment or a text, each with an element of its own.
HOSTILE = (
    f"\"'></script></style></textarea></title>-->]]>{ELEMENT}<script>{MARK}()</script>"
    f"<img src={MARK} onerror={MARK}>{{{{917*919}}}}"
)
#: For what has a length; names of IAM's own have few characters, to which the database holds them.
SHORT = f"\"'>{ELEMENT}"
EVIL = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": HOSTILE,
            "Effect": "Allow",
            "Action": ["sagemaker:*", "iam:PassRole"],
            "Resource": ["*", f"arn:aws:sagemaker:*:*:model/{HOSTILE}*"],
        },
        {
            "Sid": f"{SHORT}2",
            "Effect": "Deny",
            "Action": f"sagemaker:{ELEMENT}*",
            "Resource": "*",
            "Condition": {"StringEquals": {f"aws:RequestTag/{SHORT}": [HOSTILE]}},
        },
    ],
}
#: What IAM would take: it is parsed, decided with and explained.
SUBTLE = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "sagemaker:CreateModel",
        "Resource": f"arn:aws:sagemaker:*:*:model/{HOSTILE.replace('{', '').replace('}', '').replace('$', '')}*",
        "Condition": {"StringLike": {f"aws:RequestTag/{ELEMENT}": [HOSTILE, f"{SHORT}*"]}},
    },
}
BROKEN = '{"Version": "2012-10-17", "Statement": [{"Effect": "' + HOSTILE.replace('"', '\\"') + '"}]}'


def hostile_world() -> World:
    """The world of every route's cases, where all that may be called anything is called something hostile."""
    world = make_world()
    hostile = factories.make_document(EVIL)
    PolicyVersion.objects.filter(policy__account=world.account).update(document=hostile)
    factories.make_managed_policy(world.account, "broken", BROKEN)
    factories.make_inline_policy(world.user, EVIL, "i=,.@-")
    assert factories.make_inline_policy(world.user, SUBTLE, "subtle").document.problems is None
    Identity.objects.update(tags={f"k{SHORT}": HOSTILE})
    Account.objects.filter(pk=world.account.pk).update(name=SHORT, read_by=SHORT, revision=uuid.uuid4())
    OrganizationPolicy.objects.update(name=SHORT)
    OrganizationalUnit.objects.update(name=SHORT)
    Change.objects.update(title=HOSTILE[:100])
    Edit.objects.update(text=json.dumps(EVIL, indent=1))
    Waiver.objects.update(reason=HOSTILE)
    ImportJob.objects.update(name=SHORT, filename=f"{SHORT}.json")
    for number, person in enumerate((world.administrator, world.viewer, world.stranger)):
        person.username = f"{number}{SHORT}"
        person.save()
    with transaction.atomic():
        details = {"before": HOSTILE, HOSTILE: HOSTILE}
        record(actor=HOSTILE, action="test.made", target=HOSTILE, account=world.account.number, details=details)
    return replace(world, account=Account.objects.get(pk=world.account.pk))


class Elements(HTMLParser):
    """What a browser would make elements and handlers of."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.wrong: list[str] = []
        self.in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        names = [name for name, _ in attrs]
        self.wrong += [f"{tag} {name}" for name in names if name.startswith("on") or name == MARK]
        self.wrong += [f"{tag} {name}={value}" for name, value in attrs if (value or "").startswith("javascript:")]
        if tag == MARK or (tag == "img" and ("src", MARK) in attrs):
            self.wrong.append(tag)
        self.in_script = tag == "script" and not dict(attrs).get("type", "").endswith("json")

    def handle_data(self, data: str) -> None:
        if self.in_script and data.strip():
            self.wrong.append(f"script: {data[:40]}")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 -- the name is the base class's
        self.in_script = False


def elements_of(page: str) -> Elements:
    found = Elements()
    found.feed(page)
    found.close()
    return found


def test_the_reader_sees_what_is_not_inert() -> None:
    assert elements_of(f"<p title='{HOSTILE}'>").wrong
    assert elements_of(f"<p>{HOSTILE}</p>").wrong
    assert elements_of(f"<script>var a = '{SHORT}'</script>").wrong
    assert not elements_of("<p title='&quot;&gt;&lt;xyzzy&gt;'>&lt;xyzzy&gt;</p>").wrong


@pytest.fixture
def world(db: None) -> World:
    return hostile_world()


def everything(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_no_page_has_an_element_made_of_a_name(world: World) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.administrator)
    seen = 0
    for case in CASES:
        if case.method != "GET" or case.owner != 200:
            continue
        response = client.get(address(case, world))
        assert response.status_code < 500, case
        kind = response.headers["Content-Type"]
        text = everything(response).decode()
        if kind.startswith("text/html"):
            seen += MARK in text
            assert not elements_of(text).wrong, f"{case}: {elements_of(text).wrong[:3]}"
            assert "842723" not in text, f"{case}: a template inside of a name was worked out"
        else:
            # A browser that is told nosniff makes no page of it.
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert kind.partition(";")[0] in KINDS, f"{case}: {kind}"
    assert seen > 25, "most pages show names"


#: What is not HTML: data, and files to keep.
KINDS = {
    *("application/json", "text/plain", "text/csv", "application/zip", "text/x-shellscript", "application/yaml"),
    *("application/vnd.oai.openapi", "application/x-terraform", "text/markdown", "application/problem+json"),
}


def test_no_page_shows_what_the_address_says_as_an_element(world: World) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.administrator)
    base = f"/accounts/{world.account.number}"
    for path in (
        *("/search/?q=", "/catalogue/?q=", f"{base}/simulator/?action=", f"{base}/simulator/?add=", "/sign-in/?next="),
        *(
            f"{base}/simulator/?why=",
            f"{base}/simulator/?context=",
            f"{base}/who-can/?action=",
            f"{base}/findings/?code=",
        ),
        *(f"{base}/scenarios/?operation=", f"{base}/record/?actor=", "/accounts/?search=", f"{base}/changes/?state="),
    ):
        response = client.get(path + HOSTILE.replace("&", "%26").replace("#", "%23").replace("%", "%25"))
        assert response.status_code < 500, path
        if response.headers.get("Content-Type", "").startswith("text/html"):
            assert not elements_of(everything(response).decode()).wrong, path


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_any_csv_is_a_formula(start: str) -> None:
    account = factories.make_account("111122223333", "research", read_at=timezone.now())
    ada: SignIn = factories.make_sign_in(f"{start}ada")
    factories.make_membership(ada, account, Role.ADMINISTRATOR)
    if start.isprintable():  # IAM has no other names
        factories.make_identity(account, "user", f"{start}cmd")
    with transaction.atomic():
        record(actor=ada, action="test.made", target=f"{start}1+1", account=account.number)
    client = Client()
    client.force_login(ada)
    for name in ("simulator", "record"):
        response = client.get(f"/accounts/{account.number}/{name}/export.csv")
        assert response.status_code == 200, name
        assert response.headers["Content-Type"].startswith("text/csv")
        assert "attachment" in response.headers["Content-Disposition"]
        text = everything(response).decode()
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert name == "simulator" or any(cell.startswith(f"'{start}") for cell in cells)
