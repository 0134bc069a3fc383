"""The examples of docs/rest*.md run, in their order, against the demonstration; and every operation has one."""

import argparse
import base64
import io
import json
import re
import shlex
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from policystudio.accounts.models import Account
from policystudio.changes.models import Change
from policystudio.changes.services import change_begin
from policystudio.clients.models import ApiToken
from policystudio.clients.services import token_create
from tests import factories
from tests.support import exports

DOCS = Path(__file__).resolve().parent.parent / "docs"
#: In this order: the first one ends with revoking the token, so the others begin with one of their own.
PAGES = [DOCS / "rest.md", *sorted(DOCS.glob("rest-*.md"))]
BLOCK = re.compile(r"```(sh|json|text)\n(.*?)```", re.DOTALL)
STUDIO = "http://127.0.0.1:8000"
LEFT_OUT = "…"


#: What the reader remembers: the variable and the field, by the end of the address of what was made, …
MADE = {
    "invitations": ("INVITATION", "id"),
    "clients": ("CLIENT", "id"),
    "access-keys": ("KEY_ID", "id"),
    "tokens": ("CLIENT_TOKEN", "id"),
    "simulations": ("SIMULATION", "number"),
    "expectations": ("EXPECTATION", "id"),
    "waivers": ("WAIVER", "id"),
    "webhooks": ("WEBHOOK", "id"),
    "test": ("DELIVERY", "id"),
}
#: … and by a part of the address of a list, of its first row.
LISTED = {
    "v1/organizations?": ("ORGANIZATION", "id"),
    "/policies?search=": ("POLICY", "id"),
    "/findings?": ("FINDING", "id"),
    "/record?actor=": ("SEQUENCE", "sequence"),
}


@dataclass
class Reader:
    """Someone who types every example: what they have in their variables, and what they asked for."""

    variables: dict[str, str]
    asked: set[tuple[str, str]] = field(default_factory=set)

    def run(self, script: str) -> str:
        """What the last command of a block prints."""
        answer = ""
        for command in re.split(r"\n(?=curl |\.venv)", script.strip()):
            text = re.sub(r"\$([A-Z_]+)", lambda match: self.variables[match[1]], command)
            answer = self.manage(text) if text.startswith(".venv") else self.curl(text)
        return answer

    def manage(self, command: str) -> str:
        line, _, here = command.partition(" - <<'END'\n")
        words = shlex.split(line.replace("\\\n", " "))
        assert words[:2] == [".venv/bin/python", "manage.py"]
        return run_command(words[2:], here.rpartition("END")[0])

    def curl(self, command: str) -> str:
        parser = argparse.ArgumentParser()
        for option in ("-u", "-X", "--data-binary"):
            parser.add_argument(option)
        for option in ("-H", "-d", "-F", "--data-urlencode"):
            parser.add_argument(option, action="append", default=[])
        parser.add_argument("-G", action="store_true")
        parser.add_argument("url")
        given = parser.parse_args(shlex.split(command.replace("\\\n", " "))[1:])
        headers = dict(header.split(": ", 1) for header in given.H)
        if given.u:
            headers["Authorization"] = "Basic " + base64.b64encode(given.u.encode()).decode()
        method, sent = body_of(given)
        path = given.url.removeprefix(STUDIO)
        if given.G:
            pairs = [tuple(pair.split("=", 1)) for pair in (*given.d, *given.data_urlencode)]
            sent = {"query_params": {name: [value for key, value in pairs if key == name] for name, _ in pairs}}
        response = getattr(Client(headers=headers), method.lower())(path, **sent)
        assert response.status_code < 500
        self.asked.add((method, resolve(path.partition("?")[0]).view_name))
        self.learn(method, path, response)
        return response.content.decode()

    def learn(self, method: str, path: str, response: Any) -> None:
        """The variables that the page says the reader has from here on."""
        if (method, path) == ("POST", "/api/v1/tokens"):
            self.variables |= {"TOKEN": response.json()["token"], "TOKEN_ID": response.json()["id"]}
        elif learned := MADE.get(path.rpartition("/")[2]) if method == "POST" else None:
            self.variables[learned[0]] = str(response.json()[learned[1]])
        elif method == "GET" and (learned := next((LISTED[one] for one in LISTED if one in path), None)):
            self.variables[learned[0]] = str(response.json()["results"][0][learned[1]])
        elif method == "POST" and path.endswith(("/changes", "/roll-back")):
            self.variables["NUMBER"] = str(response.json()["number"])
            self.variables["EDIT"] = str(response.json()["edits"][0]["id"])
        elif method == "POST" and path.startswith("/api/v1/imports") and response.status_code == 202:
            self.variables["IMPORT"] = response.json()["id"]


