"""Bytes to an XML tree, trusting nothing: no document type, no entities, no network, bounded size and depth."""

import re

from lxml import etree

from counterfoil.core.errors import Refused
from counterfoil.orchestration.errors import MODEL_TOO_LARGE, MODEL_UNREADABLE, NOT_BPMN

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
CAMUNDA_7 = "{http://camunda.org/schema/1.0/bpmn}"

SIZE_MAX = 4_000_000
"""Bytes of the largest model."""

_ENCODING = re.compile(r"""\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")


def read(xml: bytes) -> etree._Element:
    """The `definitions` element of a model. Raises `Refused` (ORC-100, 101, 103)."""
    if len(xml) > SIZE_MAX:
        raise Refused(MODEL_TOO_LARGE(count=len(xml), what="bytes", limit=SIZE_MAX))
    try:
        text = xml.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(MODEL_UNREADABLE(reason=f"byte {error.start} is not UTF-8")) from None
    declared = _ENCODING.match(text)
    if declared and declared[1].upper() not in ("UTF-8", "UTF8", "US-ASCII", "ASCII"):
        raise Refused(MODEL_UNREADABLE(reason=f"it declares the encoding {declared[1]}"))
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        # Looked for before the parser sees it: entities are harmful while they are being declared.
        raise Refused(MODEL_UNREADABLE(reason="it has a document type declaration"))
    root = _parsed(text.encode())
    if root.tag != f"{BPMN}definitions":
        raise Refused(NOT_BPMN(found=root.tag))
    return root


def _parsed(xml: bytes) -> etree._Element:
    # A parser for each model: parsers of lxml keep state and are not to be shared between threads.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(MODEL_UNREADABLE(reason=error.msg)) from None
    if root is None:
        raise Refused(MODEL_UNREADABLE(reason="it is empty"))
    return root


def local_name(node: etree._Element) -> str:
    """The tag without its namespace."""
    return etree.QName(node).localname


def text_of(node: etree._Element | None) -> str:
    """The text directly inside an element, stripped."""
    return "" if node is None else (node.text or "").strip()
