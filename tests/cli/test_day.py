"""The settlement day by command line."""

import json

import pytest
from typer.testing import CliRunner

from counterfoil.cli import create_cli
from tests.server.running import Server, import_issuers


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["day", "run", "--date", "tomorrow"], "write YYYY-MM-DD"),
        (["day", "run", "--date", "2026-11-23", "--until", "soon"], "write YYYY-MM-DD"),
        (["day", "open", "--date", "2026-11-23", "--night-start", "late"], "write HH:MM"),
        (["price", "import", "README.md"], "is none of .csv"),
        (["price", "import", "/no/such/file.csv"], "does not exist"),
    ],
)
def test_what_cannot_be_understood_is_said_before_anything_is_asked(words, says):
    result = CliRunner().invoke(create_cli(), words)
    assert result.exit_code == 2
    assert says in " ".join(result.output.replace("│", " ").split())


@pytest.mark.slow
def test_days_are_opened_shifted_run_and_reported(tmp_path):
    server = Server(tmp_path)
    prices = tmp_path / "prices.csv"
    prices.write_text("isin,business_date,price,currency\nDE000CF00001,2027-03-22,9.5,EUR\n")
    try:
        server.up()
        with server.client() as client:
            import_issuers(client)
        nothing = server.command("day", "show")
        assert (nothing.returncode, "around the clock" in nothing.stderr) == (0, True)
        assert json.loads(server.command("price", "import", str(prices), "--json").stdout) == {"stored": 1}
        assert server.command("day", "open", "--date", "2027-03-22").returncode == 0
        shifted = server.command(
            "day", "shift", "dvp_cut_off", "--at", "17:00", "--reason", "RTGS is late", "--json"
        )
        (event,) = [e for e in json.loads(shifted.stdout)["events"] if e["shifted_from"]]
        assert (event["name"], event["at"][11:16]) == ("dvp_cut_off", "16:00")
        unknown = server.command("day", "shift", "lunch", "--at", "17:00", "--reason", "none")
        assert (unknown.returncode, "its events are start_of_day" in unknown.stderr) == (2, True)
        early = server.command("day", "run", "--date", "2027-03-22", "--by-the-clock")
        assert (early.returncode, "SET-047" in early.stderr) == (1, True)
        # Good Friday and Easter Monday are no settlement days.
        ran = server.command("day", "run", "--date", "2027-03-22", "--until", "2027-03-31", "--json")
        events = json.loads(ran.stdout)["events"]
        assert [e["business_date"][-2:] for e in events if e["event"] == "end_of_day"] == [
            "22", "23", "24", "25", "30", "31",
        ]  # fmt: skip
        assert "2027-03-31 end_of_day" in ran.stderr
        over = server.command("day", "run", "--date", "2027-03-31")
        assert (over.returncode, "SET-042" in over.stderr) == (1, True)
        report = json.loads(server.command("day", "report", "--date", "2027-03-31", "--json").stdout)
        assert report["integrity"]["mismatch_count"] == 0
        listed = server.command("penalty", "list", "--from", "2027-03-22", "--to", "2027-03-31", "--json")
        assert json.loads(listed.stdout) == {"items": []}
        assert json.loads(server.command("penalty", "month", "2027-03", "--json").stdout)["parties"] == []
        assert server.command("verify").returncode == 0
    finally:
        server.close()
