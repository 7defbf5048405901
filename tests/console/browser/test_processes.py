"""Working with processes as operators and approvers do."""

from playwright.sync_api import expect

from tests.console.browser.running import Site
from tests.console.browser.test_settlement import act


def test_an_incident_is_found_in_the_diagram_and_retried(site: Site) -> None:
    with site.person("operator") as window:
        window.goto("/console/processes")
        window.get_by_role("link", name="Issue request").click()
        window.locator("[data-drawn]").wait_for()
        window.locator(".flag.bad").first.click()
        expect(window.get_by_role("heading", name="Open incidents")).to_be_visible()
        rows = window.locator("tbody tr")
        before = rows.count()
        rows.first.get_by_role("link").last.click()
        expect(window.locator(".problem")).to_contain_text("the <b>register</b> is away")
        window.locator("[data-drawn]").wait_for()
        expect(window.locator(".tone-bad")).to_have_count(1)
        act(window, "Retry", Reason="The register is back")
        expect(window.get_by_role("status").first).to_contain_text("1 incidents are tried again")
        window.goto("/console/processes/incidents?process=issuance&element=register")
        expect(rows).to_have_count(before - 1)


def test_a_second_person_decides_what_another_asked_for(site: Site) -> None:
    with site.person("auditor") as window:
        window.goto("/console/tasks")
        window.get_by_role("link", name="Approve request").first.click()
        expect(window.locator(".problem")).to_contain_text("You cannot decide this")
        expect(window.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    with site.person("approver") as window:
        window.goto("/console/tasks")
        window.get_by_role("link", name="Approve request").first.click()
        expect(window.locator("ins").first).to_contain_text("2027-12-30")
        act(window, "Approve", Reason="The issuer has consented")
        expect(window.get_by_text("Approved; the process goes on.")).to_be_visible()
