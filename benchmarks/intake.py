"""ISO 20022 over HTTP: files of instructions (sese.023) until each is parsed, validated, stored and acknowledged.

Both sides of each trade are sent, and matched, for a settlement day to come, by two senders that each wait for the
answer to a file before they send the next. Then messages one by one.
"""

import gzip
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import httpx

from benchmarks.measure import Measure, Report
from benchmarks.running import Server, server
from counterfoil.core.calendar import Convention, adjust
from counterfoil.core.clock import SystemClock, business_date
from counterfoil.sample import fictional_issuers

_MESSAGES = 60_000
_A_FILE = 5_000
_SENDERS = 2
_SINGLE = 1_000
_CONNECTIONS = 16
_ISIN = 12
_GIVE_UP_S = 120.0
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_US = "CFOIDEFFXXX"


def run(items: int | None = None) -> Report:
    """Send 60,000 messages in files of 5,000, then 1,000 alone."""
    count = items or _MESSAGES
    with server() as target:
        made = _messages(target, count + _A_FILE + _SINGLE)
        _send(target, _file([next(made) for _ in range(_A_FILE)]))
        files = [
            _file([next(made) for _ in range(min(_A_FILE, count - at))]) for at in range(0, count, _A_FILE)
        ]
        begun = time.perf_counter()
        with ThreadPoolExecutor(_SENDERS) as senders:
            accepted = sum(senders.map(lambda body: _send(target, body), files))
        spent = time.perf_counter() - begun
        if accepted != count:
            raise RuntimeError(f"{accepted} of {count} were accepted")
        told = _until_told(target, begun)
        alone = list(made)
        single = _one_by_one(target, alone)
    size = len(alone[0])
    return Report(
        [
            Measure(
                "sese.023 intake: parsed, validated, stored, acknowledged", count / spent, "/s", 1000, 5000,
                more_is_better=True,
            )
        ],
        {
            "Intake of messages": f"{count:,} in files of {_A_FILE:,} over HTTP, {size:,} bytes each, in "
            f"{spent:.1f} s, matched as they come; every later advice was written {told:.1f} s after "
            f"the first byte; one message a request: {single:,.0f}/s over {_CONNECTIONS} connections"
        },
    )  # fmt: skip


def _send(target: Server, body: bytes) -> int:
    """How many messages of a file were accepted."""
    headers = {"Content-Type": "application/xml", "Content-Encoding": "gzip"}
    answer = target.client.post("/messages", content=body, headers=headers)
    answer.raise_for_status()
    return sum(m["outcome"] == "accepted" for m in answer.json()["messages"])


def _until_told(target: Server, begun: float) -> float:
    """Seconds until nothing more appears in any mailbox for two seconds."""
    leis = [lei for lei, _ in fictional_issuers()]
    seen: dict[str, int] = dict.fromkeys(leis, 0)
    last = time.perf_counter()
    while time.perf_counter() - last < 2.0 and time.perf_counter() - begun < _GIVE_UP_S:
        for lei in leis:
            params = {"party": lei, "after": seen[lei], "limit": 1000}
            found = target.client.get("/messages/outgoing", params=params).raise_for_status().json()
            if found["items"]:
                seen[lei], last = found["next"], time.perf_counter()
    return last - begun


def _one_by_one(target: Server, messages: list[bytes]) -> float:
    """Messages a second, each a request of its own."""
    headers = {"Authorization": target.client.headers["Authorization"], "Content-Type": "application/xml"}
    limits = httpx.Limits(max_connections=_CONNECTIONS)
    with (
        httpx.Client(
            base_url=target.client.base_url, headers=headers, limits=limits, timeout=60.0, trust_env=False
        ) as c,
        ThreadPoolExecutor(_CONNECTIONS) as senders,
    ):
        begun = time.perf_counter()
        for answer in senders.map(lambda body: c.post("/messages", content=body), messages):
            answer.raise_for_status()
        return len(messages) / (time.perf_counter() - begun)


def _file(messages: list[bytes]) -> bytes:
    payloads = b"".join(b"<Pyld>%b</Pyld>" % message for message in messages)
    file = b'<Xchg xmlns="%bhead.002.001.01"><PyldDesc/>%b</Xchg>' % (_NAMESPACE.encode(), payloads)
    return gzip.compress(file, 1)


