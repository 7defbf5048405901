"""Working with processes as operators and approvers do."""

from playwright.sync_api import Page, expect

from tests.console.browser.running import Site
from tests.console.browser.test_settlement import act
from tests.console.test_processes import ISSUANCE


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


def test_who_asked_is_refused_and_a_second_person_approves(site: Site) -> None:
    def of_the_asker(window: Page) -> None:
        window.goto("/console/tasks")
        window.get_by_role("row").filter(has_text="Asker (").get_by_role(
            "link", name="Approve request"
        ).click()
        expect(window.locator("ins").first).to_contain_text("Asked for")

    with site.person("asker") as window:
        of_the_asker(window)
        expect(window.locator(".problem")).to_contain_text("ACC-405")
        expect(window.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    with site.person("approver") as window:
        of_the_asker(window)
        window.get_by_role("button", name="Take").click()
        expect(window.get_by_text("It is yours.")).to_be_visible()
        act(window, "Approve", Reason="The issuer has consented")
        expect(window.get_by_text("Approved; the process goes on.")).to_be_visible()
        window.goto("/console/tasks")
        expect(window.get_by_role("row").filter(has_text="Asker (")).to_have_count(0)


def test_a_stuck_instance_is_migrated_to_a_version_deployed_by_another(site: Site) -> None:
    changed = ISSUANCE.replace(b'name="Deposit terms"', b'name="Deposit all terms"')
    with site.person("modeller") as window:
        window.goto("/console/processes/deployment")
        file = {"name": "issuance.bpmn", "mimeType": "application/xml", "buffer": changed}
        window.locator("input[type=file]").set_input_files(file)
        window.get_by_role("button", name="Deploy").click()
        expect(window.get_by_text("issuance: version 2 is deployed.")).to_be_visible()
    with site.person("operator") as window:
        window.goto("/console/processes/incidents?process=issuance&version=1")
        window.locator("tbody tr").first.get_by_role("link").last.click()
        act(window, "Migrate", Reason="The new model")
        expect(window.get_by_role("status").first).to_contain_text("1 instances are of version 2 now.")
        window.goto("/console/processes/incidents?process=issuance&version=2")
        expect(window.locator("tbody tr")).to_have_count(1)
        window.get_by_role("link", name="Retry all that match").click()
        expect(window.get_by_role("heading", name="1 open incidents match")).to_be_visible()
        act(window, "Retry 1", Reason="By the new model")
        expect(window.get_by_role("status").first).to_contain_text("1 incidents are tried again")
