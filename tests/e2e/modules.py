"""The product's own ES modules in a browser, without a server: a page whose requests are answered from the folder."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

ROOT = Path(__file__).resolve().parent.parent.parent
ORIGIN = "http://modules.test"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


def serve(page: Page, texts: dict[str, str]) -> None:
    """Answer every request with a file of the folder `static`, or with one of the texts by its path."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        kind = TYPES.get(Path(path).suffix, "text/html")
        if path in texts:
            route.fulfill(body=texts[path], content_type=f"{kind}; charset=utf-8")
        elif path.startswith("/static/") and (ROOT / path[1:]).is_file():
            route.fulfill(path=ROOT / path[1:], content_type=f"{kind}; charset=utf-8")
        else:
            route.fulfill(status=404, body="")

    page.route(f"{ORIGIN}/**", answer)


def run(page: Page, script: str, argument: Any) -> Any:
    """What an async function body answers, in which `argument` is given and modules can be imported by /static/js/…."""
    return page.evaluate(f"async (argument) => {{ {script} }}", argument)
