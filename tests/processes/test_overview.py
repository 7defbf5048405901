"""Items that ended, by the minute, and how long they took."""

from datetime import timedelta

from counterfoil.processes import ended_by_minute
from tests.processes.desk import CLOCK, Desk, new


def test_ended_items_are_counted_in_their_minute_with_the_time_they_took(desk: Desk):
    since = CLOCK.now()
    desk.hand_in([new("A1"), new("A2"), {"kind": "NEW", "instrument": {}}])
    desk.work()
    with desk.database.transaction() as tx:
        found = ended_by_minute(tx, since.replace(second=0, microsecond=0))
        assert ended_by_minute(tx, CLOCK.now() + timedelta(minutes=1)) == []
    assert sum(one.done for one in found) == 2
    assert sum(one.rejected for one in found) == 1
    for one in found:
        assert one.minute.second == 0
        assert 0 <= one.average_s <= one.longest_s <= (CLOCK.now() - since).total_seconds()
