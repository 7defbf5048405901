"""What the clock does for servicing: lays out what the register has entered, starts what is due."""

from datetime import datetime

from counterfoil.core.db import Database
from counterfoil.servicing import is_time_to_lay_out, lay_out_new


def sweep_events(database: Database, now: datetime) -> int:
    """One round; how much was done. Any number of workers may call it."""
    with database.transaction() as tx:
        return lay_out_new(tx, now=now) if is_time_to_lay_out(tx, now=now) else 0
