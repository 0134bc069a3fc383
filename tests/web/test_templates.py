"""Rules for all templates, style sheets and modules: our strict policy for content, and names that exist."""

import re
from pathlib import Path

import django_ace
import pytest
from django.db import InterfaceError, OperationalError
from django.template.loader import get_template
from django.test import Client

from tests.web.conftest import Lab

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html"))
FILES = [
    *(ROOT / "templates").rglob("*.html"),
    *(ROOT / "static").rglob("*.*"),
    *(ROOT / "policystudio/web").glob("*.py"),
]


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_inline_that_the_policy_would_block(name: str) -> None:
    text = (ROOT / "templates" / name).read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


#: Namespaces, links that are followed by hand, and what a field shows as an example.
NOT_LOADED = ("http://www.w3.org/", "https://docs.aws.amazon.com/", "https://chat.example.com/")


def test_nothing_comes_from_elsewhere() -> None:
    for file in FILES:
        text = file.read_text()
        for address in re.findall(r"https?://[^\s\"'`)<]+", text):
            assert address.startswith(NOT_LOADED), f"{file}: {address}"


def test_no_text_is_called_safe_in_templates() -> None:
    for name in TEMPLATES:
        assert not re.search(r"\|\s*safe\b|autoescape off", (ROOT / "templates" / name).read_text()), name


def test_every_class_of_the_style_sheets_is_used() -> None:
    used = "\n".join(file.read_text() for file in FILES if file.suffix in (".html", ".py", ".js"))
    generated = re.compile(r"^([lrwt][ASCEIUMNP]|[ASCEIUMNP]|htmx-request)$")
    ace = Path(django_ace.__file__).parent / "static/django_ace/ace"
    of_ace = "\n".join((ace / name).read_text() for name in ("ace.js", "mode-json.js", "css/ace.css"))
    tokens = r"(?:ace_)?"  # of a token Ace makes a class with this prefix
    for sheet in set((ROOT / "static/css").glob("*.css")) - {ROOT / "static/css/api_docs.css"}:  # Swagger's classes
        known = f"{used}\n{of_ace}" if sheet.name == "editor_ace.css" else used
        text = re.sub(r"/\*.*?\*/|url\([^)]*\)|\"[^\"]*\"", "", sheet.read_text(), flags=re.DOTALL)
        for name in set(re.findall(r"\.([a-zA-Z][\w-]*)", re.sub(r"\{[^}]*\}", "{}", text))):
            pattern = re.sub("^ace_", tokens, re.escape(name)) if known is not used else re.escape(name)
            assert generated.match(name) or re.search(rf"(?<![\w-]){pattern}(?![\w-])", known), f"{sheet.name}: .{name}"


def test_the_theme_of_a_cookie_is_one_of_two(vic: Client, lab: Lab) -> None:
    vic.cookies["theme"] = "dark"
    assert '<html lang="en" data-theme="dark">' in vic.get("/accounts/").content.decode()
    vic.cookies["theme"] = "x onload=alert(1)"
    assert '<html lang="en">' in vic.get("/accounts/").content.decode()


def test_times_are_in_utc_with_their_moment_at_hand(vic: Client, lab: Lab) -> None:
    page = vic.get("/accounts/").content.decode()
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ" data-when="ago" title="[^"]+ UTC">', page)


@pytest.mark.parametrize("path", ["/accounts/000000000000/", "/nowhere/"])
def test_what_is_not_there_says_so_in_the_look_of_the_rest(vic: Client, lab: Lab, path: str) -> None:
    response = vic.get(path)
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
    assert 'href="/accounts/"' in response.content.decode()


def test_the_pages_for_our_own_errors_need_nothing(settings) -> None:
    for name in ("500.html", "503.html"):
        assert "{%" not in (ROOT / "templates" / name).read_text()


@pytest.mark.parametrize(("error", "status"), [(OperationalError, 503), (InterfaceError, 503), (RuntimeError, 500)])
def test_a_database_that_does_not_answer_is_told(
    vic: Client, lab: Lab, monkeypatch: pytest.MonkeyPatch, error: type[Exception], status: int
) -> None:
    def fail(*_: object) -> None:
        raise error("could not connect to server db.internal")

    monkeypatch.setattr("policystudio.web.access.accounts.account_get", fail)
    vic.raise_request_exception = False
    response = vic.get(f"/accounts/{lab.account.number}/")
    assert response.status_code == status
    assert ("Retry-After" in response.headers) == (status == 503)
    assert b"db.internal" not in response.content
