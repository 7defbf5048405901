"""Every page, in both themes: axe finds nothing, and nothing moves sideways."""

from pathlib import Path

import pytest

from tests.console.browser.pages import PAGES, Page
from tests.console.browser.running import Site

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_axe_finds_nothing(site: Site, page: Page, theme: str) -> None:
    with site.person(page.role, theme=theme) as window:
        window.goto(page.path)
        window.wait_for_selector(page.waits_for)
        # Through the debugger, which no policy holds back: nothing is added to the page.
        window.evaluate(AXE.read_text())
        found = window.evaluate("rules => axe.run({runOnly: rules})", RULES)
        told = [f"{v['id']}: {v['nodes'][0]['html'][:200]}: {v['help']}" for v in found["violations"]]
        assert told == []
        wide = window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "a page does not scroll sideways"


def test_axe_would_find_something(site: Site) -> None:
    """Without this, the test above might pass whatever stands on a page."""
    with site.person(None) as window:
        window.goto("/console/sign-in")
        window.evaluate("document.querySelector('label').replaceWith(document.querySelector('[name=token]'))")
        window.evaluate(AXE.read_text())
        found = window.evaluate("rules => axe.run({runOnly: rules})", RULES)
        assert "label" in {v["id"] for v in found["violations"]}
