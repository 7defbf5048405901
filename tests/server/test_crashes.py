"""Whatever is killed at whatever moment: the batch ends by itself, each item once, and everything adds up."""

import json
import os
import random
import time
from pathlib import Path

import pytest

from counterfoil.cli.commands.sample import prepare_buyers
from tests.server.running import Server, day, hand_in

SEED = int(
    os.environ.get("COUNTERFOIL_CRASH_SEED") or (1 if os.environ.get("CI") else time.time_ns() % 10**6)
)
ITEMS = 3000
VICTIMS = ("worker", "workers", "api", "postgres", "supervisor")


def outcome_counts(server: Server, batch: str) -> dict:
    with server.client() as client:
        found = client.get(f"/batches/{batch}")
        found.raise_for_status()
        return found.json()


def has_ended(server: Server, batch: str) -> dict | None:
    found = outcome_counts(server, batch)
    progress = found["progress"]
    ended = progress["booked"] + progress["rejected"] + progress["waiting"]
    return found if ended >= found["item_count"] and progress["to_place"] == 0 else None


def check_everything(server: Server, batch: str, body: bytes, key: str) -> None:
    """Each item has one end, the same body again changes nothing, and every invariant holds."""
    found = server.wait_for(lambda: has_ended(server, batch), 90)
    positions = []
    with server.client() as client:
        after = 0
        while True:
            page = client.get(f"/batches/{batch}/items", params={"after": after, "limit": 1000}).json()
            positions += [item["position"] for item in page["items"]]
            assert not [item for item in page["items"] if item["outcome"] == "processing"]
            if page["next"] is None:
                break
            after = page["next"]
        assert positions == list(range(1, found["item_count"] + 1))
        incidents = client.get("/incidents").json()["items"]
        assert [i["message"] for i in incidents] == []
        again = hand_in(client, body, key)
    assert again == {"batch": batch, "received": found["item_count"], "created": False}
    assert outcome_counts(server, batch)["progress"] == found["progress"]
    verified = server.command("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "FAILS" not in verified.stdout


@pytest.mark.slow
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_killed_process_loses_and_doubles_nothing(server, victim):
    chance = random.Random(f"{SEED} {victim}")
    print(f"COUNTERFOIL_CRASH_SEED={SEED}")  # noqa: T201 - a failing seed must be seen
    body, key = day(ITEMS, chance.randrange(10**6)), f"crash-{victim}"
    with server.client() as client:
        batch = hand_in(client, body, key)["batch"]
    for _ in range(1 if victim == "supervisor" else 3):
        time.sleep(chance.uniform(0.0, 0.4))
        server.kill(victim)
        if victim == "supervisor":
            server.up()
        elif victim in ("postgres", "api"):
            server.wait_for(server.ready)
    check_everything(server, batch, body, key)


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["workers", "postgres"])
def test_a_killed_process_places_nothing_twice_and_forgets_no_buyer(server, victim):
    chance = random.Random(f"{SEED} placed {victim}")
    print(f"COUNTERFOIL_CRASH_SEED={SEED}")  # noqa: T201 - a failing seed must be seen
    count = ITEMS // 3
    body = day(count, chance.randrange(10**6), invalid_share=0.0, placed_share=0.5)
    with server.client() as client:
        prepare_buyers(client, count, 0.5)
        batch = hand_in(client, body, f"placed-{victim}")["batch"]
    for _ in range(4):
        time.sleep(chance.uniform(0.1, 0.5))
        server.kill(victim)
        if victim == "postgres":
            server.wait_for(server.ready)
    check_everything(server, batch, body, f"placed-{victim}")
    progress = outcome_counts(server, batch)["progress"]
    with server.client() as client:
        totals = client.get(f"/batches/{batch}/placements").json()
        items = client.get(f"/batches/{batch}/items", params={"limit": count}).json()["items"]
    lines = [json.loads(line) for line in body.splitlines()]  # a very large issue waits for a person
    sold = [
        n["distribution"]
        for n, i in zip(lines, items, strict=True)
        if "distribution" in n and i["outcome"] == "done"
    ]
    assert (
        progress["placed"] + progress["awaiting_settlement"] == len(sold) == sum(t["items"] for t in totals)
    )
    assert sum(t["deliveries"] for t in totals) == sum(map(len, sold))


@pytest.mark.slow
def test_everything_killed_at_once_comes_back(server):
    chance = random.Random(SEED)
    body = day(ITEMS, chance.randrange(10**6))
    with server.client() as client:
        batch = hand_in(client, body, "all")["batch"]
    time.sleep(chance.uniform(0.0, 0.5))
    for victim in ("supervisor", "postgres"):
        server.kill(victim)
    server.up()
    check_everything(server, batch, body, "all")


@pytest.mark.slow
def test_an_upload_that_breaks_off_stores_nothing(server):
    def half():
        yield day(500, 3)[:100_000]
        raise ConnectionAbortedError

    with server.client() as client, pytest.raises(ConnectionAbortedError):
        client.post("/batches", content=half(), headers={"Content-Type": "application/x-ndjson"})
    with server.client() as client:
        assert client.get("/batches").json()["items"] == []


@pytest.mark.slow
def test_a_lost_database_is_said_honestly_and_comes_back_without_hands(server):
    stopped = server.children("serve") and server.postmaster()
    os.kill(stopped, 19)  # SIGSTOP: it answers nothing, though it lives
    try:
        with server.client() as client:
            seen = {client.get("/healthz").status_code}
        assert seen == {200}
    finally:
        os.kill(stopped, 18)
    server.kill("postgres")
    answers = set()

    def refused() -> bool:
        with server.client() as client:
            answer = client.get("/readyz")
        if answer.status_code == 503:
            answers.add(answer.headers["content-type"])
            assert answer.json()["code"] == "API-503"
            assert "Traceback" not in answer.text
        return server.ready()

    server.wait_for(refused)
    assert answers <= {"application/problem+json"}
    with server.client() as client:
        body = day(50, 9, 0.0)
        batch = hand_in(client, body, "after")["batch"]
    check_everything(server, batch, body, "after")


@pytest.mark.slow
def test_no_second_server_runs_on_the_same_data(server):
    second = server.command("up", "--port", "0")
    assert second.returncode == 1
    assert "COR-011" in second.stderr


@pytest.mark.slow
def test_children_end_when_the_supervisor_is_killed(server):
    pids = server.children("serve") + server.children("work")
    assert len(pids) == 3
    server.kill("supervisor")
    server.wait_for(lambda: all(not _alive(pid) for pid in pids), 20)


def _alive(pid: int) -> bool:
    try:
        with Path(f"/proc/{pid}/stat").open() as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
