"""Bonds against the published test cases of ACTUS; the page `docs/actus.md` says what came of each."""

import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.instruments.actus import Case, cases, differences

PAGE = Path(__file__).parents[2] / "docs" / "actus.md"
EXPLAINED = {
    "pam25": "It matures on 31 December at 23:59:59, and ACTUS counts that as the next day: 61 days of interest "
    "instead of 60. Terms here know days, not times of day; interest runs to the maturity date, as bond terms say.",
}
HEAD = """# Conformance with ACTUS

ACTUS publishes contracts with the cash flows they must give. Each that can be written in the terms of a bond is
written so, and every payment is compared: its day, the exact amount to seven decimals, and the amount paid to the
cent. The cases are read from outside this repository. `make golden` writes this page anew, and a test fails where it
is stale.

How terms are mapped: the principal is one denomination; a borrower's contract is read from the lender's side; a
payment of nothing on the first day is no event here; the first exchange with its premium is the issue, not servicing.
A contract that began before its status date runs from that date. A rate that is reset less often than it is paid is
told again for each period. A long last period is stated by `last_date`.

"""


@pytest.fixture(scope="module")
def published(shared_samples: Path) -> list[Case]:
    folder = shared_samples / "actus"
    if not folder.is_dir():
        pytest.skip(f"the cases of ACTUS are not at {folder}")
    return cases(folder)


def page(published: list[Case]) -> str:
    fit = [c for c in published if c.obstacle is None]
    found = {c.name: differences(c) for c in fit}
    agreeing = sum(not d for d in found.values())
    counts = (
        f"**{len(fit)} of {len(published)} cases apply; {agreeing} of these agree in every payment.**\n\n"
    )
    rows = [
        f"| {c.name} | {len(c.expected())} | {'agrees' if not found[c.name] else '; '.join(found[c.name])} |\n"
        for c in fit
    ]
    whys = [f"- `{name}`: {why}\n" for name, why in EXPLAINED.items()]
    reasons = Counter((c.kind, c.obstacle) for c in published if c.obstacle)
    others = [f"| {kind} | {number} | {why} |\n" for (kind, why), number in sorted(reasons.items())]
    return (
        HEAD + counts + "| case | payments | result |\n|---|---|---|\n" + "".join(rows)
        + "\n## Why some differ\n\n" + "".join(whys)
        + "\n## What does not apply\n\n"
        + "Bonds here are paid back whole, or in parts by decision of the issuer, not by a plan.\n\n"
        + "| type | cases | because |\n|---|---|---|\n" + "".join(others)
    )  # fmt: skip


def test_every_bond_agrees_or_its_difference_is_explained(published: list[Case]):
    differing = {c.name: differences(c) for c in published if c.obstacle is None and differences(c)}
    assert differing.keys() == EXPLAINED.keys(), differing


def test_the_page_says_what_was_found(published: list[Case]):
    made = page(published)
    if os.environ.get("COUNTERFOIL_GOLDEN") == "rewrite":
        PAGE.write_text(made, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == made


def test_a_wrong_amount_or_day_is_noticed(published: list[Case]):
    case = published[0]
    changed = [dict(r) for r in case.results]
    last = changed[-1]
    last["payoff"] = float(last["payoff"]) + 0.01
    assert differences(Case(case.name, case.terms, case.data, changed)) != []
    last |= {"payoff": case.results[-1]["payoff"], "eventDate": date(2014, 1, 2).isoformat()}
    assert differences(Case(case.name, case.terms, case.data, changed))[0].startswith("days")
