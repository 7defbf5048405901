"""What the outside relies on, kept as files: a change must be seen. `make golden` rewrites them."""

import json
import os
from pathlib import Path

import pytest

import counterfoil.app  # noqa: F401 - every room enters its codes into the catalogue
from counterfoil.api import Services, create_api
from counterfoil.core.clock import SystemClock
from counterfoil.core.errors import CATALOGUE

HERE = Path(__file__).parent
MANUAL = Path(__file__).parents[2] / "docs" / "errors.md"


def openapi() -> str:
    document = create_api(Services(None, SystemClock())).openapi()
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def catalogue() -> str:
    head = "# Error codes\n\nEach code is for ever. `counterfoil errors CODE` explains one.\n\n"
    rows = "".join(
        f"| {r.code} | {r.status} | {r.title} | {r.detail} | {r.remedy} |\n"
        for _, r in sorted(CATALOGUE.items())
    )
    return head + "| code | HTTP | title | what is wrong | what to do |\n|---|---|---|---|---|\n" + rows


@pytest.mark.parametrize(("path", "make"), [(HERE / "openapi.json", openapi), (MANUAL, catalogue)])
def test_the_file_says_what_the_code_says(path, make):
    if os.environ.get("COUNTERFOIL_GOLDEN") == "rewrite":
        path.write_text(make(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == make(), "run `make golden` and look at the difference"


def test_every_rule_says_what_to_do():
    assert [r.code for r in CATALOGUE.values() if not r.remedy or not r.title] == []
