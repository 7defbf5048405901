"""Everything can be reached without a mouse."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.browser.running import Site
from tests.console.browser.test_every_page import AXE, RULES


def test_the_palette_goes_to_what_begins_with_what_is_typed(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console/accounts")
        window.keyboard.press("Control+k")
        field = window.get_by_role("combobox", name="Go to a page")
        expect(field).to_be_focused()
        window.keyboard.type("dealer-7")
        options = window.get_by_role("listbox", name="Found").get_by_role("option")
        expect(options).to_have_count(6)
        expect(options.first).to_have_attribute("aria-selected", "true")
        window.keyboard.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        window.keyboard.press("Enter")
        expect(window.get_by_role("heading", level=1)).to_contain_text("DEALER-70")


def test_the_palette_finds_pages_and_says_when_there_is_nothing(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console/accounts")
        window.get_by_role("button", name="Find").click()
        window.keyboard.type("nothing like this")
        expect(window.get_by_text("Nothing begins like this.")).to_be_visible()
        window.get_by_role("combobox", name="Go to a page").fill("tod")
        window.keyboard.press("Enter")
        expect(window.get_by_role("heading", level=1)).to_have_text("Today")


def test_keys_go_to_pages_and_fields_unless_they_are_turned_off(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console")
        window.keyboard.type("ga")
        expect(window).to_have_url(f"{site.url}/console/accounts")
        window.keyboard.press("/")
        expect(window.get_by_label("Number begins with")).to_be_focused()
        window.keyboard.type("gt?")
        expect(window).to_have_url(f"{site.url}/console/accounts?number=gt%3F&owner=&kind=&state=")
        window.locator("main").focus()
        window.keyboard.press("?")
        dialog = window.get_by_role("dialog", name="Keyboard")
        expect(dialog).to_contain_text("Accounts")
        dialog.get_by_label("Shortcuts of single keys").uncheck()
        window.keyboard.press("Escape")
        window.keyboard.type("gt")
        expect(dialog).to_be_hidden()
        expect(window.get_by_role("heading", level=1)).to_have_text("Accounts")


def test_the_first_stop_of_the_tabulator_skips_to_the_content(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console/accounts")
        window.keyboard.press("Tab")
        expect(window.get_by_role("link", name="Skip to content")).to_be_focused()
        window.keyboard.press("Enter")
        expect(window.locator("main")).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("key", ["Control+k", "?"])
def test_axe_finds_nothing_in_an_open_dialog(site: Site, theme: str, key: str) -> None:
    with site.person("operator", theme=theme) as window:
        window.goto("/console/accounts")
        window.keyboard.press(key)
        expect(window.locator("dialog[open]")).to_be_visible()
        window.evaluate(Path(AXE).read_text())
        found = window.evaluate("rules => axe.run({runOnly: rules})", RULES)
        assert [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]] == []
