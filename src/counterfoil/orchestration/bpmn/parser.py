"""A BPMN file to checked processes, or to the list of everything that is wrong with it."""

import re
from collections import Counter

from lxml import etree

from counterfoil.core.errors import Refused
from counterfoil.orchestration.bpmn import checks, extensions
from counterfoil.orchestration.bpmn.drawing import Drawing, draw
from counterfoil.orchestration.bpmn.events import Events
from counterfoil.orchestration.bpmn.flows import connect
from counterfoil.orchestration.bpmn.model import Element, ElementType, Process
from counterfoil.orchestration.bpmn.problems import Problems
from counterfoil.orchestration.bpmn.reading import BPMN, local_name, read
from counterfoil.orchestration.errors import (
    ELEMENT_UNSUPPORTED,
    ID_DUPLICATE,
    ID_MISSING,
    MODEL_TOO_LARGE,
    NO_PROCESS,
)

ELEMENTS_MAX = 5_000
"""BPMN elements of the largest model, arrows included."""

_ID = re.compile(r"[^\W\d][\w.-]{0,254}")
_ROOTS = frozenset(
    "process message error signal escalation itemDefinition collaboration category dataStore interface "
    "extension documentation extensionElements relationship".split()
)
_NAMED = frozenset({"process", "message", "error", "sequenceFlow", *(kind.value for kind in ElementType)})


def parse(xml: bytes) -> tuple[Process, ...]:
    """The executable processes of a BPMN 2.0 file with Zeebe's extension elements, in the file's order.

    `xml` is UTF-8 and at most 4 MB. Raises `Refused` with every problem at once: ORC-100 to 103 where the file
    cannot be read at all, ORC-110 to 150 for each element that the engine does not run or that is ill-formed;
    the pointer of a refusal is `/` and the element's id.
    """
    root = read(xml)
    count = sum(1 for _ in root.iter(f"{BPMN}*"))
    if count > ELEMENTS_MAX:
        raise Refused(MODEL_TOO_LARGE(count=count, what="elements", limit=ELEMENTS_MAX))
    executable = [p for p in root.findall(f"{BPMN}process") if p.get("isExecutable") == "true"]
    if not executable:
        waiting = root.find(f"{BPMN}process") is not None
        raise Refused(NO_PROCESS(detail="; mark it as executable" if waiting else ""))
    problems = Problems()
    _identities(problems, root)
    for node in root:
        if node.tag.startswith(BPMN) and local_name(node) not in _ROOTS:
            problems.add(ELEMENT_UNSUPPORTED, node, hint="")
    events = Events(problems, _by_id(root, "message"), _by_id(root, "error"))
    processes = [_process(problems, events, node) for node in executable]
    problems.raise_any()
    return tuple(_finished(drawing) for drawing in processes)


def _by_id(root: etree._Element, tag: str) -> dict[str, etree._Element]:
    return {str(node.get("id")): node for node in root.findall(f"{BPMN}{tag}") if node.get("id")}


def _identities(problems: Problems, root: etree._Element) -> None:
    """Every element that something refers to has an id of its own."""
    named = [node for node in root.iter(f"{BPMN}*") if local_name(node) in _NAMED]
    counts = Counter(node.get("id") for node in root.iter(f"{BPMN}*") if node.get("id"))
    for node in named:
        id_ = node.get("id")
        if not id_:
            problems.add(ID_MISSING, node, reason="it is missing")
        elif not _ID.fullmatch(id_):
            reason = (
                "at most 255 letters, digits, '_', '-' and '.' that begin with a letter or '_' are wanted"
            )
            problems.add(ID_MISSING, node, reason=reason)
        elif counts[id_] > 1:
            problems.add(ID_DUPLICATE, node)


def _process(problems: Problems, events: Events, node: etree._Element) -> Drawing:
    extensions.check(problems, node, frozenset())
    drawing = draw(problems, events, node)
    checks.check(problems, drawing, connect(problems, drawing))
    return drawing


def _finished(drawing: Drawing) -> Process:
    elements = {
        node.id: Element(
            id=node.id, name=node.xml.get("name") or "", type=node.type, scope=node.scope, **node.fields
        )
        for node in drawing.nodes.values()
    }  # fmt: skip
    starts = {
        scope: tuple(
            e.id for e in elements.values() if e.type is ElementType.START_EVENT and e.scope == scope
        )
        for scope in drawing.scopes
    }
    name = drawing.process.get("name") or drawing.id
    return Process(drawing.id, name, elements, starts, extensions.mendable(drawing.process))
