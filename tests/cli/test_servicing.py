"""Events, observations and proofs by command line."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from counterfoil.cli import create_cli
from counterfoil.core.clock import SystemClock, business_date
from counterfoil.core.db import Database
from counterfoil.core.json import dumps
from counterfoil.servicing import proof, recompute
from tests.server.running import Server, import_issuers
from tests.servicing.house import open_house

SAP = "DE0007164600"


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Path:
    """A proof that somebody has kept: of a coupon of 28.75 for 1,000."""
    house = open_house(database)
    isin = house.issue("bond")
    house.lay_out()
    coupon = house.event(isin, "coupon")["id"]
    house.decide(coupon)
    with database.transaction() as tx:
        document = proof(tx, coupon)
    path = tmp_path / "proof.json"
    path.write_text(dumps({**document, "recomputed": recompute(document)}))
    return path


def test_a_kept_proof_is_worked_out_without_a_server(kept: Path):
    found = CliRunner().invoke(create_cli(), ["recompute", "--file", str(kept)])
    assert found.exit_code == 0, found.output
    assert "The same digits come out." in found.output
    document = json.loads(kept.read_text())
    kept.write_text(json.dumps(document | {"interest": "29"}))
    found = CliRunner().invoke(create_cli(), ["recompute", "--file", str(kept)])
    assert found.exit_code == 1
    assert "interest: 29 was stated" in " ".join(found.output.split())


@pytest.mark.slow
def test_events_and_observations_are_seen_and_entered(tmp_path: Path):
    server = Server(tmp_path / "home")
    server.home.mkdir()
    fixings, ticks = tmp_path / "fixings.csv", tmp_path / "ticks.ndjson"
    day = business_date(SystemClock()) - timedelta(days=1)
    fixings.write_text(f"kind,subject,day,source,value\nprice,{SAP},{day},XETR,152.36\n")

    def told(*words: str):
        found = server.command(*words, "--json")
        assert found.returncode == 0, found.stdout + found.stderr
        answer = json.loads(found.stdout)
        return answer.get("items", answer)

    def refused(*words: str) -> str:
        found = server.command(*words)
        assert (found.returncode, "Traceback" in found.stderr) == (1, False), found.stderr
        return found.stderr

    try:
        server.up()
        with server.client() as client:
            import_issuers(client)
        path = str(tmp_path / "day.ndjson")
        server.command("sample", "day", "--items", "20", "-o", path)
        assert told("issue", path)["issued"] > 0
        calendar = ("events", "--from", "2020-01-01", "--to", "2079-01-01", "--kind", "redemption")
        server.wait_for(lambda: bool(told(*calendar)))
        event = told(*calendar, "--limit", "1")[0]
        assert told("events", "--from", event["day"], "--to", event["day"], "--isin", event["isin"])
        assert told("event", "show", event["id"])["state"] == event["state"]
        for listed in ("entitled", "suspense", "claims"):
            assert told("event", listed, event["id"]) == []
        assert "SRV-050" in refused("recompute", event["id"])
        assert "SRV-062" in refused("event", "reopen", event["id"], "--reason", "x")
        assert "SRV-060" in refused("event", "release", event["id"], "A", "B", "--reason", "x")
        told("observation", "source", "XETR", "--window", "0")
        (entered,) = told("observation", "enter", str(fixings))
        (listed,) = told("observation", "list", "price", SAP)
        assert (listed["standing"], listed["value"]) == ("unconfirmed", "152.36")
        assert "SRV-014" in refused("observation", "confirm", entered["observation"])
        told("observation", "dispute", entered["observation"], "--reason", "another day's")
        assert told("observation", "list", "price", SAP)[0]["standing"] == "disputed"
        at = f"{day}T12:00:00Z"
        ticks.write_text(
            json.dumps({"underlying": "INDEX", "source": "XETR", "at": at, "price": "150"}) + "\n"
        )
        assert told("observation", "ticks", str(ticks))["entered"] == 1
        assert told("observation", "ticks", str(ticks))["repeated"] == 1
        ticks.write_text(json.dumps({"underlying": "INDEX", "source": "NOBODY", "at": at, "price": "1"}))
        again = server.command("observation", "ticks", str(ticks), "--json")
        assert (again.returncode, json.loads(again.stdout)["refused"]) == (1, 1)
        assert told("observation", "touches", event["isin"]) == []
    finally:
        server.close()
