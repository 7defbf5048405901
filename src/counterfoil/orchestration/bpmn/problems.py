"""Collects everything that is wrong with a model, so that a modeller learns it at once."""

from lxml import etree

from counterfoil.core.errors import Refusal, Refused, Rule
from counterfoil.orchestration.bpmn.reading import local_name
from counterfoil.orchestration.errors import EXPRESSION_INVALID, EXPRESSION_MISSING
from counterfoil.orchestration.feel import FeelExpression, FeelSyntax, FixedText, from_model

_REPORTED_MAX = 200
"""Problems reported of one model; a file with more is no model that somebody mends by hand."""


def label(node: etree._Element) -> str:
    """An element's id and, in quotes, its name."""
    name = " ".join((node.get("name") or "").split())
    return (node.get("id") or "without id") + (f' "{name[:80]}"' if name else "")


class Problems:
    """The problems found so far. The pointer of each is `/` and the id of the element."""

    def __init__(self) -> None:
        self._found: list[Refusal] = []

    def add(self, rule: Rule, node: etree._Element, /, **values: object) -> None:
        """Note that `node` breaks `rule`; the rule's `{type}` and `{element}` are the node's tag and label."""
        given = {"type": local_name(node), "element": label(node), **values}
        refusal = rule(f"/{node.get('id') or ''}", **{k: v for k, v in given.items() if k in rule.names})
        if refusal not in self._found:
            self._found.append(refusal)

    def raise_any(self) -> None:
        """Raise `Refused` with all of them, if there are any."""
        if self._found:
            raise Refused(*self._found[:_REPORTED_MAX])

    def expression(self, node: etree._Element, where: str, text: str | None) -> FeelExpression | None:
        """The expression that `text` must be, with its leading `=`; None, and noted, where it is not."""
        stripped = (text or "").strip()
        if not stripped.startswith("="):
            self.add(EXPRESSION_MISSING, node, where=where)
            return None
        value = self.value(node, where, stripped)
        return value if isinstance(value, FeelExpression) else None

    def value(self, node: etree._Element, where: str, text: str) -> FeelExpression | FixedText | None:
        """An expression where `text` begins with `=`, otherwise the text itself; None, and noted, on an error."""
        try:
            found = from_model(text)
        except FeelSyntax as error:
            self.add(EXPRESSION_INVALID, node, where=where, position=error.position, reason=error.reason)
            return None
        if isinstance(found, FeelExpression) and found.uses_clock:
            # The path of an instance follows from its variables alone; a business date is one of them.
            reason = "now() and today() are not offered in models; pass the date in as a variable"
            self.add(EXPRESSION_INVALID, node, where=where, position=0, reason=reason)
            return None
        return found
