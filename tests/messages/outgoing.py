"""Hypothesis strategies of all that is sent: what a message can carry, and what it perhaps cannot."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from counterfoil.messages import (
    Allegement,
    Amount,
    CancellationOutcome,
    CancellationStatus,
    CashEntry,
    CashNotification,
    ConditionsRequest,
    Confirmation,
    Header,
    Holding,
    Holdings,
    Linkage,
    LinkTo,
    Matching,
    ModificationOutcome,
    ModificationStatus,
    PartyId,
    PostedSecurity,
    Posting,
    Postings,
    Processing,
    Quantity,
    QuantityForm,
    Reason,
    RejectedMessage,
    Settling,
    StatusAdvice,
    SubBalance,
    Transaction,
)
from counterfoil.settlement import CashDirection, Hold, LinkKind, Movement, Partial, Payment

LEI = "529900T8BM49AURSDO55"
OTHER_LEI = "7LTWFZYICNSX8D621K86"
IBAN = "DE89370400440532013000"
REASON_CODES = (
    "FUTU PREA PRCY BOTH CSDH CVAL LACK CLAC MONY CMON LINK INBC BLOC SBLO COLL YCOL MINO MUNO PART PATD PREL LATE "
    "NEWI CDLR OTHR CLAT CYCL BYIY CMIS NMAS DSEC DQUA DMON DDAT DTRD DELN ICAG ICUS DEPT SAFE DCMX INVE CASH SETR "
    "SETS REFE IIND INVL NCRR CANI CANS CTHP CSUB CORP CANT CANZ SCEX CXLR DCAN DSET DPRG DREP ADEA CDRG CDCY CDRE"
).split()
"""Every code that DOMAIN section 3.3 names, wherever it belongs."""
TRANSACTION_TYPES = (
    "TRAD ISSU PLAC MKUP MKDW REDM REPU RVPO SECL SECB SBRE SLRE COLI COLO AUTO CNCB CORP CLAI OWNI OWNE PORT INSP "
    "REAL PAIR NETT TURN RODE FCTA TBAC BSBK"
).split()

parties = st.sampled_from(
    [PartyId(bic="BANKDEFFXXX"), PartyId(bic="BANKDEFF"), PartyId(lei=LEI), PartyId(OTHER_LEI, "BNKBFRPP")]
)
texts = st.text(max_size=8) | st.sampled_from(["<&> \x00\ud800\n", "x" * 210, "ü" * 211, "]]>" * 300])
dates = st.dates(date(1900, 1, 1), date(9999, 12, 31))
times = st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
forms = st.sampled_from(QuantityForm)
flags = st.booleans()


def _maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


def _numbers(digits: int, decimals: int) -> st.SearchStrategy[Decimal]:
    return st.builds(
        lambda whole, places: Decimal(whole).scaleb(-places),
        st.integers(0, 10**digits - 1),
        st.integers(0, decimals),
    )


@dataclass(frozen=True)
class Values:
    """The values that a schema limits."""

    references: st.SearchStrategy[str]
    quantities: st.SearchStrategy[Decimal]
    amounts: st.SearchStrategy[Decimal]
    accounts: st.SearchStrategy[str]
    isins: st.SearchStrategy[str]
    currencies: st.SearchStrategy[str]
    clients: st.SearchStrategy[str]
    types: st.SearchStrategy[str]
    codes: st.SearchStrategy[str]


_printable = st.characters(blacklist_categories=["C", "Zl", "Zp", "Zs"], whitelist_characters=" ")
EXPRESSIBLE = Values(
    references=st.text(_printable, min_size=1, max_size=6) | st.sampled_from(["<&>\"']]>", " ", "Ü" * 35]),
    quantities=_numbers(13, 5),
    amounts=_numbers(18, 5),
    accounts=st.sampled_from(["CAC1", "x" * 34, IBAN, "DE00370400440532013000"]),
    isins=st.sampled_from(["DE000A0D6554", "US0378331005", "XS0000000009"]),
    currencies=st.sampled_from(["EUR", "JPY", "KWD"]),
    clients=st.sampled_from([LEI, "CLNTDEFF", "Depot 4711 & Söhne", "x" * 35, "x" * 350]),
    types=st.sampled_from(TRANSACTION_TYPES),
    codes=st.sampled_from(REASON_CODES),
)
_broken = st.text(max_size=4) | st.sampled_from(["", "x" * 36, "\x00", "\ud800", "\ufffe", "a\tb", "<&>"])
ANY = Values(
    references=_broken,
    quantities=st.decimals(allow_nan=True, allow_infinity=True) | _numbers(31, 20),
    amounts=st.decimals(allow_nan=True, allow_infinity=True) | _numbers(20, 7),
    accounts=_broken | st.sampled_from([IBAN, "x" * 35]),
    isins=_broken | st.sampled_from(["DE000A0D6554", "DE000A0D655", "de000a0d6554", "DE000A0D65540"]),
    currencies=_broken | st.sampled_from(["EUR", "eur", 'E"R', "EURO"]),
    clients=_broken | st.just("x" * 351),
    types=_broken | st.sampled_from(["TRAD", "trad", "A<BC", "RODEO"]),
    codes=_broken,
)


def headers(values: Values) -> st.SearchStrategy[Header]:
    return st.builds(
        Header, sender=parties, receiver=parties, id=values.references, created_at=times,
        definition=st.just("ignored"), possible_duplicate=flags, business_service=_maybe(values.references),
    )  # fmt: skip


def _quantities(values: Values) -> st.SearchStrategy[Quantity]:
    return st.builds(Quantity, values.quantities, forms)


def _amounts(values: Values) -> st.SearchStrategy[Amount]:
    return st.builds(Amount, values.amounts, values.currencies, st.sampled_from(CashDirection))


def reasons(values: Values) -> st.SearchStrategy[tuple[Reason, ...]]:
    return st.lists(st.builds(Reason, values.codes, _maybe(texts)), max_size=3).map(tuple)


def transactions(values: Values) -> st.SearchStrategy[Transaction]:
    return st.builds(
        Transaction, movement=st.sampled_from(Movement), payment=st.sampled_from(Payment), isin=values.isins,
        quantity=_quantities(values), trade_date=dates, intended_date=dates, party=parties, counterparty=parties,
        depository=parties, account=_maybe(values.references), amount=_maybe(_amounts(values)),
        cash_account=_maybe(values.accounts), counterparty_account=_maybe(values.references),
        client=_maybe(values.clients), counterparty_client=_maybe(values.clients), transaction_type=values.types,
        common_reference=_maybe(values.references), pool=_maybe(values.references), opt_out=flags,
        ex_cum=st.sampled_from([None, "CCPN", "XCPN"]), holds=st.integers(0, 15).map(Hold),
        partial=_maybe(st.sampled_from(Partial)), priority=st.sampled_from([None, 1, 2, 3, 4]),
    )  # fmt: skip


def statuses(values: Values) -> st.SearchStrategy[StatusAdvice]:
    return st.builds(
        StatusAdvice, reference=values.references, depository_reference=_maybe(values.references),
        processing=_maybe(st.sampled_from(Processing)), processing_reasons=reasons(values),
        matching=_maybe(st.sampled_from(Matching)), matching_reasons=reasons(values),
        settling=_maybe(st.sampled_from(Settling)), settling_reasons=reasons(values),
        common_reference=_maybe(values.references), transaction=_maybe(transactions(values)),
        accepted_at=_maybe(times), matched_at=_maybe(times),
    )  # fmt: skip


def confirmations(values: Values) -> st.SearchStrategy[Confirmation]:
    return st.builds(
        Confirmation, reference=values.references, depository_reference=_maybe(values.references),
        transaction=transactions(values), settled=_quantities(values), settled_at=times,
        settled_amount=_amounts(values), previously=values.quantities,
        remaining=values.quantities, previously_amount=_maybe(values.amounts),
        remaining_amount=_maybe(values.amounts), previous_confirmation=_maybe(values.references),
    )  # fmt: skip


def cancellations(values: Values) -> st.SearchStrategy[CancellationStatus]:
    return st.builds(
        CancellationStatus, request_reference=values.references, reference=values.references,
        movement=st.sampled_from(Movement), payment=st.sampled_from(Payment),
        outcome=st.sampled_from(CancellationOutcome), reasons=reasons(values),
        depository_reference=_maybe(values.references), transaction=_maybe(transactions(values)),
    )  # fmt: skip


def modifications(values: Values) -> st.SearchStrategy[ModificationStatus]:
    links = st.lists(st.builds(LinkTo, values.references, _maybe(st.sampled_from(LinkKind))), max_size=3)
    request = st.builds(
        ConditionsRequest, reference=_maybe(values.references), depository_reference=_maybe(values.references),
        hold=_maybe(flags), priority=st.sampled_from([None, 1, 2, 3, 4]), partial=_maybe(st.sampled_from(Partial)),
        linkage=_maybe(st.sampled_from(Linkage)), links=links.map(tuple),
    )  # fmt: skip
    return st.builds(
        ModificationStatus, request_reference=values.references, request=request,
        outcome=st.sampled_from(ModificationOutcome), reasons=reasons(values), account_owner=_maybe(parties),
        account=_maybe(values.references),
    )  # fmt: skip


def allegements(values: Values) -> st.SearchStrategy[Allegement]:
    return st.builds(Allegement, values.references, transactions(values), _maybe(values.references))


def cash_notifications(values: Values) -> st.SearchStrategy[CashNotification]:
    entry = st.builds(
        CashEntry, reference=values.references, amount=_amounts(values), booked_at=times, value_date=dates,
        owner_reference=_maybe(values.references), depository_reference=_maybe(values.references),
        isin=_maybe(values.isins), quantity=_maybe(_quantities(values)), counterparty=_maybe(parties),
        reversal=flags, text=_maybe(texts),
    )  # fmt: skip
    return st.builds(
        CashNotification, id=values.references, created_at=times, account=values.accounts,
        currency=values.currencies, entries=st.lists(entry, max_size=3).map(tuple), owner=_maybe(parties),
        depository=_maybe(parties),
    )  # fmt: skip


def _balances(values: Values) -> st.SearchStrategy[Quantity]:
    return st.builds(Quantity, values.quantities | values.quantities.map(Decimal.copy_negate), forms)


def postings(values: Values) -> st.SearchStrategy[Postings]:
    posting = st.builds(
        Posting, reference=values.references, movement=st.sampled_from(Movement), payment=st.sampled_from(Payment),
        quantity=_quantities(values), settled_at=times, depository_reference=_maybe(values.references),
        amount=_maybe(_amounts(values)), trade_date=_maybe(dates), intended_date=_maybe(dates),
        transaction_type=_maybe(values.types), activity=st.sampled_from(["SETT", "CORP", "CLAI", "COLL", "BOLE"]),
        common_reference=_maybe(values.references), party=_maybe(parties), counterparty=_maybe(parties),
        depository=_maybe(parties), reversal=flags,
    )  # fmt: skip
    security = st.builds(
        PostedSecurity, values.isins, _balances(values), _balances(values),
        st.lists(posting, min_size=1, max_size=2).map(tuple),
    )  # fmt: skip
    return st.builds(
        Postings, id=values.references, account=values.references, start=times, end=times,
        securities=st.lists(security, max_size=2).map(tuple), owner=_maybe(parties),
        frequency=st.sampled_from([None, "DAIL", "INDA", "ADHO"]), page=st.integers(0, 99_999), is_last_page=flags,
    )  # fmt: skip


def holdings(values: Values) -> st.SearchStrategy[Holdings]:
    part = st.builds(
        SubBalance, st.sampled_from(["BLOK", "PLED", "AWAS", "EARM"]), _balances(values), flags, _maybe(texts)
    )
    holding = st.builds(
        Holding,
        values.isins,
        _balances(values),
        _maybe(_balances(values)),
        st.lists(part, max_size=2).map(tuple),
    )
    return st.builds(
        Holdings, id=values.references, account=values.references, at=times,
        holdings=st.lists(holding, max_size=3).map(tuple), owner=_maybe(parties), depository=_maybe(parties),
        frequency=st.sampled_from(["DAIL", "OVNG", "ONDE"]), page=st.integers(0, 99_999), is_last_page=flags,
    )  # fmt: skip


def rejections(values: Values) -> st.SearchStrategy[RejectedMessage]:
    return st.builds(
        RejectedMessage, reference=values.references, reason=values.references, at=times, location=_maybe(texts),
        description=_maybe(texts), details=_maybe(texts),
    )  # fmt: skip


KINDS = (
    statuses, confirmations, cancellations, modifications, allegements, cash_notifications, postings, holdings,
    rejections,
)  # fmt: skip
