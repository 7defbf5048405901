"""Looking something up as people do who know a number."""

from playwright.sync_api import expect

from tests.console.browser.running import Site


def test_an_instrument_is_found_by_its_wkn_and_drawn(site: Site) -> None:
    with site.database.transaction() as tx:
        isin, wkn = tx.row(
            "SELECT isin, wkn FROM instruments.instrument WHERE class BETWEEN '1200' AND '1399' ORDER BY isin LIMIT 1"
        ) or tx.row("SELECT isin, wkn FROM instruments.instrument ORDER BY isin LIMIT 1")
    with site.person("operator") as window:
        window.goto("/console")
        window.keyboard.press("Control+k")
        window.get_by_role("combobox", name="Go to a page").fill(wkn)
        window.get_by_role("option", name=isin).click()
        expect(window).to_have_url(f"{site.url}/console/instruments/{isin}")
        expect(window.get_by_role("heading", name="Payoff")).to_be_visible()
        expect(window.locator(".payoff polyline").first).to_be_visible()
        expect(window.locator(".payoff text.level").first).to_be_visible()
        expect(window.get_by_text("computed anew")).to_be_visible()
