"""The settings: read strictly, safe by default, and refusing what would be unsafe in production."""

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
NAMES = (
    *(
        "POLICYSTUDIO_ENV",
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "DEBUG",
        "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS",
        "TRUSTED_PROXIES",
    ),
    *("DATABASE_URL", "CELERY_BROKER_URL", "SSL_REDIRECT", "HSTS_SECONDS", "PORT", "LOG_FORMAT", "LOG_LEVEL"),
    *("CACHE_URL", "METRICS_TOKEN", "METRICS_NETWORKS", "RATE_LIMIT_PER_MINUTE"),
    *("EMAIL_URL", "EMAIL_FROM"),
    *("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_GROUPS_CLAIM", "OIDC_ROLES"),
)
PRODUCTION = {
    "POLICYSTUDIO_ENV": "production",
    "SECRET_KEY": "Yq3vN8sLw0ZrT5xKc7uBd2HfJg9PmAe4iRoX6ntWyCkVhQbGzD1l",
    "ALLOWED_HOSTS": "studio.example.com",
    "DATABASE_URL": "postgres://studio:secret@db.example.com/studio",
    "CELERY_BROKER_URL": "redis://redis.example.com/0",
}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Runs settings.py with the given variables and gives what it defines."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAR_DIR", str(tmp_path))

    def run(**variables: str) -> dict[str, Any]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "policystudio" / "settings.py"))

    return run


def test_it_starts_without_any_variable_and_lets_only_this_machine_in(load, tmp_path: Path) -> None:
    settings = load()
    assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert settings["HOST"] == "127.0.0.1"
    assert settings["DEBUG"] is False
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "policystudio.sqlite3")
    assert settings["CELERY_BROKER_URL"] == "filesystem://"


