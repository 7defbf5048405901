"""The decoder against the schema, over documents made from the schema and then damaged.

What the schema allows is never refused for its structure; what it forbids is refused, but for what is listed here.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from counterfoil.messages import MessageRefused, decode
from counterfoil.messages.codecs import decoding, header
from counterfoil.messages.codecs.leaves import codes
from counterfoil.messages.codecs.reading import Block, Content, Field, Group
from tests.messages import samples
from tests.messages.conftest import Schema
from tests.messages.generator import Generator

SAMPLES = {
    "seev.033.001.13": [samples.ELECTION, samples.RICH_ELECTION],
    "sese.020.001.08": [samples.CANCELLATION],
    "sese.023.001.12": [samples.INSTRUCTION, samples.RICH_INSTRUCTION],
    "sese.030.001.10": [samples.MODIFICATION, samples.RICH_MODIFICATION],
}
ABOUT_VALUES = {"MSG-030", "MSG-031", "MSG-032", "MSG-033"}
# References of other kinds, which only informative links may have, and quantities of links: their presence counts.
MARKED = (
    "Lnkgs/LkdQty Lnkgs/Ref/IntraPosMvmntId Lnkgs/Ref/IntraBalMvmntId Lnkgs/Ref/AcctSvcrTxId "
    "Lnkgs/Ref/MktInfrstrctrTxId Lnkgs/Ref/OthrTxId"
).split()


def unread(content: Content, path: str = "") -> Iterator[str]:
    """Paths of the elements whose content is deliberately not checked: the harmless ones, which are left."""
    match content:
        case None:
            yield path
        case Group(block=block):
            yield from unread(block, path)
        case Block(fields=fields):
            for field in fields:
                yield from unread(field.content, f"{path}/{field.name}")


HEADER = "head.001.001.04"
LEFT = {name: set(unread(table)) for name, (_, table, _) in decoding.TABLES.items()}
LEFT[HEADER] = set(unread(header.HEADER))


def is_unread(element: etree._Element, definition: str) -> bool:
    names = [etree.QName(e).localname for e in (element, *element.iterancestors())]
    above = 1 if definition == HEADER else 2  # the header itself; the document and the message
    inner = list(reversed(names))[above:]
    paths = {"/" + "/".join(inner[: n + 1]) for n in range(len(inner))}
    return bool(paths & LEFT[definition]) or any(path.endswith(m) for path in paths for m in MARKED)


def _inner(document: etree._Element) -> list[etree._Element]:
    """Every element but the document; what stands in an envelope is of no schema, and refused with it."""
    return document.xpath("//*[parent::* and not(ancestor::*[local-name() = 'Envlp'])]")


def damage(element: etree._Element, way: int, random: Random) -> None:
    """Drops, repeats, moves, renames, rewrites or extends an element."""
    parent = element.getparent()
    assert parent is not None
    namespace = etree.QName(element).namespace
    match way:
        case 0:
            parent.remove(element)
        case 1:
            parent.insert(parent.index(element), etree.fromstring(etree.tostring(element)))
        case 2:
            parent.insert(random.randrange(len(parent)), element)
        case 3:
            name = random.choice(["TxId", "Cd", "Dt", "Id", "Qty", "Xyz", "Prtry"])
            element.tag = f"{{{namespace}}}{name}"
        case 4:
            element.tag = random.choice(["Dt", "{urn:other}Dt"])
        case 5:
            element.text = random.choice(
                ["", " ", "X", "1", "-1", "1.123456", "true", "2026-13-01", "é", "x" * 36]
            )
        case 6:
            element.set(random.choice(["Ccy", "Tp"]), "EUR")
        case 7:
            element.attrib.clear()
        case 8:
            etree.SubElement(element, f"{{{namespace}}}{random.choice(['Cd', 'Id', 'Nm', 'Dt'])}").text = "X"


WAYS = 9


def fault(message: bytes, schema: etree.XMLSchema, definition: str) -> str | None:
    """How the decoder's answer differs from the schema's, if it does."""
    document = etree.fromstring(message)
    try:
        decode(message)
    except MessageRefused as refused:
        about_values = {r.code for r in refused.refusals} <= ABOUT_VALUES
        if schema.validate(document) and not about_values:
            return f"allowed by the schema, refused: {refused}"
        return None
    if schema.validate(document):
        return None
    elements = {document.getroottree().getpath(element): element for element in document.iter()}
    wrong = [e for e in schema.error_log if not is_unread(elements[e.path], definition)]
    return f"forbidden by the schema, and read: {wrong}" if wrong else None


def disagreements(definition: str, schema: Schema, generator: Generator, random: Random) -> Iterator[str]:
    """A sample with more of what the schema allows in it, as it is and damaged."""
    sample = etree.fromstring(random.choice(SAMPLES[definition]))
    made = generator.document(random, random.choice([0, 0.01, 0.05, 0.2]), sample)
    for damages in range(4):
        if damages and (elements := _inner(made)):
            damage(random.choice(elements), random.randrange(WAYS), random)
        found = fault(etree.tostring(made), schema(definition), definition)
        if found:
            yield f"{found}\n{etree.tostring(made).decode()}"


def disagreements_at_each_element(definition: str, schema: Schema, random: Random) -> Iterator[str]:
    """Every element of the samples, damaged in every way."""
    for sample in SAMPLES[definition]:
        for number in range(len(_inner(etree.fromstring(sample)))):
            for way in range(WAYS):
                document = etree.fromstring(sample)
                damage(_inner(document)[number], way, random)
                found = fault(etree.tostring(document), schema(definition), definition)
                if found:
                    yield f"{found}\n{etree.tostring(document).decode()}"


@pytest.fixture(scope="module")
def generators(archive) -> dict[str, Generator]:
    found = {name: next(n for n in archive.namelist() if n.endswith(f"{name}.xsd")) for name in SAMPLES}
    return {name: Generator(etree.fromstring(archive.read(path))) for name, path in found.items()}


@pytest.mark.parametrize("definition", SAMPLES)
def test_the_decoder_and_the_schema_agree(
    definition: str, schema: Schema, generators: dict[str, Generator]
) -> None:
    @given(st.integers(0, 2**32))
    @settings(max_examples=200)
    def run(seed: int) -> None:
        assert not list(disagreements(definition, schema, generators[definition], Random(seed)))

    run()


@pytest.mark.parametrize("definition", SAMPLES)
def test_each_element_damaged_in_every_way_is_judged_as_the_schema_does(
    definition: str, schema: Schema
) -> None:
    assert not list(disagreements_at_each_element(definition, schema, Random(1)))


@pytest.mark.parametrize("definition", SAMPLES)
def test_what_a_schema_allows_is_made_and_some_of_it_is_read(
    definition: str, schema: Schema, generators: dict[str, Generator]
) -> None:
    """Guards the test above: its documents are valid, and they are not all refused for what is not served."""
    random, read = Random(1), 0
    for _ in range(200):
        sample = etree.fromstring(random.choice(SAMPLES[definition]))
        made = etree.tostring(generators[definition].document(random, 0.05, sample))
        schema(definition).assertValid(etree.fromstring(made))
        try:
            decode(made)
            read += 1
        except MessageRefused:
            pass
    assert read > 20


ABOUT_HEADERS = ABOUT_VALUES | {"MSG-009", "MSG-010"}
STRAY, OF_ATTRIBUTES = 5, (6, 7)


def header_fault(head: etree._Element, schema: etree.XMLSchema) -> str | None:
    """How the answer to a message with this header differs from what the header's schema says of it."""
    alone = etree.fromstring(etree.tostring(head))
    valid = schema.validate(alone)
    elements = {alone.getroottree().getpath(element): element for element in alone.iter()}
    wrong = [e for e in schema.error_log if not is_unread(elements[e.path], HEADER)]
    try:
        decode(samples.enveloped(samples.INSTRUCTION, etree.tostring(head).decode()))
    except MessageRefused as refused:
        about_values = {r.code for r in refused.refusals} <= ABOUT_HEADERS
        return f"allowed by the schema, refused: {refused}" if valid and not about_values else None
    return f"forbidden by the schema, and read: {wrong}" if wrong else None


