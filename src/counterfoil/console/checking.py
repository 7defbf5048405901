"""What a file would come to, told at once: how many items are valid, which rules break, and some items in full."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from counterfoil.console import errors
from counterfoil.console.marking import Line, marked
from counterfoil.console.visit import Visit
from counterfoil.core.errors import Refused
from counterfoil.faces import BodyForm, chunks_of
from counterfoil.processes import payloads

SHOWN = 50
"""Refused items that are shown with their fields marked; the API and the command line tell all."""


@dataclass(slots=True)
class Report:
    """The sum of a check. `rules` are codes with how often each refused an item, and an example."""

    valid: int = 0
    refused: int = 0
    rules: list[tuple[str, int, str]] = field(default_factory=list)
    shown: list[tuple[dict[str, Any], Sequence[Line]]] = field(default_factory=list)


@contextmanager
def alone(visit: Visit) -> Iterator[None]:
    """One check of a visitor's at a time: a large file keeps a connection for minutes. Raises `Refused` (CON-423)."""
    running: set[object] = visit.request.app.state.checking
    if visit.actor.id in running:
        raise Refused(errors.UNDER_WAY(by=visit.actor.name))
    running.add(visit.actor.id)
    try:
        yield
    finally:
        running.discard(visit.actor.id)


def report_of(results: Iterable[dict[str, Any]], file: IO[bytes], form: BodyForm) -> Report:
    """Sum up, and read the file once more for what is shown."""
    found, counts, examples, refused = Report(), Counter[str](), dict[str, str](), list[dict[str, Any]]()
    for result in results:
        if result["valid"]:
            found.valid += 1
            continue
        found.refused += 1
        counts.update({refusal["code"] for refusal in result["refusals"]})
        for refusal in result["refusals"]:
            examples.setdefault(refusal["code"], refusal["detail"])
        if len(refused) < SHOWN:
            refused.append(result)
    found.rules = [(code, count, examples[code]) for code, count in counts.most_common()]
    if refused:
        wanted = {result["position"]: result for result in refused}
        file.seek(0)
        read = islice(payloads(chunks_of(file), *form), max(wanted))
        found.shown = [
            (wanted[n], marked(payload, wanted[n]["refusals"]))
            for n, payload in enumerate(read, 1)
            if n in wanted
        ]
    return found
