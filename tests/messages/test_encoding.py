"""What is sent is valid by its schema, whatever is said; what cannot be said is refused."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from counterfoil.core.errors import Refused
from counterfoil.messages import encode
from counterfoil.messages.codecs.encoding import WRITERS
from tests.messages import events, outgoing
from tests.messages.conftest import Schema

HEADER = "head.001.001.04"
KINDS = [
    pytest.param(kind, id=f"{kind.__module__.rpartition('.')[2]}-{kind.__name__}")
    for kind in (*outgoing.KINDS, *events.KINDS)
]


def check(message: bytes, schema: Schema) -> etree._Element:
    """The document of a message, after both its parts were found valid."""
    header, document = etree.fromstring(message)
    definition = etree.QName(document).namespace.rpartition(":")[2]
    assert header.findtext("{*}MsgDefIdr") == definition
    for part, name in ((header, HEADER), (document, definition)):
        alone = etree.fromstring(etree.tostring(part))
        schema(name).assertValid(alone)
    return document


@pytest.mark.parametrize("kind", KINDS)
def test_every_message_is_valid_by_its_schema(kind, schema: Schema) -> None:
    @given(kind(outgoing.EXPRESSIBLE), outgoing.headers(outgoing.EXPRESSIBLE))
    @settings(max_examples=30)
    def run(message, header) -> None:
        document = check(encode(message, header), schema)
        definition, root, _ = WRITERS[type(message)]
        assert document[0].tag == f"{{urn:iso:std:iso:20022:tech:xsd:{definition}}}{root}"

    run()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_schema_would_refuse_is_refused_and_never_sent(kind, schema: Schema) -> None:
    @given(st.data())
    @settings(max_examples=40)
    def run(data: st.DataObject) -> None:
        # Mostly expressible, so that a single wrong value meets a message that is right otherwise.
        values = data.draw(st.sampled_from([outgoing.ANY, *MIXED]))
        message, header = data.draw(kind(values)), data.draw(outgoing.headers(outgoing.EXPRESSIBLE))
        with suppress(Refused):
            check(encode(message, header), schema)

    run()


MIXED = [
    outgoing.Values(**(vars(outgoing.EXPRESSIBLE) | {name: strategy}))
    for name, strategy in vars(outgoing.ANY).items()
]
