"""The palette finds by the beginning what the visitor may see, and nothing else."""

import re

import pytest

from tests.console.conftest import House


def paths(house: House, role: str, text: str) -> list[str]:
    """The pages that are found for a text."""
    answer = house.person(role).request("GET", "/console/find", params={"q": text})
    assert answer.status_code == 200
    return re.findall('data-path="([^"]*)"', answer.text)


@pytest.mark.parametrize("text", ["ACCOUNT-", "account-", " acc ", "ACCOUNT-A"])
def test_an_account_is_found_by_the_beginning_of_its_number(house: House, text: str) -> None:
    everything = paths(house, "operator", text)
    assert "/console/accounts/ACCOUNT-A" in everything
    assert ("/console/accounts/ACCOUNT-B" in everything) == (not text.endswith("-A"))
    assert paths(house, "issuer", text) == ["/console/accounts/ACCOUNT-A"]


@pytest.mark.parametrize("text", ["", "A", "CCOUNT", "%", "_CCOUNT-A", "ACCOUNT-%", "<b>", "'", "\u0000x"])
def test_what_does_not_begin_so_is_not_found(house: House, text: str) -> None:
    assert paths(house, "operator", text.replace("\0", "")) == []


def test_a_text_that_is_too_long_is_refused(house: House) -> None:
    assert house.person("operator").get(f"/console/find?q={'A' * 65}").status_code == 422


def test_nobody_finds_anything_unless_signed_in(house: House) -> None:
    assert house.stranger().get("/console/find?q=ACC").status_code == 303
