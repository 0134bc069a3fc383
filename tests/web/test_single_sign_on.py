"""Single sign-on, end to end: a studio of its own process, against a small OpenID provider."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tools.postgres import PostgresMissing, postgres

pytest.importorskip("allauth", reason="pip install -r requirements-oidc.txt")
requests = pytest.importorskip("requests")

from tests.support.identity_provider import IdentityProvider, identity_provider, new_key  # noqa: E402 -- they need the packages

ROOT = Path(__file__).resolve().parents[2]
RESEARCH, ORGANIZATION = "111122223333", "o-q7k2m9x4ra"
ROLES = f"ml-authors=author@{RESEARCH},ml=admins=administrator@{ORGANIZATION},lost=viewer@999999999999"


@dataclass
class Studio:
    """A running installation with the demonstration, and its database."""

    address: str
    database: Path

    def sign_in(self, session: Any = None, next_page: str = "/accounts/") -> Any:
        """What somebody sees in the end who takes the way through the provider."""
        session = session or requests.Session()
        return session.get(f"{self.address}/sign-in/sso/", params={"next": next_page}, timeout=120)

    def rows(self, sql: str, *values: str) -> list[Any]:
        with sqlite3.connect(self.database, timeout=30) as connection:
            return connection.execute(sql, values).fetchall()

    def roles(self, name: str) -> set[tuple[str, str]]:
        """Each role of a person with its source."""
        found = set()
        for table in ("accounts_membership", "accounts_organizationmembership"):
            found |= set(
                self.rows(
                    f"SELECT m.role, m.source FROM {table} m JOIN auth_user u ON u.id = m.user_id "  # noqa: S608 -- of two tables
                    "WHERE u.username = ?",
                    name,
                )
            )
        return found


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as made:
        yield made


@pytest.fixture(autouse=True)
def _honest(provider: IdentityProvider) -> None:
    provider.forged, provider.told, provider.calls_itself = {}, {}, ""
    provider.signs_with, provider.algorithm = provider.key, "RS256"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def studio(provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with running(provider, tmp_path_factory.mktemp("sso")) as made:
        yield made


@contextmanager
def running(provider: IdentityProvider, folder: Path, **more: str) -> Iterator[Studio]:
    """A studio of its own process, with the demonstration; ``more`` are settings."""
    port = free_port()
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    settings = {
        **own,
        "DJANGO_SETTINGS_MODULE": "policystudio.settings",
        "VAR_DIR": str(folder),
        "OIDC_ISSUER": provider.issuer,
        "OIDC_CLIENT_ID": "studio",
        "OIDC_CLIENT_SECRET": "hush",
        "OIDC_ROLES": ROLES,
        **more,
    }
    manage = [sys.executable, "manage.py"]
    for command in (["migrate", "--verbosity", "0"], ["collectstatic", "--noinput"], ["load_demo"]):
        subprocess.run([*manage, *command], cwd=ROOT, env=settings, check=True, capture_output=True)
    server = subprocess.Popen(
        [*manage, "runserver", "--noreload", "--nostatic", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=settings,
        stdout=(folder / "log").open("w"),
        stderr=subprocess.STDOUT,
    )
    made = Studio(f"http://127.0.0.1:{port}", folder / "policystudio.sqlite3")
    try:
        wait_for(made)
        yield made
    finally:
        server.terminate()
        server.wait(30)


def wait_for(studio: Studio) -> None:
    for _ in range(300):
        try:
            requests.get(f"{studio.address}/healthz", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the studio did not start")


def somebody(provider: IdentityProvider, sub: str, *groups: str, **more: Any) -> None:
    provider.claims = {"sub": sub, "preferred_username": f"person-{sub}", "groups": list(groups), **more}


def test_groups_give_roles_and_take_them_away_again(studio: Studio, provider: IdentityProvider) -> None:
    somebody(provider, "gil", "ml-authors", "others")
    response = studio.sign_in(next_page=f"/accounts/{RESEARCH}/members/")
    assert response.url == f"{studio.address}/accounts/{RESEARCH}/members/"
    assert "person-gil" in response.text
    assert studio.roles("person-gil") == {("author", "groups")}
    somebody(provider, "gil", "ml=admins", "lost")
    studio.sign_in()
    assert studio.roles("person-gil") == {("administrator", "groups")}
    somebody(provider, "gil")
    assert studio.sign_in().status_code == 200
    assert studio.roles("person-gil") == set()
    told = studio.rows("SELECT action FROM audit_auditentry WHERE actor = 'person-gil'")
    assert ("membership.revoked",) in told
    assert ("organization_membership.revoked",) in told
    assert ("user.signed_in",) in told


def test_nobody_becomes_somebody_else_by_name_or_address(studio: Studio, provider: IdentityProvider) -> None:
    provider.claims = {"sub": "evil", "preferred_username": "dana", "email": "dana@example.com", "email_verified": True}
    studio.rows("SELECT 1")
    assert studio.sign_in().status_code == 200
    assert studio.rows("SELECT username, email, password LIKE '!%' FROM auth_user WHERE username = 'dana-2'") == [
        ("dana-2", "", 1)
    ]
    assert studio.roles("dana-2") == set()


def test_whoever_was_switched_off_stays_out(studio: Studio, provider: IdentityProvider) -> None:
    somebody(provider, "off", "ml-authors")
    studio.sign_in()
    studio_write(studio, "UPDATE auth_user SET is_active = 0 WHERE username = 'person-off'")
    session = requests.Session()
    assert studio.sign_in(session).status_code == 403
    assert session.get(f"{studio.address}/accounts/", timeout=30).url.endswith("/sign-in/?next=/accounts/")


def studio_write(studio: Studio, sql: str) -> None:
    with sqlite3.connect(studio.database, timeout=30) as connection:
        connection.execute(sql)


@pytest.mark.parametrize(
    "forged",
    [
        {"aud": "another"},
        {"aud": ["studio", "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"nonce": "guessed"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"iat": int(time.time()) + 9999},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_right_lets_nobody_in(
    studio: Studio, provider: IdentityProvider, forged: dict[str, Any]
) -> None:
    somebody(provider, "forged", "ml-authors")
    provider.forged = forged
    assert_refused(studio)


def test_a_token_signed_by_somebody_else_lets_nobody_in(studio: Studio, provider: IdentityProvider) -> None:
    somebody(provider, "forged", "ml-authors")
    provider.signs_with = new_key()
    assert_refused(studio)


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_a_token_that_only_a_guess_signed_lets_nobody_in(
    studio: Studio, provider: IdentityProvider, algorithm: str
) -> None:
    somebody(provider, "forged", "ml-authors")
    provider.algorithm = algorithm
    assert_refused(studio)


def test_what_is_told_of_somebody_else_lets_nobody_in(studio: Studio, provider: IdentityProvider) -> None:
    somebody(provider, "forged", "ml-authors")
    provider.told = {"sub": "another"}
    assert_refused(studio)


def test_a_provider_that_calls_itself_otherwise_lets_nobody_in(studio: Studio, provider: IdentityProvider) -> None:
    somebody(provider, "forged", "ml-authors")
    provider.calls_itself = "https://evil.example"
    assert_refused(studio)


def assert_refused(studio: Studio) -> None:
    session = requests.Session()
    response = studio.sign_in(session)
    assert response.status_code == 403
    assert "Single sign-on did not let you in" in response.text
    assert "/sign-in/" in session.get(f"{studio.address}/accounts/", timeout=30).url
    assert not studio.rows("SELECT 1 FROM auth_user WHERE username LIKE '%forged%'")


def test_an_answer_that_this_browser_did_not_ask_for_lets_nobody_in(studio: Studio, provider: IdentityProvider) -> None:
    somebody(provider, "mallory", "ml-authors")
    theirs = requests.Session()
    begun = theirs.get(f"{studio.address}/sign-in/sso/", allow_redirects=False, timeout=30)
    sent_back = requests.get(begun.headers["Location"], allow_redirects=False, timeout=30).headers["Location"]
    assert requests.get(sent_back, timeout=30).status_code == 403  # another browser
    assert theirs.get(sent_back, timeout=30).status_code == 200
    assert theirs.get(sent_back, timeout=30).status_code == 403  # once


def test_nobody_is_sent_to_another_site(studio: Studio, provider: IdentityProvider) -> None:
    somebody(provider, "gil")
    assert studio.sign_in(next_page="https://evil.example/").url.startswith(studio.address)


@pytest.mark.parametrize("path", ["/signup/", "/login/", "/social/signup/", "/social/connections/", "/oidc/sso/login/"])
def test_no_page_of_the_library_has_an_address(studio: Studio, path: str) -> None:
    assert requests.get(studio.address + path, timeout=30).status_code == 404


def test_signing_in_offers_it(studio: Studio) -> None:
    assert 'href="/sign-in/sso/"' in requests.get(f"{studio.address}/sign-in/", timeout=30).text


@pytest.fixture(scope="module")
def on_postgres(provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, str]]:
    """A studio on PostgreSQL, whose requests run at once, and the address of its database."""
    try:
        with postgres() as url, running(provider, tmp_path_factory.mktemp("sso-at-once"), DATABASE_URL=url) as made:
            yield made, url
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("people", [1, 4], ids=["one person in four tabs", "four people of one name"])
def test_first_sign_ins_at_the_same_moment_all_come_in(
    on_postgres: tuple[Studio, str], provider: IdentityProvider, people: int
) -> None:
    """All four have looked and found nobody before any of them writes: the database holds them there."""
    made, url = on_postgres
    provider.queue = [
        {"sub": f"twin-{people}-{number % people}", "preferred_username": f"twin{people}", "groups": ["ml-authors"]}
        for number in range(4)
    ]
    with held_at_insert(url) as (looking, let_go), ThreadPoolExecutor(4) as pool:
        coming = [pool.submit(made.sign_in) for _ in range(4)]
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'auth_user'::regclass"
        for _ in range(900):
            if one(looking, waiting) == 4:
                break
            time.sleep(0.1)
        assert one(looking, waiting) == 4
        let_go()
        assert [answer.result().status_code for answer in coming] == [200] * 4
        like = f"twin{people}%"
        assert one(looking, "SELECT count(*) FROM auth_user WHERE username LIKE %s", like) == people
        told = "SELECT count(*) FROM audit_auditentry WHERE action = 'user.created' AND target LIKE %s"
        assert one(looking, told, like) == people


@contextmanager
def held_at_insert(url: str) -> Iterator[tuple[Any, Callable[[], None]]]:
    """Users are read and not written meanwhile; a connection to look with, and how to let the writers go on."""
    socket, _, name = url.removeprefix("postgres://postgres@/").rpartition("/")
    where = {"host": socket, "user": "postgres", "dbname": name}
    with closing(psycopg2.connect(**where)) as held, closing(psycopg2.connect(**where)) as looking:
        looking.autocommit = True
        held.cursor().execute("LOCK TABLE auth_user IN SHARE MODE")
        try:
            yield looking, held.rollback
        finally:
            held.rollback()


def one(connection: Any, sql: str, *values: str) -> Any:
    """The one value of the answer."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchone()[0]
