"""The command line as a person and as a program meet it."""

import json

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from counterfoil.cli import create_cli
from tests.server.running import Server, import_issuers


def commands(group=None, path=()):
    """Every command with its words."""
    group = group or get_command(create_cli())
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_explains_itself_with_an_example(words):
    result = CliRunner().invoke(create_cli(), [*words, "--help"])
    assert result.exit_code == 0
    assert "Example:" in result.output or words == ("version",)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["errors", "INS-030"], 0),
        (["errors", "NO-1"], 2),
        (["schema", "1200"], 0),
        (["schema", "9999"], 2),
        (["issue", "/no/such/file"], 2),
        (["nonsense"], 2),
        (["sample", "day", "--items", "0"], 2),
    ],
)
def test_exit_codes_say_what_happened(words, code):
    assert CliRunner().invoke(create_cli(), words).exit_code == code


def test_the_same_seed_gives_the_same_day(tmp_path):
    bodies = set()
    for name in ("a", "b"):
        words = [
            "sample",
            "day",
            "--items",
            "50",
            "--seed",
            "1",
            "--business-date",
            "2026-11-23",
            "-o",
            str(tmp_path / name),
        ]
        assert CliRunner().invoke(create_cli(), words).exit_code == 0
        bodies.add((tmp_path / name).read_bytes())
    assert len(bodies) == 1


@pytest.mark.slow
def test_a_first_day_by_command_line(tmp_path):
    server = Server(tmp_path / "home")
    server.home.mkdir()
    day = str(tmp_path / "day.ndjson")
    try:
        server.up()
        with server.client() as client:
            import_issuers(client)
        assert (
            server.command("sample", "day", "--items", "30", "--invalid-share", "0.2", "-o", day).returncode
            == 0
        )
        first = server.command("issue", day, "--json")
        summary = json.loads(first.stdout)
        assert set(summary) == {
            "batch", "received", "issued", "rejected", "waiting", "placed", "awaiting_settlement", "incomplete",
            "seconds",
        }  # fmt: skip
        assert summary["received"] == 30 == summary["issued"] + summary["rejected"] + summary["waiting"]
        again = json.loads(server.command("issue", day, "--json").stdout)
        assert again["batch"] == summary["batch"]
        shown = server.command("batch", "show", summary["batch"], "--json")
        assert json.loads(shown.stdout)["item_count"] == 30
        (instrument,) = json.loads(server.command("instrument", "list", "--limit", "1", "--json").stdout)[
            "items"
        ]
        assert json.loads(server.command("register", "history", instrument["isin"], "--json").stdout)["items"]
        verified = server.command("verify", "--json")
        assert verified.returncode == 0
        assert json.loads(verified.stdout)["holds"] is True
        refused = server.command("batch", "show", "01a1fb66-8b66-7000-b77a-b17f44c71172")
        assert (refused.returncode, "PRC-023" in refused.stderr) == (1, True)
        assert "Traceback" not in refused.stderr
    finally:
        server.close()


@pytest.mark.slow
def test_a_server_that_cannot_be_reached_is_said_so(tmp_path):
    server = Server(tmp_path)
    found = server.command("batch", "list", "--url", "http://127.0.0.1:9")
    assert found.returncode == 3
    assert "cannot be reached" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.slow
def test_the_demo_places_its_products_and_shows_money_and_units_moving(tmp_path):
    server = Server(tmp_path / "home")
    server.home.mkdir()
    try:
        server.up()
        summary = json.loads(server.command("demo", "--items", "40", "--placed-share", "1", "--json").stdout)
        assert summary["placed"] > 0
        assert summary["placed"] + summary["awaiting_settlement"] == summary["issued"]
        told = server.command("demo", "--items", "40", "--seed", "7", "--placed-share", "1")
        shown = told.stdout + told.stderr
        assert told.returncode == 0, shown
        for words in (
            "Delivered against payment",
            "settled at",
            "-OWN",
            "day run --date",
        ):
            assert words in shown
        placements = json.loads(server.command("batch", "placements", summary["batch"], "--json").stdout)[
            "items"
        ]
        assert sum(row["settled"] for row in placements) >= summary["placed"]
        items = json.loads(
            server.command("batch", "items", summary["batch"], "--placement", "placed", "--json").stdout
        )["items"]
        assert len(items) == summary["placed"]
        assert "placed: " in server.command("batch", "items", summary["batch"]).stdout
        assert server.command("verify").returncode == 0
    finally:
        server.close()
