"""Servers for tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.running import Server, import_issuers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server with issuers, on a directory of its own."""
    found = Server(tmp_path)
    try:
        found.up()
        with found.client() as client:
            import_issuers(client)
        yield found
    finally:
        found.close()
