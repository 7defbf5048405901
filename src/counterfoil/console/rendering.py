"""Templates to pages. Every value is escaped, and one that is missing is an error."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request

from counterfoil import __version__
from counterfoil.console.assets import Assets
from counterfoil.console.places import Place
from counterfoil.core.json import dumps
from counterfoil.core.money import minor_units, round_half_up

TEMPLATES = Path(__file__).parent / "templates"
THEMES = ("light", "dark")
THEME_COOKIE = "counterfoil_theme"
"""Set by the script that changes the theme: what the page is drawn with from the first moment."""
_NARROW = "\u202f"


class Renderer:
    """Renders the templates of the console."""

    def __init__(self, assets: Assets, places: Sequence[Place]) -> None:
        self.assets = assets
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        filters: dict[str, Callable[..., Any]] = {
            "number": number,
            "held": held,
            "instant": instant,
            "day": day,
            "words": words,
            "whole": whole,
            "json": dumps,
        }
        self._environment.filters.update(filters)
        self.places = tuple(places)
        self._environment.globals.update(asset=assets.url, version=__version__)

    def render(self, template: str, request: Request, **values: object) -> str:
        """The text of a template. Raises `Refused` (CON-501) while the console is not built."""
        theme = request.cookies.get(THEME_COOKIE)
        return self._environment.get_template(template).render(
            theme=theme if theme in THEMES else None, path=request.url.path, **values
        )

    def fragment(self, template: str, **values: object) -> str:
        """A part of a page that is the same for everybody."""
        return self._environment.get_template(template).render(**values)


def whole(value: Decimal) -> Decimal:
    """Without decimals: for overviews."""
    return round_half_up(value, 0)


def number(value: Decimal | int | None) -> str:
    """Grouped by thousands with a thin space, with the decimals that it has: 1 234 567.50. Nothing for None."""
    if value is None:
        return ""
    return (
        f"{value:,f}".replace(",", _NARROW)
        if isinstance(value, Decimal)
        else f"{value:,}".replace(",", _NARROW)
    )


def held(value: Decimal | None, asset: str) -> str:
    """A quantity of an asset, grouped: money with the decimals of its currency at least (ISO 4217), as on a bill."""
    least = minor_units(asset)
    if value is None or least is None or -int(value.as_tuple().exponent) >= least:
        return number(value)
    return number(round_half_up(value, least))


def instant(value: datetime | None) -> Markup:
    """A time element in UTC; a script shows it in the viewer's zone. A dash for None."""
    if value is None:
        return Markup("–")
    at = value.astimezone(UTC)
    text = f"{at:%Y-%m-%d %H:%M:%S}"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), text, text
    )


def day(value: date | None) -> Markup:
    """A business date, which has no zone. A dash for None."""
    if value is None:
        return Markup("–")
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), value.isoformat())


def words(value: object) -> str:
    """A code as words: `client_omnibus` and `PARTY_DEBIT` as "client omnibus" and "party debit"."""
    return str(escape(str(value).replace("_", " ").lower()))
