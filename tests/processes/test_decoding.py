"""Bodies of batches become item payloads, or one `Refused`; nothing else, whatever comes in."""

import gzip
import json as plain
import zlib
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core import json
from counterfoil.core.errors import Refused
from counterfoil.processes.batching import decoding
from counterfoil.processes.batching.decoding import MAXIMUM_ITEM_BYTES, items, numbered_items

NDJSON, JSON, CSV = "application/x-ndjson", "application/json", "text/csv"


def decoded(body: bytes | Iterable[bytes], content_type: str, encoding: str = "") -> list[bytes]:
    return list(items([body] if isinstance(body, bytes) else body, content_type, encoding))


def refused(body: bytes | Iterable[bytes], content_type: str, encoding: str = "") -> str:
    with pytest.raises(Refused) as raised:
        decoded(body, content_type, encoding)
    return raised.value.refusals[0].code


def in_pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[n : n + size] for n in range(0, len(body), size))


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (NDJSON, '{"a":"ä€😀"}\n\r\n  {"a":2}\r\n{"a":[3, "]"]}'),
        ("application/jsonl; charset=utf-8", '{"a":"ä€😀"}\n{"a":2}\n{"a":[3, "]"]}\n\n'),
        (JSON, ' [{"a":"ä€😀"} , {"a":2},\n{"a":[3, "]"]}]\n'),
        ("Application/JSON", '{"items": [{"a":"ä€😀"},{"a":2},{"a":[3, "]"]}]}'),
    ],
)
def test_json_items_come_out_as_they_were_sent(content_type: str, body: str, size: int) -> None:
    payloads = decoded(in_pieces(body.encode(), size), content_type)
    assert payloads == ['{"a":"ä€😀"}'.encode(), b'{"a":2}', b'{"a":[3, "]"]}']
    assert decoded(in_pieces(gzip.compress(body.encode()), size), content_type, "GZIP") == payloads


@pytest.mark.parametrize("member", ["1e999999999", "9" * 5000, "NaN", '{"a":1,"a":2}', '"\\ud800"', '"\x01"'])
def test_a_member_that_no_strict_reader_takes_costs_only_itself(member: str) -> None:
    first, second, third = decoded(f"[1,{member},3]".encode(), JSON)
    assert (first, second, third) == (b"1", member.encode(), b"3")
    with pytest.raises(Refused):
        json.loads(second)


def test_a_number_that_ends_with_a_chunk_goes_on_in_the_next() -> None:
    assert decoded(iter([b"[" + b" " * decoding._STEP + b"12", b"34]"]), JSON) == [b"1234"]


@pytest.mark.parametrize(
    "body",
    ["", " ", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "[1] x", '"x"', "7", "null", "{}", '{"items":1}',
     '{"items":[1],"x":2}', '{"other":[1]}', '{"items":[1]', "[tru]", '["a]', "[" * 5000, "\ufeff[1]"],
)  # fmt: skip
def test_a_body_that_is_no_array_is_refused(body: str) -> None:
    assert refused(body.encode(), JSON) == "PRC-024"


@pytest.mark.parametrize("body", [b'["\xff"]', b'["\xed\xa0\x80"]', '["ä"]'.encode("utf-16"), b'["\xc3'])
def test_an_array_that_is_not_utf8_is_refused(body: bytes) -> None:
    assert refused(body, JSON) == "PRC-024"


def test_a_line_that_is_not_utf8_costs_only_itself() -> None:
    assert decoded(b'{"a":1}\n\xff\xfe\n{"a":2}', NDJSON) == [b'{"a":1}', b"\xff\xfe", b'{"a":2}']


@pytest.mark.parametrize("body", [b"", b"\n \r\n\n", b"[]", b'{"items":[]}'])
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_batch_without_items_is_refused(body: bytes, encoding: str) -> None:
    content_type = JSON if body[:1] in (b"[", b"{") else NDJSON
    assert refused(gzip.compress(body) if encoding else body, content_type, encoding) == "PRC-020"