def test_the_local_secret_key_is_made_once_and_is_private(load, tmp_path: Path) -> None:
    key = load()["SECRET_KEY"]
    assert len(key) >= 50
    assert load()["SECRET_KEY"] == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_secret_key_that_cannot_be_kept_is_told_in_one_sentence(load, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ImproperlyConfigured, match=r"secret key cannot be kept in .*set SECRET_KEY"):
        load(VAR_DIR=str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DEBUG", "flase", "DEBUG is `flase`: write true or false"),
        ("DEBUG", "", "DEBUG is empty"),
        ("PORT", "eighty", "PORT is `eighty`: write a whole number from 1 to 65535"),
        ("PORT", "70000", "PORT is `70000`"),
        ("PORT", "-1", "PORT is `-1`"),
        ("LOG_LEVEL", "verbose", "LOG_LEVEL is `verbose`: choose one of DEBUG, INFO"),
        ("POLICYSTUDIO_ENV", "prod", "POLICYSTUDIO_ENV is `prod`: choose one of local, production"),
        ("POLICYSTUDIO_ENVIRONMENT", "production", "POLICYSTUDIO_ENVIRONMENT is no setting"),
        ("VAR_DIR", "var", "VAR_DIR is `var`: write an absolute path"),
        ("DATABASE_URL", "mysql://studio:hunter2@db/studio", "DATABASE_URL is not a URL that begins with sqlite://"),
        ("DATABASE_URL", "postgres://db:port/studio", "DATABASE_URL is not a URL"),
        ("DATABASE_URL", "postgres://db", "DATABASE_URL names no database"),
        ("DATABASE_URL", "sqlite:///studio.sqlite3", "DATABASE_URL names a relative path"),
        ("CACHE_URL", "memcached://here", "CACHE_URL is not a URL"),
        ("RATE_LIMIT_PER_MINUTE", "0", "RATE_LIMIT_PER_MINUTE is `0`: write a whole number from 1"),
        ("METRICS_NETWORKS", "10.0.0.1/8", "METRICS_NETWORKS holds `10.0.0.1/8`: 10.0.0.1/8 has host bits set"),
        ("WEBHOOK_ALLOWED_NETWORKS", "10.0.0.0/33", "WEBHOOK_ALLOWED_NETWORKS holds `10.0.0.0/33`"),
        ("WEBHOOK_PORTS", "443,70000", "WEBHOOK_PORTS holds `70000`: write ports from 1 to 65535"),
        ("WEBHOOK_PORTS", "https", "WEBHOOK_PORTS holds `https`"),
        ("WEBHOOK_CA_FILE", "ca.pem", "WEBHOOK_CA_FILE is `ca.pem`: write the absolute path of a file"),
        ("STUDIO_URL", "studio.example.com", "STUDIO_URL is not a URL that begins with https://"),
        ("CELERY_BROKER_URL", "http://redis", "CELERY_BROKER_URL is not a URL"),
        ("CELERY_BROKER_URL", "filesystem:///queue", "CELERY_BROKER_URL names a path"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_and_named(load, name: str, value: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        load(**{name: value})
    assert says in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_every_problem_is_told_at_once(load) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"DEBUG is .*; PORT is |PORT is .*; DEBUG is "):
        load(DEBUG="perhaps", PORT="none")


def test_production_starts_with_safe_values(load) -> None:
    settings = load(**PRODUCTION)
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["SECURE_HSTS_SECONDS"] >= 31536000
    assert settings["DATABASES"]["default"]["HOST"] == "db.example.com"
    assert settings["LOG_FORMAT"] == "json"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SECRET_KEY", None, "SECRET_KEY is missing"),
        ("SECRET_KEY", "short", "SECRET_KEY is too weak"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY is too weak"),
        ("SECRET_KEY", "django-insecure-" + PRODUCTION["SECRET_KEY"], "SECRET_KEY begins with `django-insecure-`"),
        ("SECRET_KEY_FALLBACKS", PRODUCTION["SECRET_KEY"] + ",short", "SECRET_KEY_FALLBACKS holds a weak key"),
        ("ALLOWED_HOSTS", None, "ALLOWED_HOSTS is missing"),
        ("ALLOWED_HOSTS", "studio.example.com,*", "ALLOWED_HOSTS holds `*`"),
        ("CSRF_TRUSTED_ORIGINS", "http://studio.example.com", "CSRF_TRUSTED_ORIGINS holds `http://"),
        ("DATABASE_URL", None, "DATABASE_URL is missing"),
        ("CELERY_BROKER_URL", None, "CELERY_BROKER_URL is missing"),
        ("CELERY_BROKER_URL", "memory://", "CELERY_BROKER_URL is memory://"),
        ("DEBUG", "true", "DEBUG is true"),
        ("SSL_REDIRECT", "false", "SSL_REDIRECT is false"),
        ("HSTS_SECONDS", "0", "HSTS_SECONDS is 0"),
        ("METRICS_TOKEN", "short", "METRICS_TOKEN is too weak"),
        ("METRICS_NETWORKS", "10.0.0.0/8,0.0.0.0/0", "METRICS_NETWORKS holds `0.0.0.0/0`"),
    ],
)
def test_production_refuses_an_unsafe_value_and_names_it(load, name: str, value: str | None, says: str) -> None:
    variables = {**PRODUCTION, name: value} if value is not None else {k: v for k, v in PRODUCTION.items() if k != name}
    with pytest.raises(ImproperlyConfigured) as refusal:
        load(**variables)
    assert says in str(refusal.value)


def test_web_workers_count_together_in_the_redis_of_the_jobs_unless_another_is_named(load) -> None:
    assert load(**PRODUCTION)["CACHES"]["default"]["LOCATION"] == PRODUCTION["CELERY_BROKER_URL"]
    other = load(**PRODUCTION, CACHE_URL="rediss://cache.example.com/1")
    assert other["CACHES"]["default"]["LOCATION"] == "rediss://cache.example.com/1"
    rabbit = load(**{**PRODUCTION, "CELERY_BROKER_URL": "amqp://rabbit//", "CACHE_URL": "memory://"})
    assert rabbit["CACHES"]["default"]["BACKEND"].endswith("LocMemCache")


def test_metrics_are_closed_in_production_until_they_are_opened(load) -> None:
    assert (load(**PRODUCTION)["METRICS_TOKEN"], load()["METRICS_NETWORKS"]) == ("", [])


def test_no_key_file_is_made_in_production(load, tmp_path: Path) -> None:
    load(**PRODUCTION)
    assert not (tmp_path / "secret_key").exists()


def test_a_proxy_that_speaks_https_for_us_may_do_the_redirect(load) -> None:
    settings = load(**PRODUCTION, SSL_REDIRECT="false", TRUSTED_PROXIES="1")
    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py with these variables alone."""
    environment = {"PATH": "/usr/bin:/bin", **variables}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_deployment_check_is_clean_in_production() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_a_refusal_is_one_sentence_and_no_traceback() -> None:
    done = manage("check", **PRODUCTION, DEBUG="true")
    assert done.returncode == 1
    assert done.stderr.startswith("Policy Studio cannot start: DEBUG is true")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.django_db
def test_the_models_have_all_their_migrations() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=1)


def test_a_command_ends_quietly_where_its_output_is_no_longer_read(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", "for number in range(100_000): print(number)"]
    with subprocess.Popen(
        command, cwd=ROOT, env={"VAR_DIR": str(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "0\n"
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode == 1
    assert said == ""


def test_no_e_mail_is_sent_unless_it_is_set_up(load) -> None:
    settings = load()
    assert (settings["SENDS_EMAIL"], settings["EMAIL_BACKEND"].split(".")[-2]) == (False, "dummy")
    with pytest.raises(ImproperlyConfigured, match="EMAIL_FROM is missing"):
        load(EMAIL_URL="smtp+tls://studio:secret@mail.example.com:587")
    settings = load(EMAIL_URL="smtp+tls://studio:secret@mail.example.com:587", EMAIL_FROM="studio@example.com")
    assert (settings["SENDS_EMAIL"], settings["EMAIL_HOST"], settings["EMAIL_USE_TLS"]) == (
        True,
        "mail.example.com",
        True,
    )
    assert settings["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL is not a URL"):
        load(EMAIL_URL="file:///tmp/mail")


SSO = {"OIDC_ISSUER": "https://id.example.com", "OIDC_CLIENT_ID": "studio", "OIDC_CLIENT_SECRET": "hush"}


def test_single_sign_on_is_off_unless_it_is_set_up(load) -> None:
    settings = load()
    assert settings["OIDC"] is None
    assert not [name for name in settings["INSTALLED_APPS"] if "allauth" in name]


def test_groups_are_read_with_their_roles(load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    settings = load(**SSO, OIDC_ROLES="ml-admins=administrator@o-abc1234567, a=b=viewer@123456789012")
    assert [(one.group, one.role, one.target) for one in settings["OIDC"].roles] == [
        ("ml-admins", "administrator", "o-abc1234567"),
        ("a=b", "viewer", "123456789012"),
    ]
    assert "allauth.socialaccount" in settings["INSTALLED_APPS"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID is missing"),
        ({"OIDC_ISSUER": "id.example.com"}, "OIDC_ISSUER is no address"),
        ({"OIDC_ISSUER": "http://id.example.com"}, "OIDC_ISSUER is no address"),
        ({"OIDC_ISSUER": "https://id.example.com/?x=1"}, "OIDC_ISSUER is no address"),
        ({"OIDC_ROLES": "ml-admins"}, "OIDC_ROLES holds `ml-admins`"),
        ({"OIDC_ROLES": "x=emperor@123456789012"}, "OIDC_ROLES holds"),
        ({"OIDC_ROLES": "x=viewer@12345"}, "OIDC_ROLES holds"),
        ({"OIDC_ROLES": "=viewer@123456789012"}, "OIDC_ROLES holds"),
    ],
)
def test_single_sign_on_is_read_strictly(load, wrong: dict[str, str], message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        load(**{**SSO, **wrong})


def test_single_sign_on_names_the_packages_that_it_needs(load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install -r requirements-oidc\.txt"):
        load(**SSO)
