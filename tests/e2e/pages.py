"""What the tests of pages share: addresses, sizes, and what every page must be."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

RESEARCH = "/accounts/111122223333/"
SIMULATOR = f"{RESEARCH}simulator/"
MIRA = "arn:aws:iam::111122223333:user/people/mira-halvorsen"
SIZES = {"wide": (1440, 860), "narrow": (360, 740)}


def cell(page: Page, row: str, column: int) -> Locator:
    return page.locator(f'tr[data-name="{row}"] td').nth(column)


def settled(page: Page) -> None:
    expect(page.locator("#main")).not_to_have_attribute("aria-busy", "true")


def assert_fine(page: Page) -> None:
    """Axe finds nothing, and nothing hangs over, on both sizes and in both schemes."""
    for size, scheme in (("wide", "light"), ("wide", "dark"), ("narrow", "dark"), ("narrow", "light")):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found] == [], (size, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), size
