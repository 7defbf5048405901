"""Where the data lives."""

import os
from pathlib import Path


def home_directory() -> Path:
    """COUNTERFOIL_HOME, or `~/.counterfoil` (`/var/lib/counterfoil` for root)."""
    named = os.environ.get("COUNTERFOIL_HOME")
    if named:
        return Path(named).expanduser().resolve()
    return Path("/var/lib/counterfoil") if os.geteuid() == 0 else Path.home() / ".counterfoil"
