"""Fixtures that every room's tests may use."""

from pathlib import Path

import pytest

SHARED_SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


@pytest.fixture(scope="session")
def shared_samples() -> Path:
    """The folder of outside data; tests that need it are skipped where it is absent."""
    if not SHARED_SAMPLES.is_dir():
        pytest.skip(f"outside sample data is not at {SHARED_SAMPLES}")
    return SHARED_SAMPLES
