"""camt.054.001.13: debits and credits of a cash account."""

from counterfoil.messages.codecs.parts import institution, is_iban, isin, organisation
from counterfoil.messages.codecs.writing import (
    currency,
    day,
    element,
    four_letters,
    moment,
    moment_of,
    money,
    narrative,
    quantity,
    text,
    yes_no,
)
from counterfoil.messages.model import CashEntry, CashNotification, PartyId
from counterfoil.settlement import CashDirection

_LONGEST_TEXT = 500


def write_cash_notification(notification: CashNotification) -> str:
    """BankToCustomerDebitCreditNotificationV13, with one notification."""
    created = moment("CreDtTm", notification.created_at)
    identifier = notification.id
    return element("GrpHdr", text("MsgId", identifier), created) + element(
        "Ntfctn",
        text("Id", identifier),
        created,
        _account(notification),
        *(_entry(entry) for entry in notification.entries),
    )


def _account(notification: CashNotification) -> str:
    number = notification.account
    known = text("IBAN", number) if is_iban(number) else element("Othr", text("Id", number, 34))
    owner, depository = notification.owner, notification.depository
    return element(
        "Acct",
        element("Id", known),
        currency("Ccy", notification.currency),
        element("Ownr", organisation(owner)) if owner else "",
        element("Svcr", institution(depository)) if depository else "",
    )


def _entry(entry: CashEntry) -> str:
    """ReportEntry15: one booking."""
    return element(
        "Ntry",
        text("NtryRef", entry.reference),
        money("Amt", entry.amount.value, entry.amount.currency),
        f"<CdtDbtInd>{entry.amount.direction.value}</CdtDbtInd>",
        yes_no("RvslInd", True if entry.reversal else None),
        "<Sts><Cd>BOOK</Cd></Sts>",
        moment_of("BookgDt", entry.booked_at),
        day("ValDt", entry.value_date),
        text("AcctSvcrRef", entry.depository_reference),
        _bank_code(entry),
        element("NtryDtls", element("TxDtls", _details(entry))),
        narrative("AddtlNtryInf", entry.text, _LONGEST_TEXT),
    )


def _bank_code(entry: CashEntry) -> str:
    family = element("Fmly", four_letters("Cd", entry.family), four_letters("SubFmlyCd", entry.sub_family))
    return element("BkTxCd", element("Domn", "<Cd>SECU</Cd>", family))


def _details(entry: CashEntry) -> str:
    """EntryTransaction15: the settlement that the money belongs to."""
    references = element(
        "Refs",
        text("AcctOwnrTxId", entry.owner_reference),
        text("AcctSvcrTxId", entry.depository_reference),
    )
    return "".join(
        (
            references,
            element("RltdPties", _counterparty(entry, entry.counterparty)) if entry.counterparty else "",
            element("RltdQties", element("Qty", quantity(entry.quantity))) if entry.quantity else "",
            isin(entry.isin) if entry.isin else "",
        )
    )


def _counterparty(entry: CashEntry, party: PartyId) -> str:
    """The debtor of what is credited, the creditor of what is debited."""
    name = "Dbtr" if entry.amount.direction is CashDirection.CREDIT else "Cdtr"
    return element(name, element("Pty", organisation(party)))
