"""Working with settlement as an operator does."""

import re

from playwright.sync_api import Page, expect

from tests.console.browser.pages import WAITING
from tests.console.browser.running import Site
from tests.settlement.market import ANNA, FIXED, NOON, TODAY, Market


def act(window: Page, title: str, **fields: str) -> None:
    """Open a dialog, fill it, and do it."""
    window.get_by_role("button", name=title, exact=True).first.click()
    dialog = window.get_by_role("dialog")
    for label, value in fields.items():
        dialog.get_by_label(label.replace("_", " ")).fill(value)
    for box in dialog.get_by_role("checkbox").all():
        box.check()
    dialog.get_by_role("button", name=title, exact=True).click()


def test_what_waits_is_found_understood_and_helped(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console")
        window.get_by_role("link", name="Settlement").click()
        window.get_by_label("Waits for").select_option("LACK")
        expect(window).to_have_url(re.compile("reason=LACK"))
        expect(window.locator("tbody")).not_to_contain_text("settled")
        window.locator(f'tbody a[href$="{WAITING}"]').click()
        expect(window.locator(".why")).to_contain_text("LACK")
        expect(window.get_by_role("row", name="Priority")).to_contain_text("4")
        act(window, "Priority", Reason="The client calls")
        expect(window.get_by_role("status")).to_contain_text("The priority is 4")
        act(window, "Hold", Reason="Asked by telephone")
        expect(window.locator(".history")).to_contain_text("Asked by telephone")
        Market(site.database, now=NOON, used=500).give(ANNA, 590, FIXED)
        act(window, "Release", Reason="Delivered from the vault")
        expect(window.get_by_role("button", name="Hold")).to_be_visible()
        expect(window.locator(".history")).to_contain_text("Delivered from the vault")


def test_a_settlement_day_is_run_to_its_end(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console/settlement")
        window.get_by_role("link", name="Day", exact=True).click()
        expect(window).to_have_url(f"{site.url}/console/settlement/days/{TODAY}")
        expect(window.locator("main")).to_contain_text("real time")
        act(window, "Shift", Reason="RTGS is late")
        expect(window.get_by_role("row", name="DvP cut-off")).to_contain_text("RTGS is late")
        following = window.locator("tbody tr", has_text="next").first.locator("td").first.inner_text()
        act(window, "Run the next event")
        done = window.get_by_role("row").filter(has=window.get_by_role("cell", name=following, exact=True))
        expect(done).to_contain_text("done")
        # The button is of the event that is next now, without the page having been loaded again.
        expect(window.locator("#next p")).not_to_contain_text(following)
        act(window, "Run the day")
        expect(window.get_by_role("heading", name="What its end has done")).to_be_visible(timeout=30_000)
        expect(window.locator("h1 + .badge")).to_have_text("closed")
        expect(window.get_by_role("button", name="Run the day")).to_have_count(0)
        window.get_by_role("link", name="Cycles").first.click()
        expect(window.locator("tbody tr")).not_to_have_count(0)
        act(window, "Run a cycle now")
        expect(window.locator("#task")).to_contain_text("Done, started by Operator")
        window.get_by_role("link", name="Queue", exact=True).click()
        window.get_by_label("State").select_option("failing")
        expect(window.locator("tbody tr").first).to_contain_text("failing")