def body_of(given: SimpleNamespace | argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """The method of a curl command and what it sends, for Django's client."""
    export = json.dumps(exports.export(exports.user())).encode()
    if given.F:
        fields = dict(pair.split("=", 1) for pair in given.F)
        assert fields.pop("file") == "@account.json"
        return "POST", {"data": {**fields, "file": SimpleUploadedFile("account.json", export)}}
    if given.data_binary:
        assert given.data_binary == "@account.json"
        return "POST", {"data": export, "content_type": "application/json"}
    if given.d and not given.G:
        return given.X or "POST", {"data": given.d[0], "content_type": "application/json"}
    return given.X or "GET", {}


def run_command(words: list[str], standard_input: str) -> str:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(standard_input.encode())))
        with suppress(SystemExit):
            call_command(*words, stdout=out)
    return out.getvalue()


def assert_fits(found: Any, shown: Any, place: str = "") -> None:
    """What the page shows is in the answer; `…` fits anything, and an object may have more keys than are shown."""
    if shown == LEFT_OUT:
        return
    if isinstance(shown, dict) and isinstance(found, dict):
        for key, value in shown.items():
            assert key in found, f"{place}: no `{key}` in {found}"
            assert_fits(found[key], value, f"{place}.{key}")
    elif isinstance(shown, list) and isinstance(found, list):
        assert len(found) == len(shown), f"{place}: {found}"
        for number, value in enumerate(shown):
            assert_fits(found[number], value, f"{place}[{number}]")
    else:
        assert found == shown, place


def decoded(text: str) -> list[Any]:
    """One JSON value, or one a line."""
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


@pytest.fixture
def reader(db: None, settings, tmp_path: Path, django_capture_on_commit_callbacks) -> Reader:
    cache.clear()
    settings.VAR_DIR = tmp_path
    call_command("load_demo", stdout=io.StringIO())
    dana = get_user_model().objects.get(username="dana")
    dana.set_password(factories.PASSWORD)
    dana.save()
    tomorrow = timezone.now().date() + timedelta(days=1)
    known = {"STUDIO": STUDIO, "TOMORROW": tomorrow.isoformat(), "PASSWORD": factories.PASSWORD}
    root = factories.make_sign_in("root", superuser=True)
    _, superuser = ApiToken.objects.create(user=root, expiry=timedelta(days=1), scope=ApiToken.Scope.WRITE)
    return Reader({**known, "CHANGE": str(a_change().number), "SUPERUSER": superuser})


def a_change() -> Change:
    """The change that the page speaks of: one more inline policy of one user."""
    account = Account.objects.get(number="444455556666")
    user = account.identities.filter(kind="user").order_by("name")[1]
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sagemaker:StopNotebookInstance", "Resource": "*"}],
        }
    )
    fields = {"kind": "inline-policy", "target": user.arn, "name": "stop", "other": "", "text": text, "data": {}}
    return change_begin(account=account, by=None, title="Stop notebooks", change=None, **fields).change


def test_every_example_answers_as_the_page_shows(reader: Reader, settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    for page in PAGES:
        if page != PAGES[0]:
            reader.variables["TOKEN"] = a_token()
        read(reader, page)
    assert reader.asked == every_operation()


def a_token() -> str:
    """Of the reader, for writing."""
    dana = get_user_model().objects.get(username="dana")
    lifetime = timedelta(hours=1)
    return token_create(user=dana, name="docs", scope="write", account=None, lifetime=lifetime)[1]


def read(reader: Reader, page: Path) -> None:
    blocks = [(match[1], match[2]) for match in BLOCK.finditer(page.read_text())]
    answer = ""
    for kind, text in blocks:
        if kind == "sh":
            answer = reader.run(text)
        elif kind == "text":
            assert answer.splitlines() == text.splitlines()
        else:
            found, shown = decoded(answer), decoded(text)
            assert len(found) == len(shown)
            for one, other in zip(found, shown, strict=True):
                assert_fits(one, other)


def every_operation() -> set[tuple[str, str]]:
    """Method and route name of every operation of the OpenAPI document."""
    filled = {
        "{number}": "111122223333",
        "{change}": "1",
        "{id}": "1",
        "{sequence}": "1",
        "{invitation}": "1",
        "{simulation}": "1",
        "{run}": "1",
        "{delivery}": str(UUID(int=0)),
    }
    found = set()
    for path, methods in SchemaGenerator().get_schema(public=True)["paths"].items():
        for part, value in filled.items():
            job = "00000000-0000-0000-0000-000000000000" if "/imports/" in path else value
            path = path.replace(part, job)  # noqa: PLW2901 -- the template is not needed any more
        path = re.sub(r"{\w+}", "x", path)  # noqa: PLW2901 -- as above
        found |= {(method.upper(), resolve(path).view_name) for method in methods}
    return found
