"""Slows guessing: after some failed sign-ins an address has to wait, longer each time, whichever process it asks."""

from datetime import datetime, timedelta
from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network

from counterfoil.core.db import Transaction, queries

SQL = queries(__file__)
_FREE = 5
_WAIT_MAX_S = 60
"""Nobody who shares an address with a guesser is kept out for longer at a time."""
_FORGOTTEN = timedelta(minutes=15)
_NETWORK = 64
"""One subscriber has so many bits of an IPv6 address, and could else be a new stranger with each of 2^64."""


def take_turn(tx: Transaction, address: str, *, now: datetime) -> float:
    """How many seconds the address has to wait until it is heard; where that is 0, the attempt counts as failed
    until `forget_failures`. Commit it before the attempt is heard.
    """
    given = {"address": source_of(address), "now": now, "forgotten": now - _FORGOTTEN, "free": _FREE}
    if tx.row(SQL.take_turn, **given, longest=_WAIT_MAX_S) is not None:
        return 0.0
    found = tx.row(SQL.standing, address=given["address"])
    if found is None:
        return 0.0
    failures, last_at = found
    pause = min(_WAIT_MAX_S, 2 ** min(failures - _FREE, 20))
    wait: float = max(0.1, (last_at - now).total_seconds() + pause)
    return wait


def forget_failures(tx: Transaction, address: str) -> None:
    """A valid token was shown: the address begins anew."""
    tx.execute(SQL.forget, address=source_of(address))


def forget_old_failures(tx: Transaction, *, now: datetime) -> None:
    """Delete what no longer makes anybody wait."""
    tx.execute(SQL.forget_old, forgotten=now - _FORGOTTEN)


def source_of(address: str) -> str:
    """An address as one subscriber's: IPv4 as it is, of IPv6 the network."""
    try:
        found = IPv6Address(address)
    except AddressValueError:
        try:
            return str(IPv4Address(address))
        except AddressValueError:
            return address[:100]
    return str(found.ipv4_mapped or IPv6Network((found, _NETWORK), strict=False))
