"""Who may see and operate an account."""

from counterfoil.access import Actor, require
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refused
from counterfoil.ledger import UNKNOWN_ACCOUNT, Account, accounts_by_number


def account_of(tx: Transaction, actor: Actor, number: str, permission: str = "account.read") -> Account:
    """The account, where the actor may see it. Raises `Refused` (LED-002), whether it is unknown or another's;
    (ACC-404) where the actor sees every account but may do this with its own only.
    """
    require(actor, permission)
    account = accounts_by_number(tx, [number]).get(number)
    if account is None or not (actor.sees_everything or account.owner_lei == actor.lei):
        raise Refused(UNKNOWN_ACCOUNT(account=number))
    require(actor, permission, lei=account.owner_lei)
    return account
