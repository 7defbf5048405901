"""One site and one browser for a module; skipped, with the reason, where there is no browser or no build."""

import os
from collections.abc import Iterator

import pytest

from counterfoil.console.assets import BUILT
from counterfoil.core.db import Database
from tests.console.browser.running import Site, chromium, running


@pytest.fixture(scope="module")
def site(shared_database: Database) -> Iterator[Site]:
    """The console in a browser."""
    executable = chromium()
    lacking = []
    if executable is None:
        lacking.append(
            "no Chromium on PATH or in COUNTERFOIL_CHROMIUM (`make browser` installs it for root on Debian)"
        )
    if not (BUILT / "manifest.json").is_file():
        lacking.append("the console is not built (`make console`, with Node 18 or newer)")
    if executable is None or lacking:
        reason = "; ".join(lacking)
        if os.environ.get("CI"):
            pytest.fail(f"these tests must run here: {reason}")
        pytest.skip(reason)
    with running(shared_database, executable) as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_to_complain_of(site: Site) -> Iterator[None]:
    """No test leaves an error in the browser's console: a script that fails, a style that the policy forbids."""
    site.problems.clear()
    yield
    assert site.problems == []
