"""The board moves by itself, and nothing else does."""

from playwright.sync_api import expect

from tests.console.browser.running import Site
from tests.settlement.market import BERT, CORA, FIXED, Market


def test_a_number_changes_in_place_while_the_page_stands_still(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console")
        waiting = window.get_by_role("row").filter(has_text="free of payment")
        window.wait_for_selector(".board .chart canvas")
        expect(waiting).to_have_count(0)
        window.evaluate(
            "window.shifts = 0;"
            "new PerformanceObserver(list => list.getEntries().forEach(e => { window.shifts += e.value }))"
            ".observe({type: 'layout-shift', buffered: true});"
            "window.was = document.querySelector('#b-unsettled');"
            "document.querySelector('[data-key=a]').focus()"
        )
        market = Market(site.database, used=100)
        market.submit(*market.trade(CORA, BERT, FIXED, 50, None))
        expect(waiting).to_have_count(1)
        assert window.evaluate("window.shifts") < 0.001, "a pixel of a number at most"
        assert window.evaluate("window.was === document.querySelector('#b-unsettled')")
        assert window.evaluate("document.activeElement.dataset.key") == "a"
        expect(window.locator("[data-live-state]")).to_be_hidden()


def test_the_board_says_when_it_is_not_up_to_date(site: Site) -> None:
    with site.person("operator") as window:
        window.route("**/today/events", lambda route: route.abort())
        window.goto("/console")
        expect(window.get_by_text("not up to date")).to_be_visible()
        site.problems.clear()  # the browser tells of what was cut off


def test_charts_follow_the_theme(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console")
        window.wait_for_selector(".board .chart canvas")
        pixels = "document.querySelector('.chart canvas').toDataURL()"
        light = window.evaluate(pixels)
        window.get_by_role("button", name="Dark", exact=True).click()
        expect(window.locator(".board .chart canvas")).to_have_count(2)
        assert window.evaluate(pixels) != light