@pytest.mark.parametrize("content_type", [NDJSON, JSON, CSV])
def test_an_item_above_the_limit_is_refused_before_it_has_been_read_whole(content_type: str) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield b'["' if content_type == JSON else b"a\n" if content_type == CSV else b'"'
        while True:
            taken += 1
            yield b"x" * 65536

    assert refused(endless(), content_type) == "PRC-021"
    assert taken * 65536 < 6 * MAXIMUM_ITEM_BYTES


def test_an_item_at_the_limit_is_taken() -> None:
    item = b'"' + b"x" * (MAXIMUM_ITEM_BYTES - 2) + b'"'
    assert decoded(item + b"\n", NDJSON) == [item]
    assert decoded(b"[" + item + b"]", JSON) == [item]
    assert refused(b"[" + item[:-1] + b'x"]', JSON) == "PRC-021"


def test_a_batch_has_a_largest_number_of_items_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAXIMUM_ITEMS", 3)
    assert len(decoded(b"1\n2\n3\n", NDJSON)) == 3
    assert refused(b"1\n2\n3\n4\n", NDJSON) == "PRC-021"
    monkeypatch.setattr(decoding, "MAXIMUM_BYTES", 5)
    assert refused(b"[1   ]", JSON) == "PRC-021"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xml", "application/json+x"])
def test_an_unknown_format_is_refused(content_type: str) -> None:
    assert refused(b"[1]", content_type) == "PRC-025"


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_an_unknown_encoding_is_refused(encoding: str) -> None:
    assert refused(b"[1]", JSON, encoding) == "PRC-024"


def lines(count: int) -> bytes:
    return b"".join(b'{"a":%d}\n' % (n * 7919) for n in range(count))


def test_gzip_is_inflated_whole_however_it_is_cut() -> None:
    body = lines(60_000)
    for size in (100, 4096, 10**9):
        assert len(decoded(in_pieces(gzip.compress(body), size), NDJSON, "gzip")) == 60_000
    assert len(decoded(gzip.compress(body) + gzip.compress(body), NDJSON, "gzip")) == 120_000


