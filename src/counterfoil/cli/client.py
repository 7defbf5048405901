"""A client of the running server; where none runs, one is started for the time of the command."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import typer

from counterfoil.cli.home import home_directory
from counterfoil.cli.output import note, show_problem

REFUSED, USAGE, UNREACHABLE = 1, 2, 3
"""Exit codes beside 0."""
_START_S = 60.0


@contextlib.contextmanager
def client(url: str | None = None) -> Iterator[httpx.Client]:
    """A client with the token of COUNTERFOIL_TOKEN or of the data directory."""
    named = url or os.environ.get("COUNTERFOIL_URL")
    with contextlib.ExitStack() as stack:
        address = named or _running(home_directory()) or stack.enter_context(_started(home_directory()))
        token = os.environ.get("COUNTERFOIL_TOKEN") or _token(home_directory())
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        found = stack.enter_context(
            httpx.Client(
                base_url=address, headers=headers, timeout=httpx.Timeout(600.0, connect=5.0), trust_env=False
            )
        )
        try:
            yield found
        except httpx.TransportError as error:
            note(f"The server at {address} cannot be reached: {error}")
            raise typer.Exit(UNREACHABLE) from None


def ask(found: httpx.Client, method: str, path: str, **arguments: Any) -> Any:
    """The JSON of an answer; a problem document is shown and ends the command with exit code 1."""
    return _read(found.request(method, path, **arguments))


def _read(response: httpx.Response) -> Any:
    if response.is_success:
        return response.json() if response.content else None
    end_with_problem(response)
    return None


def end_with_problem(response: httpx.Response) -> None:
    """Show what the server refused, and end."""
    response.read()
    try:
        problem = response.json()
        for error in problem["errors"][:20]:
            show_problem(error["code"], error["detail"], error["pointer"], problem.get("remedy", ""))
    except (ValueError, KeyError, TypeError):
        note(f"The server answered {response.status_code}: {response.text[:300]}")
    raise typer.Exit(REFUSED)


def _running(home: Path) -> str | None:
    try:
        state = json.loads((home / "server.json").read_text())
        os.kill(state["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    return str(state["url"])


def _token(home: Path) -> str | None:
    with contextlib.suppress(OSError):
        return (home / "operator.token").read_text().strip()
    return None


@contextlib.contextmanager
def _started(home: Path) -> Iterator[str]:
    note(f"No server runs on {home}; one is started for this command.")
    server = subprocess.Popen(
        [sys.executable, "-m", "counterfoil.app", "up", "--port", "0"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={**os.environ, "COUNTERFOIL_HOME": str(home)}, start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + _START_S
        while (address := _running(home)) is None or not _healthy(address):
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                said = server.stderr.read().decode(errors="replace")[-2000:] if server.stderr else ""
                note(f"The server did not start.\n{said}")
                raise typer.Exit(UNREACHABLE)
            time.sleep(0.05)
        yield address
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=30)
        if server.stderr is not None:
            server.stderr.close()


def _healthy(address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{address}/readyz", timeout=2.0, trust_env=False).status_code == 200
    return False
