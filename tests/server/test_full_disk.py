"""A disk that is full in the middle of a batch: said honestly, and over by itself once there is room."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

import pytest

from counterfoil.sample import gleif_document
from tests.server.running import Server, day, hand_in
from tests.server.test_crashes import check_everything


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 450 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=450m,mode=755", "tmpfs", str(place)], capture_output=True, check=False
    ) if os.geteuid() == 0 else None  # fmt: skip
    if mounted is None or mounted.returncode != 0:
        pytest.skip("this user may not mount a file system to fill")
    for above in [*tmp_path.parents, tmp_path]:
        if above.is_relative_to("/tmp") and above != Path("/tmp"):
            above.chmod(0o755)  # the database runs as another user
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


@pytest.mark.slow
def test_a_full_disk_is_said_honestly_and_the_batch_goes_on_when_there_is_room(small_disk: Path):
    home = small_disk / "home"
    home.mkdir()
    server = Server(home)
    try:
        server.up()
        with server.client() as client:
            client.post("/parties/imports", content=gleif_document()).raise_for_status()
            body = day(20_000, seed=5)
            batch = hand_in(client, body, "full")["batch"]
            filler = small_disk / "filler"
            with contextlib.suppress(OSError), filler.open("wb") as file:
                while file.write(bytes(1 << 20)):
                    file.flush()
            server.wait_for(lambda: not server.ready())
            with contextlib.suppress(Exception):  # what the database can still store, it may
                answer = client.post(
                    "/batches", content=body, headers={"Content-Type": "application/x-ndjson"}
                )
                assert answer.status_code in (201, 202, 503)
                assert "Traceback" not in answer.text
            assert client.get("/healthz").status_code == 200
        time.sleep(3)
        filler.unlink()
        server.wait_for(server.ready, 60)
        check_everything(server, batch, body, "full")
    finally:
        server.close()
