"""The error catalogue: every refusal that a person can meet has one entry with a stable code.

Three kinds of error exist. A *refusal* is an expected "no" and is a value (`Refusal`); it reaches the caller
through `Refused` when a whole request fails. A *failure* (network, database) is an exception and is retried.
A *bug* is a broken assertion (`ensure`) and stops the batch.
"""

from dataclasses import dataclass, field
from string import Formatter


@dataclass(frozen=True, slots=True)
class Refusal:
    """One broken rule of one item: what is wrong, where (a JSON pointer, RFC 6901; "" is the whole), why."""

    code: str
    pointer: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        """The form that the API, the CLI and the database use."""
        return {"code": self.code, "pointer": self.pointer, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Rule:
    """A catalogue entry. `detail` is a template over named values; calling the rule makes a `Refusal`.

    `status` is the HTTP status when the rule refuses a whole request. `transient` says that the same
    request may pass later without a change.
    """

    code: str
    title: str
    detail: str
    remedy: str
    status: int = 422
    transient: bool = False
    names: frozenset[str] = field(default=frozenset(), repr=False)

    def __call__(self, pointer: str = "", /, **values: object) -> Refusal:
        """A refusal at `pointer`; every name in the template must be given, cut at 200
        characters and without control characters."""
        return Refusal(self.code, pointer, self.detail.format(**{k: _short(v) for k, v in values.items()}))


class Refused(Exception):
    """A whole request was refused, for one or more catalogued reasons."""

    def __init__(self, *refusals: Refusal) -> None:
        ensure(bool(refusals), "a refusal needs a reason")
        self.refusals = refusals
        super().__init__("; ".join(f"{r.code} {r.detail}" for r in refusals))

    @property
    def rule(self) -> Rule:
        """The catalogue entry of the first reason: it decides the HTTP status and the problem's title."""
        return CATALOGUE[self.refusals[0].code]


CATALOGUE: dict[str, Rule] = {}


def rule(
    code: str, title: str, detail: str, remedy: str, *, status: int = 422, transient: bool = False
) -> Rule:
    """Enter a rule into the catalogue. Codes are `ROOM-NNN`, unique for ever."""
    ensure(code not in CATALOGUE, f"error code {code} is in use")
    names = frozenset(name for _, name, _, _ in Formatter().parse(detail) if name)
    entry = Rule(code, title, detail, remedy, status, transient, names)
    CATALOGUE[code] = entry
    return entry


class Bug(AssertionError):
    """A property that must always hold did not: a defect of Counterfoil, never of its input."""


def ensure(condition: bool, message: str) -> None:
    """Raise `Bug` unless `condition`. Used instead of `assert`, which `python -O` removes."""
    if not condition:
        raise Bug(message)


def _short(value: object) -> str:
    """At most 200 characters; what cannot be printed (or stored: NUL, half a surrogate pair) becomes U+FFFD."""
    text = str(value)
    if len(text) > 200:
        text = text[:197] + "..."
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)