def header_disagreements(schema: Schema) -> Iterator[str]:
    """Every element of a header, damaged in every way but by what is not looked at in a header."""
    random = Random(1)
    for number in range(len(_inner(etree.fromstring(samples.HEADER)))):
        for way in range(WAYS):
            head = etree.fromstring(samples.HEADER)
            element = _inner(head)[number]
            if way in OF_ATTRIBUTES or (way == STRAY and len(element)):
                continue
            damage(element, way, random)
            found = header_fault(head, schema(HEADER))
            if found:
                yield f"{found}\n{etree.tostring(head).decode()}"


def test_each_element_of_a_header_damaged_is_judged_as_the_schema_does(schema: Schema) -> None:
    assert not list(header_disagreements(schema))


def test_a_header_that_is_read_too_leniently_is_found(
    monkeypatch: pytest.MonkeyPatch, schema: Schema
) -> None:
    namespace = decoding.NAMESPACE + HEADER
    lenient = changed_table(
        header.HEADER, lambda field: replace(field, many=True) if field.name == "CreDt" else field
    )
    monkeypatch.setitem(header._WALKS, namespace, lenient.compile(namespace))
    assert next(header_disagreements(schema)).startswith("forbidden by the schema")


def changed_table(content: Content, change: Callable[[Field], Field | None]) -> Content:
    """A table with each of its fields changed, or left out."""
    match content:
        case Group(key=key, block=block, listed=listed):
            return Group(key, changed_table(block, change), listed)
        case Block(fields=fields, is_choice=is_choice):
            inner = (replace(field, content=changed_table(field.content, change)) for field in fields)
            return Block(tuple(found for field in inner if (found := change(field))), is_choice)
    return content