def test_gzip_that_fills_its_output_steps_exactly_is_inflated_whole() -> None:
    for extra in range(-3, 4):
        body = zlib.decompress(zlib.compress(b"1 \n" * ((decoding._STEP + extra) // 3) + b"2"))
        assert decoded(gzip.compress(body), NDJSON, "gzip")[-1] == b"2"


@pytest.mark.parametrize("cut", [0, 1, 9, 10, 500, -9, -8, -1])
def test_truncated_gzip_is_refused(cut: int) -> None:
    assert refused(gzip.compress(lines(1000))[:cut], NDJSON, "gzip") == "PRC-024"


def test_damaged_gzip_is_refused() -> None:
    body = bytearray(gzip.compress(lines(1000)))
    body[-6] ^= 1  # of the checksum
    assert refused(bytes(body), NDJSON, "gzip") == "PRC-024"
    assert refused(b"[1]", JSON, "gzip") == "PRC-024"
    assert refused(gzip.compress(b"1\n") + b"garbage", NDJSON, "gzip") == "PRC-024"


def test_a_zip_bomb_is_refused_early() -> None:
    bomb = gzip.compress(b"1\n" * 25_000_000)
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for chunk in in_pieces(bomb, 1000):
            taken += 1
            yield chunk

    assert refused(chunks(), NDJSON, "gzip") == "PRC-024"
    assert taken < 10


def test_csv_columns_are_paths_and_empty_cells_leave_fields_out() -> None:
    header = "\ufeffreference, instrument.name,instrument.list.0.a,instrument.list.1.a"
    body = header + '\r\nR1,"A, ""B""\nC",1,2\r\n\r\nR2,,3,\r\n'
    assert [json.loads(p) for p in decoded(body.encode(), CSV)] == [
        {"reference": "R1", "instrument": {"name": 'A, "B"\nC', "list": [{"a": "1"}, {"a": "2"}]}},
        {"reference": "R2", "instrument": {"list": [{"a": "3"}]}},
    ]


def test_a_csv_column_that_begins_with_a_hash_is_a_remark() -> None:
    body = b"reference,#refused,#note.0\nR1,it was wrong,x\n"
    assert [json.loads(p) for p in decoded(body, CSV)] == [{"reference": "R1"}]


@pytest.mark.parametrize(
    "body",
    ["a,a\n1,2", "a,\n1,2", "a.b,a\n1,2", "a,a.b\n1,2", "a..b\n1", ".a\n1", "a\n1,2", "a,b\n1", 'a\n"1', 'a\n"1"2',
     ".".join("a" * 100) + "\n1", "a\n" + "x" * 200_000],
)  # fmt: skip
def test_csv_without_a_clear_meaning_is_refused(body: str) -> None:
    assert refused(body.encode(), CSV) == "PRC-024"


@pytest.mark.parametrize("name", ["a.²", "a.٣", "a." + "9" * 5000, "a.-1"])
def test_a_csv_name_that_only_looks_like_an_index_is_a_name(name: str) -> None:
    assert list(json.loads(decoded(f"{name}\n1".encode(), CSV)[0])["a"].values()) == ["1"]


FRAGMENTS = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"\\u0000", b"\\ud800", b"\n", b"\r\n", b"1", b"-",
             b"e9", b"true", b'{"items":[', b'{"a":1}', b"NaN", b"a.0", b"\xff", b"\x00", b" ", b"a,b\n",
             gzip.compress(b"[1]")]
        ),
    ),
    max_size=30,
)  # fmt: skip


@given(FRAGMENTS, st.sampled_from([NDJSON, JSON, CSV]), st.sampled_from(["", "gzip"]), st.booleans())
def test_any_body_yields_items_or_is_refused(
    parts: list[bytes], content_type: str, encoding: str, compress: bool
) -> None:
    body = [gzip.compress(b"".join(parts))] if encoding and compress else parts
    try:
        payloads = decoded(body, content_type, encoding)
    except Refused:
        return
    assert payloads
    assert all(0 < len(p) <= MAXIMUM_ITEM_BYTES for p in payloads)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abä\"\\", max_size=3), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(JSON_VALUES, min_size=1, max_size=6), st.integers(1, 50), st.booleans(), st.booleans())
def test_every_array_comes_apart_into_its_members(
    values: list[object], size: int, ascii_only: bool, wrapped: bool
) -> None:
    text = plain.dumps(
        {"items": values} if wrapped else values, ensure_ascii=ascii_only, indent=1 if wrapped else None
    )
    payloads = decoded(in_pieces(text.encode(), size), JSON)
    assert [plain.loads(p) for p in payloads] == values


def test_each_item_knows_the_line_on_which_it_begins() -> None:
    lines = [b'\xef\xbb\xbf{"a":1}\r\n\r\n', b'{"a":2}\n']
    assert list(numbered_items(lines, NDJSON)) == [(1, b'{"a":1}'), (3, b'{"a":2}')]
    table = [b'\xef\xbb\xbf"a","b"\r\n"1","x\r\ny"\r\n', b"2,z\r\n"]
    assert [(n, json.loads(p)["a"]) for n, p in numbered_items(table, CSV)] == [(2, "1"), (4, "2")]
    assert [n for n, _ in numbered_items([b'[{"a":1},\n\n{"a":2}]'], JSON)] == [1, 2]


def test_a_table_whose_columns_are_separated_otherwise_is_refused_with_a_word_about_it() -> None:
    for mark in (";", "\t", "|"):
        with pytest.raises(Refused, match="commas separate"):
            decoded(f"a{mark}b\n1{mark}2\n".encode(), CSV)
