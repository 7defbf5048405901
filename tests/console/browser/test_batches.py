"""Handing in a batch and following it to its end, as a person does."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Page, expect

from counterfoil.core.db import Database
from counterfoil.orchestration import Worker
from counterfoil.processes import all_tasks, sweep
from counterfoil.settlement import take_in
from tests.console.browser.running import NoonClock, Site
from tests.console.browser.test_every_page import AXE, RULES
from tests.processes.desk import CLOCK, ndjson, new, terms
from tests.settlement.market import ANNA, BERT, FIXED, TODAY, own

DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    const drop = new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
    document.querySelector('.drop').dispatchEvent(drop);
}"""

SHIFTS = """() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifted += entry.value;
    }).observe({type: 'layout-shift'});
}"""


@pytest.fixture
def workers(site: Site) -> Iterator[Event]:
    """What works once it is told to begin."""
    begin, stop = Event(), Event()

    def work(database: Database) -> None:
        clock = NoonClock()
        worker = Worker(database, all_tasks(), clock=clock)
        begin.wait()
        while not stop.wait(0.05):
            while worker.run_once():
                pass
            sweep(database, clock.now())
            take_in(database, clock)

    thread = Thread(target=work, args=(site.database,), daemon=True)
    thread.start()
    yield begin
    begin.set()
    stop.set()
    thread.join(timeout=10)


def sent(window: Page) -> None:
    window.get_by_role("button", name="Upload").click()
    expect(window.get_by_role("status")).to_contain_text("is received")


def test_a_batch_with_errors_is_uploaded_and_followed_to_its_end(
    site: Site, workers: Event, tmp_path: Path
) -> None:
    items = [
        new("N-1"),
        new("N-2", instrument=terms(isin="DE0005140007")),
        b"no json",
        *(new() for _ in range(60)),
    ]
    file = tmp_path / "day.ndjson"
    file.write_bytes(ndjson(items))
    wrong = tmp_path / "day.pdf"
    wrong.write_bytes(b"%PDF")
    with site.person("issuer") as window:
        window.goto("/console/batches")
        window.get_by_label("Drop a file here").set_input_files(wrong)
        window.get_by_role("button", name="Upload").click()
        expect(window.locator("#upload-problems")).to_contain_text("CON-415")
        window.get_by_label("Drop a file here").set_input_files(file)
        window.get_by_label("Business date").fill(f"{CLOCK.now():%Y-%m-%d}")
        sent(window)
        expect(window.locator("#board")).to_contain_text("0 of 63 ended")
        window.evaluate("window.stayed = true")
        window.evaluate(SHIFTS)
        workers.set()
        expect(window.locator("#board")).to_contain_text("63 of 63 ended", timeout=30_000)
        expect(window.locator("#items")).to_contain_text("rejected")
        expect(window.locator("#reasons")).to_contain_text("COR-001")
        expect(window.locator("#board")).to_contain_text("hand in the corrected file")
        assert window.evaluate("window.stayed"), "it moves by itself"
        assert window.evaluate("window.shifted") < 0.02, "nothing jumps as counts grow"
        window.get_by_label("Outcome").select_option("rejected")
        expect(window.locator("#items tbody tr")).to_have_count(2)
        with window.expect_download() as download:
            window.get_by_role("link", name="XLSX").click()
        assert download.value.suggested_filename.endswith(".xlsx")
        assert Path(download.value.path()).read_bytes().startswith(b"PK")
        window.get_by_role("link", name="2", exact=True).click()
        expect(window.locator("mark")).to_contain_text("DE0005140007")


def test_a_file_of_instructions_is_dropped_and_taken_in(site: Site, workers: Event) -> None:
    titles = "reference,movement,isin,quantity,account,counterparty,trade_date,intended_date"
    good = f"D1,DELI,{FIXED},1,{own(ANNA)},{BERT},{TODAY},{TODAY}"
    bad = good.replace("D1", "D2").replace(",1,", ",-1,")
    with site.person("other") as window:
        window.goto("/console/batches/instructions")
        window.evaluate(DROP, ["day.csv", f"{titles}\n{good}\n{bad}\n"])
        sent(window)
        workers.set()
        expect(window.locator("#board")).to_contain_text("2 of 2 taken in")
        expect(window.locator("#items")).to_contain_text("/quantity")
        window.get_by_role("link", name="D1").click()
        expect(window.get_by_role("heading", level=1)).to_contain_text("D1")


def test_a_file_is_checked_before_it_is_handed_in(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "sides.ndjson"
    file.write_text('{"reference": "CHECKED", "quantity": "-1"}\n' * 60)
    with site.person("operator") as window:
        window.goto("/console/batches/instructions")
        window.get_by_label("Drop a file here").set_input_files(file)
        window.get_by_role("button", name="Check only").click()
        expect(window.get_by_role("heading", level=1)).to_have_text("Check of sides.ndjson")
        expect(window.locator("#board")).to_contain_text("60 checked, 60 would be rejected")
        expect(window.locator("#items tbody tr")).to_have_count(50)
        window.locator("summary").first.click()
        expect(window.locator("mark").first).to_contain_text("movement")
        window.evaluate(AXE.read_text())
        found = window.evaluate("rules => axe.run({runOnly: rules})", RULES)
        assert [rule["id"] for rule in found["violations"]] == []
        with window.expect_download() as download:
            window.get_by_role("link", name="CSV with the reasons").click()
        assert Path(download.value.path()).read_text().startswith("reference,quantity,#refused")
        window.get_by_role("button", name="Hand in").click()
        window.get_by_role("dialog").get_by_role("button", name="Hand in").click()
        expect(window.get_by_role("status")).to_contain_text("The batch of 60 rows is received")
