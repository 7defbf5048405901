"""In which form a file comes, by its name."""

from counterfoil.console import errors
from counterfoil.core.errors import Refused
from counterfoil.faces import BodyForm

_TYPES = {
    "ndjson": "application/x-ndjson", "jsonl": "application/x-ndjson", "json": "application/json", "csv": "text/csv",
}  # fmt: skip


def form_of(name: str) -> BodyForm:
    """That of `day.ndjson.gz`, say. Raises `Refused` (CON-415)."""
    plain = name.lower()
    packed = plain.endswith(".gz")
    ending = plain.removesuffix(".gz").rpartition(".")[2]
    if ending not in _TYPES:
        raise Refused(errors.UNKNOWN_ENDING(name=name))
    return BodyForm(_TYPES[ending], "gzip" if packed else "")