def _messages(target: Server, count: int) -> Iterator[bytes]:
    """Both sides of one trade after the other: issuers deliver what they have issued to each other."""
    leis = [lei for lei, _ in fictional_issuers()]
    stock = []
    for lei in leis:
        target.client.post("/accounts", json={"owner": lei}).raise_for_status()
        held = target.client.get(f"/accounts/{lei}-ISSUER/balances").raise_for_status().json()["items"]
        isins = [p["asset"] for p in held if len(p["asset"]) == _ISIN and Decimal(p["quantity"]) >= 1]
        stock += [(lei, isin) for isin in isins if _counted_in_units(target, isin)]
    today = business_date(SystemClock())
    trade = adjust(today, Convention.PRECEDING, "TARGET")
    settle = adjust(today + timedelta(days=2), Convention.FOLLOWING, "TARGET")
    for number in range((count + 1) // 2):
        seller, isin = stock[number % len(stock)]
        buyer = leis[(leis.index(seller) + 1 + number % (len(leis) - 1)) % len(leis)]
        for movement, party, other, account in (
            ("DELI", seller, buyer, f"{seller}-ISSUER"), ("RECE", buyer, seller, f"{buyer}-OWN"),
        ):  # fmt: skip
            yield _message(number, movement, party, other, account, isin, trade, settle)


def _counted_in_units(target: Server, isin: str) -> bool:
    return bool(target.client.get(f"/register/{isin}/extract").raise_for_status().json()["unit"] == "units")


def _message(
    number: int, movement: str, party: str, other: str, account: str, isin: str, trade: date, settle: date
) -> bytes:
    """A business message as a bank sends it."""

    def named(lei: str) -> str:
        return (
            f"<Dpstry><Id><AnyBIC>{_US}</AnyBIC></Id></Dpstry><Pty1><Id><PrtryId><Id>{lei}</Id><Issr>GLEIF</Issr>"
            f"</PrtryId></Id><LEI>{lei}</LEI></Pty1>"
        )

    sides = (party, other) if movement == "DELI" else (other, party)
    direction = "CRDT" if movement == "DELI" else "DBIT"
    id_ = f"{movement}{number}"
    head = (
        f"<Fr><FIId><FinInstnId><LEI>{party}</LEI></FinInstnId></FIId></Fr>"
        f"<To><FIId><FinInstnId><BICFI>{_US}</BICFI></FinInstnId></FIId></To><BizMsgIdr>{id_}</BizMsgIdr>"
        f"<MsgDefIdr>sese.023.001.12</MsgDefIdr><CreDt>2026-11-23T10:00:00Z</CreDt>"
    )
    body = (
        f"<TxId>{id_}</TxId><SttlmTpAndAddtlParams><SctiesMvmntTp>{movement}</SctiesMvmntTp><Pmt>APMT</Pmt>"
        f"<CmonId>T{number}</CmonId></SttlmTpAndAddtlParams><TradDtls><TradDt><Dt><Dt>{trade}</Dt></Dt></TradDt>"
        f"<SttlmDt><Dt><Dt>{settle}</Dt></Dt></SttlmDt></TradDtls><FinInstrmId><ISIN>{isin}</ISIN></FinInstrmId>"
        f"<QtyAndAcctDtls><SttlmQty><Qty><Unit>1</Unit></Qty></SttlmQty><SfkpgAcct><Id>{account}</Id></SfkpgAcct>"
        f"</QtyAndAcctDtls><SttlmParams><Prty><Nmrc>0004</Nmrc></Prty><SctiesTxTp><Cd>TRAD</Cd></SctiesTxTp>"
        f"<PrtlSttlmInd>PART</PrtlSttlmInd></SttlmParams><DlvrgSttlmPties>{named(sides[0])}</DlvrgSttlmPties>"
        f'<RcvgSttlmPties>{named(sides[1])}</RcvgSttlmPties><SttlmAmt><Amt Ccy="EUR">10.00</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd></SttlmAmt>"
    )
    return (
        f'<BizMsg><AppHdr xmlns="{_NAMESPACE}head.001.001.04">{head}</AppHdr>'
        f'<Document xmlns="{_NAMESPACE}sese.023.001.12"><SctiesSttlmTxInstr>{body}</SctiesSttlmTxInstr></Document>'
        "</BizMsg>"
    ).encode()
