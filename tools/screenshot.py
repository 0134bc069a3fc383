#!/usr/bin/env python
"""Make docs/simulator.png, the picture of the README: the simulator of the demonstration, in light and dark.

`python tools/screenshot.py` starts Policy Studio with a fresh database on a free port and needs Chromium.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
READY = "Ctrl-C stops it."
PICTURES = {"light": ROOT / "docs" / "simulator.png", "dark": ROOT / "docs" / "simulator-dark.png"}
WHO = "arn:aws:iam::111122223333:user/service/lab-sync"
ASKED = [
    ("region", "eu-west-1"),
    ("open", "training-job"),
    ("why", WHO),
    ("why_type", "training-job"),
    ("why_action", "sagemaker:CreateTrainingJob"),
]
ADDRESS = f"/accounts/111122223333/simulator/?{urlencode(ASKED)}"


def main() -> None:
    """Start, take the pictures, stop."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit("there is no Chromium: apt-get install chromium, or name one with CHROMIUM=...")
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        server = start(Path(folder), port)
        try:
            take(program, f"http://127.0.0.1:{port}", password(Path(folder)))
        finally:
            server.terminate()
            server.wait(60)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int) -> "subprocess.Popen[str]":
    """Run what `make run` runs, and wait until it says that it is ready."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    server = subprocess.Popen(
        [sys.executable, "manage.py", "runstudio"],
        cwd=ROOT,
        env={**inherited, "VAR_DIR": str(folder), "PORT": str(port), "WEB_WORKERS": "1", "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None  # noqa: S101 -- a pipe was asked for
    for line in server.stdout:
        if line.strip() == READY:
            return server
    sys.exit("Policy Studio did not start")


def password(folder: Path) -> str:
    """The password of the demonstration's administrator."""
    sign_ins = json.loads((folder / "demo-sign-in.json").read_text())
    return next(str(one["password"]) for one in sign_ins if one["username"] == "dana")


def take(program: str, address: str, secret: str) -> None:
    """Sign in and take a picture in each colour scheme."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*arguments, "--disable-dev-shm-usage"])
        for scheme, picture in PICTURES.items():
            take_one(browser, address, secret, scheme, picture)
            print(picture.relative_to(ROOT))
        browser.close()


def take_one(browser: Browser, address: str, secret: str, scheme: str, picture: Path) -> None:
    """One picture, as large as a laptop's window."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": 1440, "height": 860},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(secret)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/accounts/")
    page.goto(ADDRESS)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=picture)
    context.close()


if __name__ == "__main__":
    main()
