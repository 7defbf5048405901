"""The worked examples in the docstrings of payoffs."""

import doctest
from types import ModuleType

import pytest

from counterfoil.instruments.payoff import (
    capital_protection,
    credit,
    debt,
    express,
    factor,
    knock_outs,
    participation,
    warrants,
    yield_enhancement,
)
from tests.instruments.paying import pay

FAMILIES = (
    capital_protection, credit, debt, express, factor, knock_outs, participation, warrants, yield_enhancement,
)  # fmt: skip


@pytest.mark.parametrize("module", FAMILIES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_the_examples_of_a_family_hold(module: ModuleType) -> None:
    result = doctest.testmod(module, extraglobs={"pay": pay})
    assert result.attempted > 0
    assert result.failed == 0
