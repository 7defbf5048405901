"""seev.035.001.16, seev.036.001.16 and seev.037.001.16: what is to be booked, was booked, was booked back."""

from decimal import Decimal

from counterfoil.messages.codecs import codes
from counterfoil.messages.codecs.event_parts import (
    account_of,
    accounts,
    confirmed_balance,
    dates,
    described,
    due_day,
    identified,
    known_day,
    option_announced,
    option_booked,
    reference,
)
from counterfoil.messages.codecs.parts import cash_account, isin
from counterfoil.messages.codecs.writing import (
    coded,
    element,
    moment_of,
    money,
    narrative,
    plain_day,
    quantity,
    text,
)
from counterfoil.messages.corporate_actions import (
    CashMovement,
    CorporateAction,
    MovementConfirmation,
    MovementReversal,
    PreliminaryAdvice,
    SecuritiesMovement,
)

_LONGEST_REASON = 256


def write_preliminary_advice(advice: PreliminaryAdvice) -> str:
    """CorporateActionMovementPreliminaryAdviceV16."""
    kind = "NEWM" if advice.previous is None else "REPL"
    movements = element(
        "CorpActnMvmntDtls",
        option_announced(advice.option, codes.ANNOUNCED_OPTIONS),
        "<DfltPrcgOrStgInstr><DfltOptnInd>true</DfltOptnInd></DfltPrcgOrStgInstr>",
        *(_securities_due(found, advice) for found in advice.securities),
        *(_cash_due(found, advice) for found in advice.cash),
    )
    return "".join(
        (
            element(
                "MvmntPrlimryAdvcGnlInf",
                text("MvmntPrlimryAdvcId", advice.reference),
                f"<Tp>{kind}</Tp><Fctn>ENTL</Fctn>",
            ),
            reference("PrvsMvmntPrlimryAdvcId", advice.previous),
            reference("NtfctnId", advice.notification),
            described(advice.action, codes.ADVISED_EVENTS),
            accounts("AcctDtls", (advice.balance,), "AcctsListAndBalDtls", balances=True),
            dates(advice.action),
            movements,
        )
    )


def _securities_due(found: SecuritiesMovement, advice: PreliminaryAdvice) -> str:
    """SecuritiesOption110."""
    return element(
        "SctiesMvmntDtls",
        element("SctyDtls", isin(found.isin)),
        f"<CdtDbtInd>{found.direction.value}</CdtDbtInd>",
        element("EntitldQty", element("Qty", quantity(found.quantity))),
        element("DtDtls", due_day("PmtDt", advice.payment_date)),
    )


def _cash_due(found: CashMovement, advice: PreliminaryAdvice) -> str:
    """CashOption104."""
    return element(
        "CshMvmntDtls",
        _direction(found),
        cash_account(found.account, "CshAcctId"),
        element("AmtDtls", _amounts(found), _amount("EntitldAmt", found, found.net.value)),
        element("DtDtls", due_day("PmtDt", advice.payment_date)),
    )


def write_movement_confirmation(confirmed: MovementConfirmation) -> str:
    """CorporateActionMovementConfirmationV16."""
    return "".join(
        (
            text("MvmntConfId", confirmed.reference),
            reference("NtfctnId", confirmed.notification),
            reference("MvmntPrlimryAdvcId", confirmed.advice),
            reference("InstrId", confirmed.instruction),
            _general(confirmed.action),
            element(
                "AcctDtls",
                account_of(confirmed.balance),
                element("Bal", confirmed_balance(confirmed.balance)),
            ),
            dates(confirmed.action),
            element(
                "CorpActnConfDtls",
                option_booked(confirmed.option, codes.CONFIRMED_OPTIONS),
                *(_securities_booked(found, confirmed) for found in confirmed.securities),
                *(_cash_booked(found, confirmed) for found in confirmed.cash),
            ),
        )
    )


def _general(action: CorporateAction) -> str:
    """CorporateActionGeneralInformation179."""
    return element("CorpActnGnlInf", identified(action, codes.CONFIRMED_EVENTS), isin(action.isin))


def _securities_booked(found: SecuritiesMovement, confirmed: MovementConfirmation) -> str:
    """SecuritiesOption112."""
    return element(
        "SctiesMvmntDtls",
        _security(found),
        element(
            "DtDtls",
            moment_of("PstngDt", confirmed.posted_at),
            known_day("PmtDt", confirmed.payment_date),
        ),
    )


def _security(found: SecuritiesMovement) -> str:
    return "".join(
        (
            isin(found.isin),
            f"<CdtDbtInd>{found.direction.value}</CdtDbtInd>",
            element("PstngQty", element("Qty", quantity(found.quantity))),
        )
    )


def _cash_booked(found: CashMovement, confirmed: MovementConfirmation) -> str:
    """CashOption105."""
    return element(
        "CshMvmntDtls",
        _direction(found),
        element("Acct", cash_account(found.account)),
        element(
            "AmtDtls",
            _amount("PstngAmt", found, found.net.value),
            _amounts(found),
            _amount("PrncplOrCrps", found, found.principal),
        ),
        element(
            "DtDtls",
            moment_of("PstngDt", confirmed.posted_at),
            plain_day("ValDt", confirmed.value_date),
            plain_day("PmtDt", confirmed.payment_date),
        ),
    )


def write_movement_reversal(reversal: MovementReversal) -> str:
    """CorporateActionMovementReversalAdviceV16."""
    why = element(
        "RvslRsn",
        coded("Rsn", reversal.reason, codes.REVERSALS),
        narrative("AddtlRsnInf", reversal.reason_text, _LONGEST_REASON) if reversal.reason else "",
    )
    return "".join(
        (
            reference("MvmntConfId", reversal.confirmation),
            why,
            _general(reversal.action),
            element(
                "AcctDtls",
                text("SfkpgAcct", reversal.balance.account),
                confirmed_balance(reversal.balance),
            ),
            dates(reversal.action),
            element(
                "CorpActnConfDtls",
                option_booked(reversal.option, codes.CONFIRMED_OPTIONS),
                *(_securities_reversed(found, reversal) for found in reversal.securities),
                *(_cash_reversed(found, reversal) for found in reversal.cash),
            ),
        )
    )


def _securities_reversed(found: SecuritiesMovement, reversal: MovementReversal) -> str:
    """SecuritiesOption80."""
    return element("SctiesMvmntDtls", _security(found), _posted(reversal))


def _cash_reversed(found: CashMovement, reversal: MovementReversal) -> str:
    """CashOption109."""
    return element(
        "CshMvmntDtls",
        _direction(found),
        element("Acct", cash_account(found.account)),
        _posted(reversal),
        _amount("PstngAmt", found, found.net.value),
    )


def _posted(reversal: MovementReversal) -> str:
    return moment_of("PstngDt", reversal.posted_at) + moment_of("OrgnlPstngDt", reversal.originally_posted_at)


def _direction(found: CashMovement) -> str:
    return f"<CdtDbtInd>{found.net.direction.value}</CdtDbtInd>"


def _amounts(found: CashMovement) -> str:
    """What all lists of amounts begin with."""
    return "".join(
        (
            _amount("GrssAmt", found, found.gross),
            _amount("NetAmt", found, found.net.value),
            _amount("IntrstAmt", found, found.interest),
            _amount("WhldgTaxAmt", found, found.tax),
        )
    )


def _amount(name: str, found: CashMovement, value: Decimal | None) -> str:
    """In the currency of what is booked."""
    return "" if value is None else money(name, value, found.net.currency)
