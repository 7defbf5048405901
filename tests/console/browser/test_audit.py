"""Looking for who did what, and having everything verified, as an auditor does."""

from playwright.sync_api import expect

from tests.console.browser.running import Site


def test_an_auditor_finds_an_act_and_has_everything_verified(site: Site) -> None:
    with site.database.transaction() as tx:
        handed_in = tx.value("SELECT count(*) FROM processes.batch")
    with site.person("auditor") as window:
        window.goto("/console/audit")
        window.locator("select[name=what]").select_option("batch_handed_in")
        expect(window.locator("tbody tr")).to_have_count(handed_in)
        window.locator("tbody a").first.click()
        expect(window.get_by_role("heading", level=1)).to_contain_text("Batch")
        window.get_by_role("link", name="Audit", exact=True).click()
        window.get_by_role("link", name="Verify").click()
        window.get_by_role("button", name="Verify now").click()
        window.get_by_role("dialog").get_by_role("button", name="Verify now").click()
        expect(window.locator("#found tbody").last.locator("tr")).to_have_count(1, timeout=30_000)
        expect(window.locator("#found")).to_contain_text("holds")
