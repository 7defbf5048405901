"""Whatever is sent, the answer is a refusal with its code: quickly, in little memory, with nothing loaded."""

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import InvalidOperation
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from counterfoil.messages import LARGEST, MessageRefused, Received, decode
from counterfoil.messages.codecs import decoding
from counterfoil.messages.codecs import values as forms
from tests.messages.samples import (
    CANCELLATION,
    HEADER,
    INSTRUCTION,
    RICH_ELECTION,
    RICH_INSTRUCTION,
    RICH_MODIFICATION,
    enveloped,
)

BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
DECLARED = '<?xml version="1.0" encoding="{}"?>'
POOL = "<Lnkgs><Ref><PoolId>{}</PoolId></Ref></Lnkgs>"


def _with(old: str, new: str) -> bytes:
    assert old in INSTRUCTION
    return INSTRUCTION.replace(old, new).encode()


HOSTILE: dict[str, tuple[str, bytes]] = {
    "nothing": ("MSG-003", b""),
    "blanks": ("MSG-003", b" \n"),
    "JSON": ("MSG-003", b'{"TxId": "SI1"}'),
    "HTML": ("MSG-006", b"<html><body/></html>"),
    "zero byte": ("MSG-002", _with("SI1", "S\0")),
    "zero byte by reference": ("MSG-003", _with("SI1", "&#0;")),
    "half a surrogate pair": ("MSG-003", _with("SI1", "&#xD800;")),
    "control character": ("MSG-003", _with("SI1", "S\x01")),
    "Latin-1": ("MSG-002", _with("SI1", "Größe").decode().encode("latin-1")),
    "Latin-1 declared": ("MSG-002", (DECLARED.format("ISO-8859-1") + INSTRUCTION).encode("latin-1")),
    "UTF-16": ("MSG-002", INSTRUCTION.encode("utf-16")),
    "UTF-16 without mark": ("MSG-002", (DECLARED.format("UTF-16") + INSTRUCTION).encode("utf-16-le")),
    "UTF-16 declared only": ("MSG-002", (DECLARED.format("UTF-16") + INSTRUCTION).encode()),
    "UTF-7 declared": ("MSG-002", (DECLARED.format("UTF-7") + INSTRUCTION).encode()),
    "EBCDIC": ("MSG-002", (DECLARED.format("cp037") + INSTRUCTION).encode("cp037")),
    "entity bomb": ("MSG-004", BOMB.encode() + _with("SI1", "&j;")),
    "external entity": (
        "MSG-004",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + _with("SI1", "&e;"),
    ),
    "external type": (
        "MSG-004",
        b'<!DOCTYPE Document SYSTEM "http://127.0.0.1:1/x.dtd">' + INSTRUCTION.encode(),
    ),
    "type in another place": ("MSG-004", b"<!-- -->\n<!DOCTYPE Document>" + INSTRUCTION.encode()),
    "entity that nobody defined": ("MSG-003", _with("SI1", "&nbsp;")),
    "inclusion": (
        "MSG-023",
        _with(
            "<TxId>SI1</TxId>",
            '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>',
        ),
    ),
    "depth": ("MSG-005", b"<a>" * 100_000 + b"</a>" * 100_000),
    "depth without end": ("MSG-005", b"<a>" * 300_000),
    "depth in a left element": (
        "MSG-005",
        _with("</ISIN>", f"</ISIN><Desc>{'<a>' * 300 + '</a>' * 300}</Desc>"),
    ),
    "two roots": ("MSG-003", (INSTRUCTION * 2).encode()),
    "cut off": ("MSG-003", INSTRUCTION.encode()[:-30]),
    "more behind": ("MSG-003", INSTRUCTION.encode() + b"x"),
    "50 MB": ("MSG-001", _with("SI1", "x" * 50_000_000)),
    "many elements": ("MSG-020", _with("<TxId>SI1</TxId>", "<a/>" * 200_000)),
    "many attributes": (
        "MSG-023",
        _with("<TxId>", "<TxId " + " ".join(f'a{n}=""' for n in range(50_000)) + ">"),
    ),
    "many links": ("MSG-033", _with("<TradDtls>", POOL.format("A") * 20_000 + "<TradDtls>")),
    "a long number": ("MSG-030", _with("100000", "1" * 900_000)),
    "a huge number": ("MSG-030", _with("100000", "1E999999999")),
    "an old version": ("MSG-008", _with("sese.023.001.12", "sese.023.001.11")),
    "another message": ("MSG-007", _with("sese.023.001.12", "pacs.008.001.12")),
    "another namespace": ("MSG-007", _with("urn:iso:std", "urn:other:std")),
    "no namespace": ("MSG-007", _with(' xmlns="urn:iso:std:iso:20022:tech:xsd:sese.023.001.12"', "")),
    "another root element": ("MSG-020", _with("SctiesSttlmTxInstr", "SctiesSttlmTxConf")),
    "XML 2": ("MSG-003", b'<?xml version="2.0"?>' + INSTRUCTION.encode()),
}  # fmt: skip


