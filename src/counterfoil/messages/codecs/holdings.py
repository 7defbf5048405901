"""semt.002.001.12: what a securities account holds."""

from counterfoil.messages.codecs import codes
from counterfoil.messages.codecs.parts import account, isin, owner
from counterfoil.messages.codecs.writing import (
    balance,
    code,
    element,
    moment_of,
    narrative,
    page,
    text,
    yes_no,
)
from counterfoil.messages.model import Holding, Holdings, SubBalance

_LONGEST_TEXT = 140


def write_holdings(statement: Holdings) -> str:
    """SecuritiesBalanceCustodyReportV12."""
    details = element(
        "StmtGnlDtls",
        text("StmtId", statement.id),
        moment_of("StmtDtTm", statement.at),
        element("Frqcy", code("Cd", statement.frequency, codes.HOLDING_FREQUENCIES)),
        "<UpdTp><Cd>COMP</Cd></UpdTp><StmtBsis><Cd>SETT</Cd></StmtBsis>",
        yes_no("ActvtyInd", bool(statement.holdings)),
        "<SubAcctInd>false</SubAcctInd>",
    )
    return "".join(
        (
            page(statement.page, is_last=statement.is_last_page),
            details,
            owner("AcctOwnr", statement.owner),
            owner("AcctSvcr", statement.depository),
            account(statement.account),
            *(_holding(holding) for holding in statement.holdings),
        )
    )


def _holding(holding: Holding) -> str:
    """AggregateBalanceInformation46."""
    sign, total = balance(holding.total)
    available = ""
    if holding.available is not None:
        side, free = balance(holding.available)
        available = element("AvlblBal", side, element("Qty", element("Qty", free)))
    return element(
        "BalForAcct",
        isin(holding.isin),
        element("AggtBal", sign, element("Qty", element("Qty", element("Qty", total)))),
        available,
        *(_part(part) for part in holding.parts),
    )


def _part(part: SubBalance) -> str:
    """SubBalanceInformation20; a type that the schema does not list is told in the text of OTHR."""
    sign, shown = balance(part.quantity)
    listed = part.code in codes.SUB_BALANCES
    said = part.text if listed else f"{part.code}: {part.text}" if part.text else part.code
    return element(
        "BalBrkdwn",
        f"<SubBalTp><Cd>{part.code if listed else 'OTHR'}</Cd></SubBalTp>",
        element(
            "Qty",
            sign,
            element(
                "Qty", element("QtyAndAvlbty", element("Qty", shown), yes_no("AvlbtyInd", part.available))
            ),
        ),
        narrative("SubBalAddtlDtls", said, _LONGEST_TEXT),
    )
