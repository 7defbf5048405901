"""Messages by command line, against a running server whose workers tell what becomes of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from counterfoil.sample import fictional_issuers
from tests.messages.exchange import enveloped
from tests.server.running import Server, import_issuers

ISSUER, ANNA = (lei for lei, _ in fictional_issuers()[:2])


def instruction(movement: str, party: str, other: str, number: int) -> bytes:
    """Units of an issue that is not there: it is rejected, and its sender told so."""
    sides = (party, other) if movement == "DELI" else (other, party)
    deliverer, receiver = (
        f"<Pty1><Id><PrtryId><Id>{lei}</Id><Issr>GLEIF</Issr></PrtryId></Id><LEI>{lei}</LEI></Pty1>"
        for lei in sides
    )
    day = "<Dt><Dt>2026-11-23</Dt></Dt>"
    document = (
        f"<SctiesSttlmTxInstr><TxId>R{number}</TxId><SttlmTpAndAddtlParams><SctiesMvmntTp>{movement}</SctiesMvmntTp>"
        f"<Pmt>FREE</Pmt></SttlmTpAndAddtlParams><TradDtls><TradDt>{day}</TradDt><SttlmDt>{day}</SttlmDt></TradDtls>"
        "<FinInstrmId><ISIN>DE000CF00006</ISIN></FinInstrmId><QtyAndAcctDtls><SttlmQty><Qty><Unit>1</Unit></Qty>"
        f"</SttlmQty><SfkpgAcct><Id>{party}-OWN</Id></SfkpgAcct></QtyAndAcctDtls><SttlmParams><SctiesTxTp><Cd>TRAD</Cd>"
        f"</SctiesTxTp></SttlmParams><DlvrgSttlmPties>{deliverer}</DlvrgSttlmPties>"
        f"<RcvgSttlmPties>{receiver}</RcvgSttlmPties></SctiesSttlmTxInstr>"
    )
    return enveloped(ISSUER, f"M{number}", "sese.023.001.12", document)


@pytest.mark.slow
def test_messages_are_sent_read_and_shown(tmp_path: Path):
    server = Server(tmp_path / "home")
    server.home.mkdir()

    def command(*words: str, code: int = 0) -> Any:
        found = server.command(*words)
        assert found.returncode == code, found.stderr
        return found

    files = []
    for number in range(2):
        files.append(str(tmp_path / f"{number}.xml"))
        Path(files[-1]).write_bytes(instruction("DELI", ISSUER, ANNA, number))
    try:
        server.up()
        with server.client() as client:
            import_issuers(client)
            client.post("/accounts", json={"owner": ISSUER}).raise_for_status()
        first = json.loads(command("message", "send", *files, "--json", code=1).stdout)["messages"]
        assert [m["errors"][0]["iso"] for m in first] == ["DSEC", "DSEC"]
        again = json.loads(command("message", "send", files[0], "--json", code=1).stdout)["messages"]
        assert (again[0]["id"], again[0]["repeated"]) == (first[0]["id"], True)
        mail = tmp_path / "mail"
        inbox = ("message", "inbox", "--party", ISSUER, "--json", "--to", str(mail))
        found = json.loads(command(*inbox).stdout)["items"]
        assert [m["definition"] for m in found] == ["sese.024.001.13"] * 2
        assert len(list(mail.iterdir())) == 2
        shown = json.loads(command("message", "show", first[0]["id"], "--json").stdout)
        assert shown["content"].encode() == Path(files[0]).read_bytes()
        report = command("message", "report", "holdings", f"{ISSUER}-OWN")
        assert "semt.002.001.12" in report.stdout
        assert json.loads(command("verify", "--json").stdout)["holds"] is True
    finally:
        server.close()