@pytest.mark.timeout(10)
@pytest.mark.parametrize(("code", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_is_refused_with_its_code(code: str, message: bytes) -> None:
    with pytest.raises(MessageRefused) as caught:
        decode(message)
    assert [r.code for r in caught.value.refusals] == [code]


@pytest.mark.parametrize(
    "message",
    [
        b"\xef\xbb\xbf" + INSTRUCTION.encode(),
        DECLARED.format("utf-8").encode() + INSTRUCTION.encode(),
        b'<?xml-stylesheet href="file:///etc/passwd"?>' + INSTRUCTION.encode(),
        _with("SI1", "S<!-- -->I<![CDATA[1]]>"),
        _with("SI1", "&#83;I1"),
        INSTRUCTION.replace("<", "<p:").replace("<p:/", "</p:").replace("xmlns=", "xmlns:p=").encode(),
        INSTRUCTION.replace("\n", "\r\n\t ").encode(),
    ],
    ids=["byte order mark", "declared", "stylesheet", "comment", "character reference", "prefix", "blanks"],
)
def test_what_xml_lets_write_in_several_ways_is_read_as_one(message: bytes) -> None:
    assert decode(message).message == decode(INSTRUCTION.encode()).message


def test_a_size_is_the_callers_to_set() -> None:
    assert len(INSTRUCTION) < LARGEST
    with pytest.raises(MessageRefused, match="MSG-001"):
        decode(INSTRUCTION.encode(), largest=len(INSTRUCTION) - 1)
    assert decode(INSTRUCTION.encode(), largest=len(INSTRUCTION)).message


def test_text_is_limited_whatever_the_size() -> None:
    with pytest.raises(MessageRefused, match="MSG-003"):
        decode(_with("SI1", "x" * 50_000_000), largest=100_000_000)


def test_a_name_without_end_is_not_kept() -> None:
    with pytest.raises(MessageRefused, match="MSG-007") as caught:
        decode(_with("sese.023.001.12", "sese.023." + "x" * 900_000))
    assert caught.value.definition is None
    assert len(caught.value.refusals[0].detail) < 1000


def test_a_message_full_of_faults_has_a_short_answer() -> None:
    with pytest.raises(MessageRefused) as caught:
        decode(_with("<TradDtls>", POOL.format("~") * 20_000 + "<TradDtls>"))
    assert len(caught.value.refusals) == decoding.MOST_FAULTS


STATUS = Path("/proc/self/statm")


def _resident_mb() -> float:
    if not STATUS.exists():
        pytest.skip(f"this system has no {STATUS} to read a process's memory from")
    return int(STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


BEHIND_A_SIGN = "<TxId xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:schemaLocation='>'"
NAMED = {
    "elements": lambda name: f"<{name}/>",
    "entities": lambda name: f"&{name};",
    "attributes": lambda name: f"<a {name}=''/>",
    "targets": lambda name: f"<?{name}?>",
    "attributes behind a sign": lambda name: f"{BEHIND_A_SIGN} {name}=''/>",
}


def _grown_by(read: Callable[[bytes], object], named: Callable[[str], str]) -> float:
    """Megabytes after 300,000 names that were never met before, past what the first of them take."""
    marks = []
    for _ in range(40):
        family = f"{'long-' * 20}{time.perf_counter_ns()}"
        names = "".join(named(f"{family}-{n}") for n in range(10_000))
        with suppress(MessageRefused):
            read(_with("SI1", names))
        marks.append(_resident_mb())
    return marks[-1] - marks[9]


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
def test_made_up_names_do_not_fill_the_memory(named: Callable[[str], str]) -> None:
    for accepted in ("<TxId>", f"{BEHIND_A_SIGN}>"):
        decode(_with("<TxId>", accepted))
    assert _grown_by(lambda message: decode(message, largest=2**23), named) < 20


def test_names_that_are_kept_would_be_found() -> None:
    assert _grown_by(etree.fromstring, NAMED["elements"]) > 25


# Pieces that are likely to meet a weak spot, rather than random bytes alone.
PIECES = (
    b"<", b">", b"</", b"/>", b"&", b"&#x0;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?", b"?>", b'"', b"'", b"\0",
    b"\xff", b"\xc3", b"\xef\xbb\xbf", b"<!DOCTYPE x>", b'xmlns=""', b'Ccy="EUR"', b"<Cd>", b"</Cd>", b"<Dt/>",
    b"<AppHdr/>", b"<Document/>", b"-1", b"1E9", b"NaN", b"2026-02-30", b"9999-12-31T23:59:59-14:00", b"\r\n",
    b"0001-01-01T00:00:00+14:00", "\N{ARABIC-INDIC DIGIT ONE}".encode(), b"<X " + b"a" * 300 + b"=''>",
)  # fmt: skip
MESSAGES = [
    INSTRUCTION.encode(), RICH_INSTRUCTION.encode(), CANCELLATION.encode(), RICH_MODIFICATION.encode(),
    RICH_ELECTION.encode(), enveloped(INSTRUCTION), enveloped(RICH_INSTRUCTION, HEADER.replace("04", "01")),
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A message with some bytes cut out, put in or repeated."""
    message = draw(st.sampled_from(MESSAGES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(message)))
        until = min(len(message), at + draw(st.sampled_from([0, 1, 5, 50])))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=4) | st.just(message[at : until + 20]))
        message = message[:at] + piece + message[until:]
    return message


def only_refuses(message: bytes) -> None:
    """A message is read or refused; anything else that happens is raised."""
    with suppress(MessageRefused):
        assert isinstance(decode(message), Received)


@given(damaged() | st.binary(max_size=200))
def test_nothing_but_a_refusal_comes_of_damage(message: bytes) -> None:
    only_refuses(message)


def damage_numbers() -> None:
    for message in MESSAGES:
        for piece in PIECES:
            only_refuses(message.replace(b"12345.67", piece))


def test_a_codec_that_fails_on_bad_input_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    damage_numbers()
    # A pattern that lets through what Decimal chokes on.
    monkeypatch.setattr(forms, "_DECIMAL", re.compile(".*", re.DOTALL))
    with pytest.raises(InvalidOperation):
        damage_numbers()
