"""A real browser before a real server: `studio` is what `make run` starts, with the demonstration loaded."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.pages import SIZES

ROOT = Path(__file__).resolve().parent.parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
READY = "Ctrl-C stops it."

# Playwright's synchronous interface runs an event loop in this thread, which Django takes for an async context.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@dataclass(frozen=True)
class Studio:
    """A running installation: its address, and the passwords of those who can sign in."""

    url: str
    passwords: dict[str, str]


def chromium() -> str | None:
    """The Chromium of this machine: the variable CHROMIUM, or what the PATH has."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Use the system's Chromium; as root it needs to go without its sandbox."""
    program = chromium()
    if program is None:
        pytest.skip("there is no Chromium: apt-get install chromium, or name one with CHROMIUM=…")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": program, "headless": True, "args": [*arguments, "--disable-dev-shm-usage"]}


@pytest.fixture(scope="session")
def studio(browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """The studio of all tests that publish nothing."""
    with running(tmp_path_factory.mktemp("studio")) as found:
        yield found


@pytest.fixture(scope="module")
def session(browser: Browser, studio: Studio) -> Iterator[str]:
    """Dana's cookies, so that not every test signs in: sign-ins are slow on purpose."""
    context = browser.new_context(base_url=studio.url)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(studio.passwords["dana"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("accounts")
    yield json.dumps(context.storage_state())
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def open_page(browser: Browser, studio: Studio, session: str, complaints: list[str]) -> Iterator[object]:
    """Opens a page as dana; at the end of the test no page may have complained."""
    contexts = []

    def make(path: str, size: str = "wide", scheme: str = "light") -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=studio.url,
            storage_state=json.loads(session),
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield make
    for context in contexts:
        context.close()
    # A browser counts every answer from 400 on as an error; those that a test asks for are none.
    assert [one for one in complaints if not re.search(r"status of (404|422) ", one)] == []


@contextmanager
def running(folder: Path) -> Iterator[Studio]:
    """`manage.py runstudio` on a port of its own, with a fresh database in the folder; stopped at the end."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "manage.py", "runstudio"],
        cwd=ROOT,
        env=environment(folder, port),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=(folder / "log").open("w"),
        text=True,
    ) as server:
        try:
            said = read_until_ready(server)
            assert server.poll() is None, said + (folder / "log").read_text()
            sign_ins = json.loads((folder / "demo-sign-in.json").read_text())
            passwords = {one["username"]: one["password"] for one in sign_ins}
            yield Studio(f"http://127.0.0.1:{port}", passwords)
        finally:
            server.terminate()
            server.wait(60)


def environment(folder: Path, port: int) -> dict[str, str]:
    """A local installation that keeps all it has in the folder."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return inherited | {
        "VAR_DIR": str(folder),
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "JOB_WORKERS": "1",
        "PYTHONUNBUFFERED": "1",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_until_ready(server: subprocess.Popen[str]) -> str:
    """What the server says, up to its last line before it waits, or up to its end."""
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line)
        if line.strip() == READY:
            break
    return "".join(lines)
