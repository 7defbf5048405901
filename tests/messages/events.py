"""Hypothesis strategies of all that is sent about corporate actions."""

from hypothesis import strategies as st

from counterfoil.messages import (
    Amount,
    AnnouncedCash,
    AnnouncedSecurities,
    CancellationCause,
    CashMovement,
    CorporateAction,
    ElectionStatus,
    EligibleBalance,
    EventCancellation,
    EventNotification,
    EventProcessing,
    EventStatus,
    InstructionOutcome,
    MarketClaim,
    MovementConfirmation,
    MovementReversal,
    NotificationKind,
    Option,
    OptionChosen,
    Participation,
    Percentage,
    PerUnit,
    PreliminaryAdvice,
    Price,
    Quantity,
    QuantityForm,
    SecuritiesMovement,
)
from counterfoil.settlement import CashDirection
from tests.messages.outgoing import Values, dates, flags, forms, parties, reasons, texts, times

EVENT_KINDS = (
    "INTR REDM MCAL PCAL PRED DRAW BPUT EXWA CREV DFLT EXTM CONS EXOF TEND BIDS CHAN PINK CAPI PPMT INCR DECR WTRC "
    "TREC SUSP ACTV DLST ACCU TNDP INFO OTHR"
).split()
"""Every event that DOMAIN section 3.7 names."""
OPTION_KINDS = "CASH SECU CASE EXER LAPS MPUT NOAC CONY CONN CTEN OVER SLLE BUYA QINV".split()
directions = st.sampled_from(CashDirection)


def _maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


def _few(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(strategy, max_size=2).map(tuple)


def _kinds(values: Values) -> st.SearchStrategy[str]:
    return st.sampled_from(EVENT_KINDS) | values.types


def _quantities(values: Values) -> st.SearchStrategy[Quantity]:
    return st.builds(Quantity, values.quantities, forms)


def actions(values: Values) -> st.SearchStrategy[CorporateAction]:
    return st.builds(
        CorporateAction, id=values.references, kind=_kinds(values), isin=values.isins,
        participation=st.sampled_from(Participation), official_id=_maybe(values.references),
        processing=_maybe(st.sampled_from(EventProcessing)), record_date=_maybe(dates), ex_date=_maybe(dates),
    )  # fmt: skip


def balances(values: Values) -> st.SearchStrategy[EligibleBalance]:
    return st.builds(EligibleBalance, values.references, _maybe(_quantities(values)), _maybe(parties))


def sure_balances(values: Values) -> st.SearchStrategy[EligibleBalance]:
    return st.builds(EligibleBalance, values.references, _quantities(values), _maybe(parties))


def chosen(values: Values) -> st.SearchStrategy[OptionChosen]:
    return st.builds(OptionChosen, st.integers(1, 999), st.sampled_from(OPTION_KINDS) | values.types)


statuses = st.builds(EventStatus, flags, flags)


def options(values: Values) -> st.SearchStrategy[Option]:
    rate = st.builds(Percentage, values.quantities) | st.builds(PerUnit, values.amounts, values.currencies)
    price = st.builds(Price, values.amounts, values.currencies, _quantities(values))
    cash = st.builds(AnnouncedCash, directions, _maybe(dates), _maybe(rate), _maybe(price))
    securities = st.builds(
        AnnouncedSecurities, values.isins, directions, _maybe(dates), _maybe(values.quantities),
        _maybe(values.quantities),
    )  # fmt: skip
    return st.builds(
        Option, chosen=chosen(values), is_default=flags, cash=_few(cash), securities=_few(securities),
        deadline=_maybe(times), first_day=_maybe(dates), last_day=_maybe(dates),
    )  # fmt: skip


def notifications(values: Values) -> st.SearchStrategy[EventNotification]:
    return st.builds(
        EventNotification, reference=values.references, kind=st.sampled_from(NotificationKind),
        action=actions(values), status=statuses, accounts=_few(balances(values)), options=_few(options(values)),
        previous=_maybe(values.references), announced_at=_maybe(times), fixing_date=_maybe(dates),
        effective_date=_maybe(dates), payment_date=_maybe(dates), interest_period=_maybe(st.tuples(dates, dates)),
        change=st.sampled_from([None, "NAME", "TERM", "CERT"]), text=_maybe(texts),
    )  # fmt: skip


def _cash(values: Values) -> st.SearchStrategy[CashMovement]:
    amounts = _maybe(values.amounts)
    net = st.builds(Amount, values.amounts, values.currencies, directions)
    return st.builds(CashMovement, net, _maybe(values.accounts), amounts, amounts, amounts, amounts)


def _securities(values: Values) -> st.SearchStrategy[SecuritiesMovement]:
    return st.builds(SecuritiesMovement, values.isins, _quantities(values), directions)


def advices(values: Values) -> st.SearchStrategy[PreliminaryAdvice]:
    return st.builds(
        PreliminaryAdvice, reference=values.references, action=actions(values), balance=balances(values),
        option=chosen(values), payment_date=_maybe(dates), cash=_few(_cash(values)),
        securities=_few(_securities(values)), notification=_maybe(values.references),
        previous=_maybe(values.references),
    )  # fmt: skip


def confirmations(values: Values) -> st.SearchStrategy[MovementConfirmation]:
    return st.builds(
        MovementConfirmation, reference=values.references, action=actions(values), balance=sure_balances(values),
        option=chosen(values), posted_at=times, value_date=_maybe(dates), payment_date=_maybe(dates),
        cash=_few(_cash(values)), securities=_few(_securities(values)), notification=_maybe(values.references),
        advice=_maybe(values.references), instruction=_maybe(values.references),
    )  # fmt: skip


def reversals(values: Values) -> st.SearchStrategy[MovementReversal]:
    return st.builds(
        MovementReversal, confirmation=values.references, action=actions(values), balance=sure_balances(values),
        option=chosen(values), posted_at=times, originally_posted_at=_maybe(times), cash=_few(_cash(values)),
        securities=_few(_securities(values)), reason=st.sampled_from([None, "IRED", "OTHR", "UPAY"]),
        reason_text=_maybe(texts),
    )  # fmt: skip


def cancellations(values: Values) -> st.SearchStrategy[EventCancellation]:
    return st.builds(
        EventCancellation, action=actions(values), cause=st.sampled_from(CancellationCause), status=statuses,
        accounts=_few(balances(values)), text=_maybe(texts),
    )  # fmt: skip


def election_statuses(values: Values) -> st.SearchStrategy[ElectionStatus]:
    return st.builds(
        ElectionStatus, instruction=values.references, event=values.references, kind=_kinds(values),
        outcome=st.sampled_from(InstructionOutcome), reasons=reasons(values), option=_maybe(chosen(values)),
        isin=_maybe(values.isins), account=_maybe(values.references), owner=_maybe(parties),
        quantity=_maybe(_quantities(values)),
    )  # fmt: skip


def market_claims(values: Values) -> st.SearchStrategy[MarketClaim]:
    counted = st.sampled_from([QuantityForm.UNITS, QuantityForm.FACE_AMOUNT])
    return st.builds(
        MarketClaim, reference=values.references, action=actions(values), instruction=values.references,
        quantity=st.builds(Quantity, values.quantities, counted), account=values.references, owner=parties,
        amount=st.builds(Amount, values.amounts, values.currencies, directions), payment_date=_maybe(dates),
        is_reverse=flags,
    )  # fmt: skip


KINDS = (notifications, advices, confirmations, reversals, cancellations, election_statuses, market_claims)
