"""Makes documents that a schema allows, at random: every element and every choice can come up."""

from random import Random

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
_PATTERNS = {
    "[A-Z]{2,2}[A-Z0-9]{9,9}[0-9]{1,1}": ["DE000A0D6554", "US0378331005"],
    "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}": ["BANKDEFFXXX", "BNKBFRPP"],
    "[A-Z0-9]{18,18}[0-9]{2,2}": ["529900T8BM49AURSDO55", "7LTWFZYICNSX8D621K86"],
    "[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}": ["DE89370400440532013000"],
    "[A-Z]{3,3}": ["EUR", "USD"],
    "[A-Z]{2,2}": ["DE"],
    "[0-9]{4}": ["0001", "0004"],
    "[0-9]{3}": ["002"],
    "[0-9]{5}": ["00002"],
    "[0-9]{1,6}": ["2", "000003"],
    "[0-9]{1,5}": ["1"],
    "[a-zA-Z0-9]{4}": ["XX12"],
    "[A-Z0-9]{4,4}": ["XFRA"],
    "[A-Z]{6,6}": ["DBFTFB"],
    "[A-Z0-9]{18}[0-9]{2}[A-Z0-9]{0,32}": ["529900T8BM49AURSDO55UTI1"],
    "[1-9B-DF-HJ-NP-TV-XZ][0-9B-DF-HJ-NP-TV-XZ]{8,8}": ["4H95J0R2X"],
    r"[a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2}": ["sese.023.001.12"],
}
_BASES = {
    "xs:date": ["2026-11-18", "2026-11-20"],
    "xs:dateTime": ["2026-11-20T09:30:00Z", "2026-11-20T10:30:00.123+01:00"],
    "xs:boolean": ["true", "false", "1", "0"],
    "xs:decimal": ["0", "1", "125"],
    "xs:string": ["A", "Ref-1", "x" * 35],
    "xs:base64Binary": ["AAAA"],
    "xs:gYear": ["2026"],
    "xs:time": ["09:30:00"],
}


class Generator:
    """Of one schema. `eager` is how often an optional element is there."""

    def __init__(self, schema: etree._Element) -> None:
        self.namespace = str(schema.get("targetNamespace"))
        self._types = {t.get("name"): t for t in schema if t.get("name") and t.tag != f"{XS}element"}

    def document(self, random: Random, eager: float, sample: etree._Element | None = None) -> etree._Element:
        """A valid document or, with a valid `sample`, the sample with more in it."""
        root = etree.Element(f"{{{self.namespace}}}Document", nsmap={None: self.namespace})
        self._fill(root, "Document", random, eager, sample)
        return root

    def _fill(
        self,
        element: etree._Element,
        type_name: str,
        random: Random,
        eager: float,
        sample: etree._Element | None,
    ) -> None:
        kind = self._types[type_name]
        if sample is not None and len(sample) == 0 and sample.text:
            element.text = sample.text
            element.attrib.update(sample.attrib)
            return
        if kind.tag == f"{XS}simpleType":
            element.text = self._value(kind.find(f"{XS}restriction"), random)
            return
        extension = kind.find(f"{XS}simpleContent/{XS}extension")
        if extension is not None:
            self._fill(element, extension.get("base"), random, eager, None)
            for attribute in extension.findall(f"{XS}attribute"):
                element.set(attribute.get("name"), random.choice(["EUR", "USD"]))
            return
        if kind.find(f"{XS}sequence/{XS}any") is not None:
            etree.SubElement(element, "{urn:any}Anything")
        for field, inner in self._fields(kind, random, eager, sample):
            child = etree.SubElement(element, f"{{{self.namespace}}}{field.get('name')}")
            self._fill(child, field.get("type"), random, eager * 0.8, inner)

    def _fields(
        self, kind: etree._Element, random: Random, eager: float, sample: etree._Element | None
    ) -> list[tuple[etree._Element, etree._Element | None]]:
        """What stands in an element, in order, each with its part of the sample."""
        group = kind.find(f"{XS}choice")
        if group is not None:
            options = group.findall(f"{XS}element")
            if sample is None:
                return [(random.choice(options), None)]
            return [
                (o, found) for o in options if (found := sample.find(f"{{*}}{o.get('name')}")) is not None
            ]
        fields: list[tuple[etree._Element, etree._Element | None]] = []
        for field in kind.findall(f"{XS}sequence/{XS}element"):
            given = [] if sample is None else sample.findall(f"{{*}}{field.get('name')}")
            fields += [(field, found) for found in given]
            if given or (field.get("minOccurs") == "0" and random.random() >= eager):
                continue
            repeated = field.get("maxOccurs") == "unbounded" and random.random() < eager
            fields += [(field, None)] * (2 if repeated else 1)
        return fields

    def _value(self, restriction: etree._Element, random: Random) -> str:
        codes = [code.get("value") for code in restriction.findall(f"{XS}enumeration")]
        if codes:
            return random.choice(codes)
        pattern = restriction.find(f"{XS}pattern")
        if pattern is not None:
            return random.choice(_PATTERNS[pattern.get("value")])
        longest = restriction.find(f"{XS}maxLength")
        value = random.choice(_BASES[restriction.get("base")])
        return value if longest is None else value[: int(longest.get("value"))]
