"""Looking something up as people do who know a number."""

from itertools import combinations

from playwright.sync_api import expect

from tests.console.browser.running import Site
from tests.console.browser.test_every_page import AXE, RULES
from tests.processes.desk import new, open_desk, terms

BOX = "one => { const b = one.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; }"


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


def test_a_mini_future_is_drawn_and_told(site: Site) -> None:
    """Both states, their names and levels, in both themes; the same as a table."""
    isin = open_desk(site.database).one(new("DRAWN", instrument=terms("2210")))["isin"]
    for theme in ("light", "dark"):
        with site.person("operator", theme=theme) as window:
            window.goto(f"/console/instruments/{isin}")
            drawn = window.get_by_role("img", name="What 1 pays if it ends on")
            expect(drawn).to_be_visible()
            expect(drawn.locator("polyline")).to_have_count(2)
            told = window.locator(".payoff figcaption").first
            expect(told).to_contain_text("Solid: no barrier was touched.")
            expect(told).to_contain_text("Dashed: a barrier was touched, by the price of unwinding.")
            boxes = window.locator(".payoff text").evaluate_all(f"all => all.map({BOX})")
            frame = drawn.evaluate(BOX)
            assert all(frame[0] <= box[0] and box[2] <= frame[2] for box in boxes), (
                "no words leave the drawing"
            )
            for one, other in combinations(boxes, 2):
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                assert apart, (one, other)
            window.get_by_text("The same as a table").click()
            expect(window.get_by_role("columnheader", name="Price of the underlying")).to_be_visible()
            window.evaluate(AXE.read_text())
            found = window.evaluate("rules => axe.run({runOnly: rules})", RULES)
            assert [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]] == []
