"""A file of instructions on the command line, against a real server whose workers die on the way."""

import csv
import json
from pathlib import Path

import pytest

from counterfoil.core.calendar import Convention, adjust
from counterfoil.core.clock import SystemClock, business_date
from counterfoil.sample import fictional_issuers
from tests.server.running import Server, day, hand_in, import_issuers

BUYER, SELLER = fictional_issuers()[0][0], fictional_issuers()[1][0]
FIELDS = (
    "reference", "party", "movement", "payment", "isin", "quantity", "account", "counterparty", "trade_date",
    "intended_date", "currency", "amount", "links",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    found = Server(tmp_path_factory.mktemp("home")).up()
    with found.client() as client:
        import_issuers(client)
        for lei in (BUYER, SELLER):
            client.post("/accounts", json={"owner": lei}).raise_for_status()
    yield found
    found.close()


@pytest.fixture(scope="module")
def isin(server: Server) -> str:
    """An issue that exists."""
    with server.client() as client:
        batch = hand_in(client, day(1, seed=1, invalid_share=0))["batch"]

        def issued() -> str | None:
            return client.get(f"/batches/{batch}/items").json()["items"][0].get("isin")

        return server.wait_for(issued)


def written(path: Path, count: int, *, isin: str = "DE000CF0TST1", bad: int = 0) -> Path:
    """Deliveries of one unit, both sides, that nobody has; the first `bad` rows name no account."""
    today = adjust(business_date(SystemClock()), Convention.PRECEDING, "TARGET").isoformat()
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        rows = csv.DictWriter(file, FIELDS)
        rows.writeheader()
        for n in range(count):
            party, other, movement = [(SELLER, BUYER, "DELI"), (BUYER, SELLER, "RECE")][n % 2]
            account = "NOBODY" if n < bad else f"{party}-OWN"
            rows.writerow({
                "reference": f"{path.stem}-{n}", "party": party, "movement": movement, "payment": "FREE",
                "isin": isin, "quantity": "1", "account": account, "counterparty": other, "trade_date": today,
                "intended_date": today, "links": "INFO:X;INFO:Y" if n == 0 else "",
            })  # fmt: skip
    return path


def test_rejected_rows_are_shown_and_make_the_exit_code(server: Server, tmp_path: Path):
    file = written(tmp_path / "a.csv", 3, bad=1)
    done = server.command("settlement", "instruct", str(file), "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["received"], said["rejected"]) == (1, 3, 3), done.stderr
    tried = server.command("settlement", "instruct", str(file), "--validate-only", "--json")
    assert tried.stdout, tried.stderr
    assert (tried.returncode, json.loads(tried.stdout)) == (1, {"valid": 0, "invalid": 3})
    assert "SET-001" in tried.stderr
    codes = [{e["code"] for e in row["errors"]} for row in said["rejects"]]
    assert [row["line"] for row in said["rejects"]] == [2, 3, 4]
    assert codes[0] == {"SET-001", "SET-003"}
    assert codes[1] == {"SET-001"}
    people = server.command("settlement", "instruct", str(file), "--rejects", str(tmp_path / "out.ndjson"))
    assert people.returncode == 1
    assert "handed in before" in people.stderr
    assert "0 accepted, 3 rejected of 3" in people.stderr
    assert len((tmp_path / "out.ndjson").read_text().splitlines()) == 3
    shown = server.command("settlement", "instruct", str(file))
    assert "SAFE" in shown.stdout
    assert "/account" in shown.stdout


def test_what_is_no_file_or_no_table_is_refused_readably(server: Server, tmp_path: Path):
    missing = server.command("settlement", "instruct", str(tmp_path / "none.csv"))
    assert (missing.returncode, "no file" in missing.stderr) == (2, True)
    (tmp_path / "semicolons.csv").write_text("reference;party\nA;B\n")
    refused = server.command("settlement", "instruct", str(tmp_path / "semicolons.csv"))
    assert (refused.returncode, "commas separate" in refused.stderr) == (1, True)


def test_an_instruction_is_asked_for_by_its_reference(server: Server, isin: str, tmp_path: Path):
    assert (
        server.command(
            "settlement", "instruct", str(written(tmp_path / "named.csv", 2, isin=isin))
        ).returncode
        == 0
    )
    by_reference = json.loads(server.command("settlement", "why", "named-1", "--json").stdout)
    assert by_reference["reference"] == "named-1"
    assert (
        json.loads(server.command("settlement", "why", by_reference["id"], "--json").stdout) == by_reference
    )
    held = json.loads(server.command("settlement", "hold", "named-1", "--json").stdout)
    assert held["id"] == by_reference["id"]
    unknown = server.command("settlement", "cancel", "named-3")
    assert (unknown.returncode, "There is no instruction with" in unknown.stderr) == (2, True)


def test_every_row_ends_once_though_workers_are_killed(server: Server, isin: str, tmp_path: Path):
    file = written(tmp_path / "killed.csv", 12_000, isin=isin, bad=500)
    with server.client() as client:
        headers = {"Content-Type": "text/csv"}
        sent = client.post("/settlement/batches", content=file.read_bytes(), headers=headers).json()

        def has_come(rows: int) -> bool:
            found = client.get(f"/settlement/batches/{sent['id']}").json()
            return found["accepted"] + found["rejected"] >= rows

        for rows in (1, 4000, 8000):
            server.wait_for(lambda rows=rows: has_come(rows))
            server.kill("workers")
        server.wait_for(lambda: has_come(12_000), timeout_s=120)
        found = client.get(f"/settlement/batches/{sent['id']}/results.ndjson").text.splitlines()
    results = [json.loads(line) for line in found]
    assert [r["line"] for r in results] == list(range(2, 12_002))
    assert [r["outcome"] for r in results] == ["rejected"] * 500 + ["accepted"] * 11_500
    again = json.loads(server.command("settlement", "instruct", str(file), "--json").stdout)
    assert (again["accepted"], again["rejected"]) == (0, 12_000), "each was taken in, once"
    assert server.command("verify").returncode == 0
