"""A party goes wherever its navigation leads, and to addresses that it was told: it meets nothing of another's."""

import re

from playwright.sync_api import expect

from tests.console.browser.pages import BATCH
from tests.console.browser.running import ISSUER, Site
from tests.settlement.market import BERT, CORA, own


def test_an_issuer_sees_nothing_of_anothers(site: Site) -> None:
    with site.database.transaction() as tx:
        (foreign,) = tx.row(
            "SELECT id FROM settlement.instruction WHERE party_lei = %(party)s::text LIMIT 1", party=CORA
        )
        (isin,) = tx.row("SELECT isin FROM instruments.instrument LIMIT 1")
    secret = re.compile(f"{own(BERT)}|{own(CORA)}|DEALER-1\\b|{BATCH}|{foreign}|{ISSUER}-ISSUER")
    with site.person("other") as window:
        places = window.get_by_role("navigation", name="Main").get_by_role("link")
        assert places.count() > 3
        for name in places.all_inner_texts():
            places.filter(has_text=re.compile(f"^{name}$")).click()
            expect(window.get_by_role("heading", level=1)).to_be_visible()
            expect(window.locator("main")).not_to_contain_text(secret)
        for path in (
            f"batches/issuance/{BATCH}",
            f"batches/issuance/{BATCH}/items/2",
            f"settlement/instructions/{foreign}",
            f"accounts/{own(CORA)}",
            f"instruments/{isin}",
            "processes/instances",
            "tasks",
            "audit",
        ):
            answer = window.goto(f"/console/{path}")
            assert answer is not None
            assert answer.status in (403, 404), path
            expect(window.locator("main")).to_contain_text(re.compile("There is no page at|Not permitted"))
        window.goto("/console/accounts")
        window.keyboard.press("Control+k")
        window.get_by_role("dialog").get_by_role("combobox").fill(own(CORA))
        expect(window.get_by_text("Nothing begins like this.")).to_be_visible()
