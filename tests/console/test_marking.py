"""An item is shown line by line, with each reason at the field that it is about."""

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.console.marking import marked
from counterfoil.core.json import dumps, loads


def told(payload: bytes, *reasons: tuple[str, str]) -> list[str]:
    lines = marked(payload, [{"pointer": pointer, "code": code} for pointer, code in reasons])
    return [
        "  " * line.depth + line.text + "".join(f" <{r['code']}>" for r in line.reasons) for line in lines
    ]


def test_each_reason_stands_at_its_field() -> None:
    payload = b'{"kind":"NEW","instrument":{"isin":"X","a/b":[1,{"c":null}],"empty":{}}}'
    reasons = (
        ("", "WHOLE"), ("/instrument/isin", "ISIN"), ("/instrument/a~1b/1/c", "C"), ("/instrument/issuer", "ISSUER"),
        ("/instrument/empty/of", "OF"), ("/reference", "REFERENCE"), ("/instrument/a~1b/0/x", "BELOW"),
    )  # fmt: skip
    assert told(payload, *reasons) == [
        "{ <WHOLE>",
        '  "kind": "NEW"',
        '  "instrument": {',
        '    "isin": "X" <ISIN>',
        '    "a/b": [',
        "      1 <BELOW>",
        "      {",
        '        "c": null <C>',
        "      }",
        "    ]",
        '    "empty": {} <OF>',
        "    issuer: missing <ISSUER>",
        "  }",
        "  reference: missing <REFERENCE>",
        "}",
    ]


def test_what_is_no_json_is_shown_as_it_is() -> None:
    assert told(b"{not json \xff", ("", "COR-001")) == ["{not json \ufffd <COR-001>"]


NAMES = st.sampled_from(["a", "b", "a/b", "~"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
POINTERS = st.lists(st.sampled_from(["a", "b", "a~1b", "~0", "0", "1", "9"]), max_size=4).map(
    lambda steps: "".join(f"/{step}" for step in steps)
)


@given(VALUES, st.lists(POINTERS, max_size=4))
def test_no_reason_is_lost_and_none_is_told_twice(value: object, pointers: list[str]) -> None:
    payload = dumps(value).encode()
    lines = marked(payload, [{"pointer": p, "code": str(n)} for n, p in enumerate(pointers)])
    assert sorted(r["code"] for line in lines for r in line.reasons) == [str(n) for n in range(len(pointers))]
    shown = "".join(line.text for line in lines if not line.is_missing)
    assert shown.count("{") >= str(loads(payload)).count("{}")
