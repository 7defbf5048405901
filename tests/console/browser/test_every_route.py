"""Every page that a link leads to, whichever thing it shows: found by following links, and looked at with axe."""

import re
from collections import Counter, deque
from html import unescape

import httpx
import pytest

from counterfoil.console.batch_kinds import KINDS
from tests.console.browser.running import Site
from tests.console.browser.test_every_page import AXE, RULES
from tests.console.test_others import routes

FROM = (
    "/console",
    "/console/processes/models/issuance/comparison?process=issuance&before=1&after=1",
    "/console/processes/matching/instances?process=issuance",
    "/console/processes/matching/incidents?process=issuance",
    "/console/processes/deployment",
)
"""Where the walk begins: what no link leads to for want of data is named here."""
NO_PAGES = re.compile(
    r"/static/|/session$|/find$|/board$|/reasons$|/events$|/file$|/terms$|/progress$|results\.|/rejected|\{form\}"
)
"""Routes that give files, parts of pages, or what moves by itself."""
WANTS_MORE = {
    "/console/audit/verifications/{id_}": "a run of verify, which takes a while",
    "/console/batches/{kind}/checks/{id_}": "a check, which is looked at where one is made",
    "/console/batches/instructions/{id_}": "a file of instructions: its page is that of a batch of issuance",
    "/console/batches/instructions/{id_}/items/{position}": "the same",
    "/console/instruments/{isin}/events/{id_}": "an event, which nobody lays out here",
    "/console/settlement/day": "leads on to the day that is open",
    "/console/sign-in": "looked at with the others that have a name",
}
"""Pages that the walk does not come to, and what they would want."""
OF_A_KIND = 8
_LINK = re.compile(r'href="(/console[^"#]*)"')


def pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]+\}", "[^/?]+", route) + r"(\?.*)?")


@pytest.fixture(scope="module")
def found(site: Site) -> dict[str, str]:
    """An address for each route of a page, met on the way along the links that an operator sees."""
    wanted = [route for route in routes("GET") if not NO_PAGES.search(route)]
    met: dict[str, str] = {}
    walked: Counter[str] = Counter()
    with httpx.Client(base_url=site.url, headers={"Origin": site.url}, timeout=30, trust_env=False) as client:
        client.post("/console/sign-in", data={"token": site.secrets["operator"]})
        queue, seen = deque(FROM), set(FROM)
        while queue:
            address = queue.popleft()
            route = next((route for route in wanted if pattern(route).fullmatch(address)), None)
            if route is None or walked[route] == OF_A_KIND:
                continue
            walked[route] += 1
            answer = client.get(address, follow_redirects=True)
            if "<html" in answer.text:
                met.setdefault(route, address)
            new = [link for link in map(unescape, _LINK.findall(answer.text)) if link not in seen]
            seen.update(new)
            queue.extend(dict.fromkeys(new))
    return met


def test_every_page_can_be_come_to(found: dict[str, str]) -> None:
    wanted = {route for route in routes("GET") if not NO_PAGES.search(route)}
    known = {route.replace("{kind}", kind) for route in WANTS_MORE for kind in KINDS}
    assert wanted - set(found) - known == set()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_of_them(site: Site, found: dict[str, str], theme: str) -> None:
    told = []
    with site.person("operator", theme=theme) as window:
        for route, address in sorted(found.items()):
            window.goto(address)
            window.wait_for_selector("main")
            window.evaluate(AXE.read_text())
            violations = window.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
            told += [f"{route}: {v['id']}: {v['nodes'][0]['html'][:200]}: {v['help']}" for v in violations]
            wide = window.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            told += [f"{route} scrolls sideways"] if wide > 0 else []
    assert told == []
