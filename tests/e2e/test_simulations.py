"""Saved simulations in a browser: kept from the simulator, run again, legible at every size, nothing for axe."""

from playwright.sync_api import expect

from tests.e2e.pages import RESEARCH, SIMULATOR, assert_fine


def test_a_simulation_is_saved_run_again_and_compared(open_page) -> None:
    page = open_page(f"{SIMULATOR}?kind=role&type=endpoint&action=DeleteEndpoint")
    page.get_by_text("Save this simulation").click()
    page.locator("#f-save").fill("Who may delete endpoints")
    page.get_by_role("button", name="Save and run").click()
    expect(page).to_have_title("What came of “Who may delete endpoints”? · Policy Studio")
    assert_fine(page)
    page.get_by_role("button", name="Run it again").click()
    expect(page.get_by_text("Nothing changed from run 1 to run 2")).to_be_visible()
    assert_fine(page)
    page.get_by_label("Compare from run 2").check()
    page.get_by_label("Compare to run 1").check()
    page.get_by_role("button", name="Compare the two").click()
    expect(page.get_by_text("Nothing changed from run 2 to run 1")).to_be_visible()
    page.goto(f"{RESEARCH}simulations/")
    assert_fine(page)
    page.get_by_role("link", name="Who may delete endpoints").click()
    page.get_by_text("Give it up", exact=True).click()
    page.get_by_role("button", name="Give “Who may delete endpoints” up").click()
    expect(page.get_by_text("No simulation is saved.")).to_be_visible()
    assert_fine(page)
