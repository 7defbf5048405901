"""Draws the pages of the registry for the manual: `make screenshots`, or this module with a directory."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from counterfoil.core.postgres import EmbeddedPostgres
from tests.conftest import fresh_database, template
from tests.console.browser.pages import PAGES
from tests.console.browser.running import chromium, running

TARGET = Path(__file__).parents[3] / "docs" / "console"
THEMES = ("light", "dark")


def draw(target: Path) -> None:
    """Every page that is to be drawn, in both themes."""
    executable = chromium()
    if executable is None:
        sys.exit("No Chromium: run `make browser`, or name one in COUNTERFOIL_CHROMIUM.")
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as home:
        server = EmbeddedPostgres(Path(home))
        try:
            template(server)
            with fresh_database(server) as database, running(database, executable) as site:
                for page in (page for page in PAGES if page.drawn):
                    for theme in THEMES:
                        with site.person(page.role, theme=theme) as window:
                            window.goto(page.path)
                            window.wait_for_selector(page.waits_for)
                            window.screenshot(path=target / f"{page.name}-{theme}.png")
                            sys.stdout.write(f"{page.name}, {theme}\n")
        finally:
            server.stop()


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
