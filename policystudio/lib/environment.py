"""Settings from environment variables, read strictly: what cannot be read is refused and named, never guessed."""

import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")


class Environment:
    """Typed reads of environment variables.

    Every read notes the variable's name in `known`. A value that cannot be read adds a sentence to `problems` and
    answers with the default, so that all problems are told at once; `refuse_problems` raises them.
    """

    def __init__(self, variables: dict[str, str] | None = None) -> None:
        self._env = environ.Env()
        if variables is not None:
            self._env.ENVIRON = variables
        self.known: set[str] = set()
        self.problems: list[str] = []

    def _raw(self, name: str) -> str | None:
        self.known.add(name)
        value: str | None = self._env.ENVIRON.get(name)
        if value is not None and not value.strip():
            self.problems.append(f"{name} is empty: give it a value or unset it")
            return None
        return value if value is None else value.strip()

    def is_set(self, name: str) -> bool:
        """Whether the variable was given a value."""
        return self._raw(name) is not None

    def text(self, name: str, default: str) -> str:
        """The variable's text."""
        value = self._raw(name)
        return default if value is None else value

    def boolean(self, name: str, default: bool) -> bool:
        """One of true, false, yes, no, on, off, 1 and 0, in any case."""
        value = self._raw(name)
        if value is None:
            return default
        if value.lower() in TRUE | FALSE:
            return value.lower() in TRUE
        self.problems.append(f"{name} is `{value}`: write true or false")
        return default

    def integer(self, name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
        """A whole number from `least` to `most`."""
        value = self._raw(name)
        if value is None:
            return default
        if value.isascii() and value.isdigit() and least <= int(value) <= most:
            return int(value)
        self.problems.append(f"{name} is `{value}`: write a whole number from {least} to {most}")
        return default

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        """One of the choices, exactly as written there."""
        value = self._raw(name)
        if value is None or value in choices:
            return default if value is None else value
        self.problems.append(f"{name} is `{value}`: choose one of {', '.join(choices)}")
        return default

    def items(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Items with commas between them; spaces around an item and empty items do not count."""
        value = self._raw(name)
        if value is None:
            return list(default)
        return [item.strip() for item in value.split(",") if item.strip()]

    def networks(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Networks or addresses with commas between them, such as `10.0.0.0/8`."""
        found = self.items(name, default)
        for item in found:
            try:
                ipaddress.ip_network(item)
            except ValueError as error:
                self.problems.append(f"{name} holds `{item}`: {error}; write networks such as 10.0.0.0/8")
        return found

    def ports(self, name: str, default: Sequence[int]) -> list[int]:
        """Numbers of ports, with commas between them."""
        found = []
        for item in self.items(name, tuple(map(str, default))):
            if item.isascii() and item.isdigit() and 1 <= int(item[:6]) <= 65535:
                found.append(int(item))
            else:
                self.problems.append(f"{name} holds `{item}`: write ports from 1 to 65535")
        return found

    def file(self, name: str) -> str:
        """The absolute path of a file that is there, "" where none is named."""
        value = self._raw(name)
        if value is None:
            return ""
        if Path(value).is_absolute() and Path(value).is_file():
            return value
        self.problems.append(f"{name} is `{value}`: write the absolute path of a file")
        return ""

    def folder(self, name: str, default: Path) -> Path:
        """An absolute path."""
        value = self._raw(name)
        if value is None:
            return default
        if Path(value).is_absolute():
            return Path(value)
        self.problems.append(f"{name} is `{value}`: write an absolute path")
        return default

    def url(self, name: str, default: str, schemes: Sequence[str]) -> str:
        """A URL with one of the schemes; a password in it is never repeated in the refusal."""
        value = self._raw(name)
        if value is None:
            return default
        scheme, separator, _ = value.partition("://")
        if separator and scheme in schemes and _has_readable_port(value):
            return value
        self.problems.append(f"{name} is not a URL that begins with {' or '.join(f'{s}://' for s in schemes)}")
        return default

    def database(self, name: str, default: Path) -> dict[str, Any]:
        """Django's description of the database that a URL names; without one it is the SQLite file `default`."""
        sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
        url = self.url(name, "", DATABASE_SCHEMES)
        if not url:
            return sqlite
        database: dict[str, Any] = dict(environ.Env.db_url_config(url))
        if database["ENGINE"] == sqlite["ENGINE"]:
            if database["NAME"] != ":memory:" and not Path(str(database["NAME"])).is_absolute():
                self.problems.append(f"{name} names a relative path: write four slashes, sqlite:////folder/file")
        elif not database["NAME"]:
            self.problems.append(f"{name} names no database: end it with /policystudio, say")
        return database

    def refuse_unknown(self, prefix: str) -> None:
        """Note every variable with our prefix that no setting reads: most likely a slip of the pen."""
        for name in sorted(self._env.ENVIRON):
            if name.startswith(prefix) and name not in self.known:
                known = ", ".join(sorted(one for one in self.known if one.startswith(prefix)))
                self.problems.append(f"{name} is no setting of Policy Studio: those that begin so are {known}")

    def refuse_problems(self) -> None:
        """Raise ImproperlyConfigured with every problem noted so far."""
        if self.problems:
            raise ImproperlyConfigured("; ".join(self.problems))


def _has_readable_port(url: str) -> bool:
    try:
        _ = urlsplit(url).port
    except ValueError:
        return False
    return True
