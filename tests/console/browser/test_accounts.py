"""Working with accounts as a person does."""

import pytest
from playwright.sync_api import expect

from tests.console.browser.running import OTHER, Site


def test_signing_in_and_out_again(site: Site) -> None:
    with site.person(None) as window:
        window.goto("/console/accounts?number=DEALER-1")
        window.get_by_label("Token").fill("cf_wrong")
        window.get_by_role("button", name="Sign in").click()
        expect(window.get_by_role("alert")).to_contain_text("counterfoil token create")
        window.get_by_label("Token").fill(site.secrets["operator"])
        window.get_by_role("button", name="Sign in").click()
        expect(window).to_have_url(f"{site.url}/console/accounts?number=DEALER-1")
        window.get_by_role("button", name="Sign out").click()
        expect(window).to_have_url(f"{site.url}/console/sign-in")
        window.goto("/console/accounts")
        expect(window.get_by_label("Token")).to_be_visible()


def test_a_filter_narrows_the_list_and_stays_in_the_address(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console/accounts?number=DEALER-")
        expect(window.locator("tbody tr")).to_have_count(50)
        window.get_by_role("link", name="Next page").click()
        expect(window.locator("tbody tr")).to_have_count(29)
        window.get_by_label("Number begins with").fill("dealer-7")
        expect(window.locator("tbody tr")).to_have_count(11)
        expect(window).to_have_url(
            f"{site.url}/console/accounts?number=dealer-7&owner=&kind=&state=&sort=number"
        )
        window.get_by_role("columnheader").get_by_role("link", name="Account", exact=True).click()
        expect(window.locator("tbody tr").first).to_contain_text("DEALER-79")
        expect(window.get_by_role("columnheader", name="Account")).to_have_attribute(
            "aria-sort", "descending"
        )
        window.reload()
        expect(window.locator("tbody tr").first).to_contain_text("DEALER-79")
        window.go_back()
        expect(window.locator("tbody tr").first).to_contain_text("DEALER-7")


def test_a_dangerous_act_asks_for_its_reason_and_says_where_it_was_refused(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console/accounts/DEALER-5")
        window.get_by_role("button", name="Block").click()
        dialog = window.get_by_role("dialog")
        dialog.get_by_role("button", name="Block").click()
        expect(dialog.get_by_role("alert")).to_be_empty()
        dialog.get_by_label("Reason").fill("   ")
        dialog.get_by_role("button", name="Block").click()
        expect(dialog.get_by_role("alert")).to_contain_text("CON-422")
        dialog.get_by_label("Reason").fill("Court order 17")
        dialog.get_by_role("button", name="Block").click()
        expect(window.get_by_role("status")).to_contain_text("Account DEALER-5 is blocked.")
        expect(window.locator(".history")).to_contain_text("Court order 17")


def test_times_are_the_viewers_and_utc_on_hover(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console/accounts/DEALER-7")
        opened = window.locator(".facts time").first
        expect(opened).to_have_text("2026-11-23 13:00:00")
        expect(opened).to_have_attribute("title", "2026-11-23 12:00:00 UTC")


@pytest.mark.parametrize(("system", "other"), [("light", "dark"), ("dark", "light")])
def test_the_theme_follows_the_system_until_it_is_chosen(site: Site, system: str, other: str) -> None:
    with site.person("operator", theme=system) as window:
        ground = "getComputedStyle(document.body).backgroundColor"
        as_system = window.evaluate(ground)
        window.get_by_role("button", name=other.title(), exact=True).click()
        chosen = window.evaluate(ground)
        assert chosen != as_system
        window.goto("/console/accounts")
        assert window.evaluate(ground) == chosen


def test_an_issuer_finds_nothing_of_anothers(site: Site) -> None:
    with site.person("issuer") as window:
        window.goto("/console/accounts")
        expect(window.get_by_label("Owner (LEI)")).to_have_count(0)
        expect(window.locator("tbody")).not_to_contain_text(OTHER)
        window.goto("/console/accounts/DEALER-2")
        expect(window.get_by_role("heading", level=1)).to_have_text("Not found")


def test_a_link_from_elsewhere_finds_whoever_is_signed_in(site: Site) -> None:
    with site.person("operator") as window:
        elsewhere = site.url.replace("127.0.0.1", "localhost")
        window.goto(f"{elsewhere}/docs")
        window.evaluate(f"location.href = '{site.url}/console/accounts/DEALER-7'")
        expect(window.get_by_role("heading", level=1)).to_contain_text("DEALER-7")
