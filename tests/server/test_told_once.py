"""Workers die while they tell parties what became of their instructions: each is told once, and none never."""

import json
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from counterfoil.core.ids import new_id
from counterfoil.sample import fictional_issuers
from counterfoil.settlement import Instruction, Movement, Payment
from tests.messages.exchange import enveloped, instruction
from tests.server.running import BUSINESS_DATE, Server, day, hand_in, import_issuers

ANNA, BERT = (lei for lei, _ in fictional_issuers()[1:3])
COUNT = 400
DEATHS = 4


def issued(client: httpx.Client, server: Server) -> str:
    """A security that is counted in units."""
    hand_in(client, day(40, seed=3, invalid_share=0))

    def found() -> str | None:
        items = client.get("/instruments?limit=100").json()["items"]
        extracts = (client.get(f"/register/{i['isin']}/extract") for i in items)
        units = [e.json()["isin"] for e in extracts if e.status_code == 200 and e.json()["unit"] == "units"]
        return units[0] if units else None

    return str(server.wait_for(found))


def side(isin: str, number: int) -> bytes:
    sale = Instruction(
        new_id(), ANNA, f"R{number}", Movement.DELIVER, Payment.FREE, isin, Decimal(number + 1), f"{ANNA}-OWN", BERT,
        BUSINESS_DATE, BUSINESS_DATE,
    )  # fmt: skip
    lei = f"<Id><PrtryId><Id>{ANNA}</Id><Issr>GLEIF</Issr></PrtryId></Id><LEI>{ANNA}</LEI>"
    other = lei.replace(ANNA, BERT)
    message = enveloped(ANNA, f"M{number}", "sese.023.001.12", instruction(sale, own=lei, other=other))
    return message.replace(b"<BICFI>ANNADEFFXXX</BICFI>", f"<LEI>{ANNA}</LEI>".encode())


def mail(client: httpx.Client) -> list[dict]:
    """The whole mailbox."""
    items: list[dict] = []
    while True:
        after = items[-1]["number"] if items else 0
        found = client.get(f"/messages/outgoing?party={ANNA}&after={after}&limit=1000").json()["items"]
        if not found:
            return items
        items += found


@pytest.mark.slow
def test_a_worker_that_dies_while_telling_neither_repeats_nor_forgets(tmp_path: Path):
    server = Server(tmp_path / "home")
    server.home.mkdir()
    try:
        server.up()
        with server.client() as client:
            import_issuers(client)
            client.post("/accounts", json={"owner": ANNA}).raise_for_status()
            isin = issued(client, server)
            for start in range(0, COUNT, COUNT // DEATHS):
                payloads = b"".join(
                    b"<Pyld>%b</Pyld>" % side(isin, n) for n in range(start, start + COUNT // DEATHS)
                )
                body = b'<Xchg xmlns="urn:iso:std:iso:20022:tech:xsd:head.002.001.01">%b</Xchg>' % payloads
                receipts = client.post("/messages", content=body).raise_for_status().json()["messages"]
                assert {r["outcome"] for r in receipts} == {"accepted"}, receipts[0]
                time.sleep(0.12)
                server.kill("workers")
            server.wait_for(lambda: len(mail(client)) >= 2 * COUNT)
            told = Counter((m["instruction_id"], m["in_reply_to"] is None) for m in mail(client))
        assert len(told) == 2 * COUNT
        assert set(told.values()) == {1}
        verified = server.command("verify", "--json")
        assert json.loads(verified.stdout)["holds"] is True, verified.stdout
    finally:
        server.close()
