"""Who may see and operate an account, and the acts that a route and a page share."""

from counterfoil.access import Actor, require
from counterfoil.core.db import Transaction
from counterfoil.core.errors import Refusal, Refused
from counterfoil.faces.services import Services, repeated
from counterfoil.ledger import (
    UNKNOWN_ACCOUNT,
    Account,
    StateChange,
    Step,
    accounts_by_number,
    change_states,
)
from counterfoil.settlement import current_business_date, resume_accounts


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


def change_account(here: Services, actor: Actor, change: StateChange, *, by_party: bool) -> None:
    """Block, unblock or close an account that the actor may operate. What waited for a block is tried at once.

    Raises `Refused`.
    """

    def work() -> Account:
        with here.transaction() as tx:
            account = account_of(tx, actor, change.number, "account.operate")
            (outcome,) = change_states(
                tx, [change], by_party=by_party, at=here.clock.now(), actor=actor.label
            )
            if isinstance(outcome, Refusal):
                raise Refused(outcome)
            return account

    account = repeated(work)
    if change.step is Step.UNBLOCK:
        repeated(lambda: _try_again(here, actor, account))


def _try_again(here: Services, actor: Actor, account: Account) -> None:
    """In a transaction of its own: settling takes its locks in its own order."""
    with here.transaction() as tx:
        now = here.clock.now()
        today = current_business_date(tx, now=now)
        resume_accounts(tx, [account.id], now=now, business_date=today, actor=actor.label)
