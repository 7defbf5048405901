"""Dependencies are pinned by version and hash; where they are fetched from is for whoever installs to say."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "package-lock.json"])
def test_a_lock_records_no_address(lock: str):
    assert "://" not in (ROOT / lock).read_text()