BROKEN = {
    "an element that need not be there": (
        lambda field: replace(field, least=0) if field.name == "Issr" else field,
        "forbidden by the schema",
    ),
    "an element that may be repeated": (
        lambda field: replace(field, many=True) if field.name == "LEI" else field,
        "forbidden by the schema",
    ),
    "an element that is not known": (
        lambda field: None if field.name == "Desc" else field,
        "allowed by the schema",
    ),
    "a code that is not known": (
        lambda field: replace(field, content=codes("x", "OTHR")) if field.name == "Regn" else field,
        "allowed by the schema",
    ),
}


@pytest.mark.parametrize(("change", "difference"), BROKEN.values(), ids=BROKEN)
def test_a_table_that_differs_from_the_schema_is_found(
    change, difference: str, monkeypatch: pytest.MonkeyPatch, schema: Schema, generators: dict[str, Generator]
) -> None:
    name = "sese.023.001.12"
    root, table, build = decoding.TABLES[name]
    _, definition = decoding._definition(name, root, changed_table(table, change), build)
    monkeypatch.setitem(decoding._DEFINITIONS, name, definition)
    assert any(found.startswith(difference) for found in _all(name, schema, generators))


def _all(name: str, schema: Schema, generators: dict[str, Generator]) -> Iterator[str]:
    yield from disagreements_at_each_element(name, schema, Random(1))
    for seed in range(300):
        yield from disagreements(name, schema, generators[name], Random(seed))


def test_attributes_that_are_not_looked_at_are_found(
    monkeypatch: pytest.MonkeyPatch, schema: Schema, generators: dict[str, Generator]
) -> None:
    monkeypatch.setattr(decoding, "_has_stray", lambda document: False)
    found = next(_all("sese.020.001.08", schema, generators))
    assert found.startswith("forbidden by the schema")
