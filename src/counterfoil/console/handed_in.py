"""What lists of what was handed in share: batches of requests, and files of instructions."""

from uuid import UUID

from counterfoil.console.listing import Order

ORDERS = ("received", "size")
NEWEST = Order("received", descending=True)


def place_of(id_: UUID) -> str:
    """A place, newest first, behind which the thing with this id comes next."""
    return str(UUID(int=min(id_.int + 1, 2**128 - 1)))
