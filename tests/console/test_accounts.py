"""The pages of accounts: who sees which, in which order, and what can be done there."""

from decimal import Decimal
from unittest.mock import patch

import pytest

from counterfoil.console.rendering import number
from counterfoil.core.ids import new_id
from counterfoil.ledger import (
    AccountKind,
    Booking,
    Funding,
    Posting,
    accounts_by_number,
    book,
    fund,
    open_accounts,
)
from tests.console.conftest import ISSUER, NOW, OTHER, House


def numbers(page: str) -> list[str]:
    """The accounts of a list, in order."""
    return [part.partition('"')[0] for part in page.split('href="/console/accounts/')[1:]]


def test_a_party_sees_its_own_accounts_only(house: House) -> None:
    assert numbers(house.person("operator").get("/console/accounts").text) == ["ACCOUNT-A", "ACCOUNT-B"]
    issuer = house.person("issuer")
    for query in ("", f"?owner={OTHER}", "?number=ACCOUNT-B", "?sort=-number"):
        assert set(numbers(issuer.get(f"/console/accounts{query}").text)) <= {"ACCOUNT-A"}
    assert OTHER not in issuer.get(f"/console/accounts?owner={OTHER}").text.replace(
        f'value="{OTHER}"', ""
    ).replace(f"owner={OTHER}", "")
    foreign, unknown = issuer.get("/console/accounts/ACCOUNT-B"), issuer.get("/console/accounts/ACCOUNT-C")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text.replace("ACCOUNT-B", "ACCOUNT-C") == unknown.text


@pytest.mark.parametrize("role", ["auditor", "approver"])
def test_who_only_reads_is_offered_nothing_and_refused_everything(house: House, role: str) -> None:
    client = house.person(role)
    page = client.get("/console/accounts/ACCOUNT-A").text
    assert "/block" not in page
    for act in ("block", "unblock"):
        answer = client.post(f"/console/accounts/ACCOUNT-A/{act}", data={"reason": "x"})
        assert answer.status_code == 403
        assert "ACC-403" in answer.text


def test_an_issuer_operates_its_own_account_alone(house: House) -> None:
    assert (
        house.person("other").post("/console/accounts/ACCOUNT-A/block", data={"reason": "x"}).status_code
        == 404
    )


def test_a_block_is_made_with_a_reason_told_and_shown(own_house: House) -> None:
    client = own_house.sign_in("operator")
    assert client.post("/console/accounts/ACCOUNT-A/block", data={"reason": ""}).status_code == 422
    answer = client.post("/console/accounts/ACCOUNT-A/block", data={"reason": "<b>lost</b>", "side": "debit"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/accounts/ACCOUNT-A")
    page = client.get("/console/accounts/ACCOUNT-A").text
    assert "Account ACCOUNT-A is blocked." in page
    assert "&lt;b&gt;lost&lt;/b&gt;" in page
    assert "csd debit" in page
    assert "is blocked." not in client.get("/console/accounts/ACCOUNT-A").text, "it is said once"
    assert numbers(client.get("/console/accounts?state=blocked").text) == ["ACCOUNT-A"]
    headers = {"HX-Request": "true"}
    answer = client.request(
        "POST", "/console/accounts/ACCOUNT-A/unblock", data={"reason": "found"}, headers=headers
    )
    assert answer.headers["hx-redirect"] == "/console/accounts/ACCOUNT-A"
    assert numbers(client.get("/console/accounts?state=blocked").text) == []


def test_the_list_goes_on_where_the_page_before_ended_in_both_orders(own_house: House) -> None:
    wanted = [(f"N-{n:03}", AccountKind.OWN, ISSUER) for n in range(120)]
    with own_house.database.transaction() as tx:
        open_accounts(tx, wanted, NOW)
    client = own_house.sign_in("operator")
    everything = sorted([number for number, _, _ in wanted])
    for sort, expected in (("number", everything), ("-number", everything[::-1])):
        address, found = f"/console/accounts?number=n-&sort={sort}", []
        for _ in range(3):
            page = client.get(address).text
            found += numbers(page)
            address = (
                page.rpartition('">Next page')[0]
                .rpartition('href="')[2]
                .partition('"')[0]
                .replace("&amp;", "&")
            )
        assert found == expected
        assert "Next page" not in page


def test_hostile_text_in_an_address_is_shown_as_text(house: House) -> None:
    page = house.person("operator").get('/console/accounts?number="><script>alert(1)</script>').text
    assert "<script>alert" not in page
    assert "Nothing matches." in page
    assert page.count("Clear the filters") == 1


def test_the_page_is_drawn_in_the_theme_that_was_chosen(house: House) -> None:
    client = house.sign_in("operator")
    for chosen, drawn in (
        ("dark", ' data-theme="dark"'),
        ("light", ' data-theme="light"'),
        ('"><script>', ""),
    ):
        client.cookies.set("counterfoil_theme", chosen, domain="console.test", path="/console")
        assert f'<html lang="en"{drawn}>' in client.get("/console/accounts").text


def test_an_account_as_of_a_moment_and_its_statement(own_house: House) -> None:
    operator = own_house.sign_in("operator")
    with own_house.database.transaction() as tx:
        money = Funding("ACCOUNT-A", "EUR", Decimal("1000.50"), "F1", new_id())
        fund(tx, [money], booked_at=own_house.clock.now(), actor="test")
    page = operator.get("/console/accounts/ACCOUNT-A").text
    assert "/console/accounts/ACCOUNT-A/statement?asset=EUR" in page
    assert (
        "EUR"
        not in operator.get("/console/accounts/ACCOUNT-A?at=2026-11-19T00:00:00").text.partition("<tbody")[2]
    )
    page = operator.get("/console/accounts/ACCOUNT-A/statement?asset=EUR&from=2026-11-20&to=2026-11-20").text
    assert page.count(number(Decimal("1000.50"))) >= 2
    assert "F1" in page
    empty = operator.get("/console/accounts/ACCOUNT-A/statement?asset=EUR&from=2026-11-21&to=2026-11-21").text
    assert "Nothing moved in these days." in empty
    assert (
        own_house.sign_in("other").get("/console/accounts/ACCOUNT-A/statement?asset=EUR").status_code == 404
    )
    wrong = operator.get("/console/accounts/ACCOUNT-A/statement?asset=EUR&after=nowhere")
    assert (wrong.status_code, "CON-422" in wrong.text) == (422, True)


@pytest.mark.parametrize("days", ["to=9999-12-31", "from=2026-11-21&to=2026-11-20", "from=9999-12-31"])
def test_days_that_are_no_period_are_refused(house: House, days: str) -> None:
    answer = house.person("operator").get(f"/console/accounts/ACCOUNT-A/statement?asset=EUR&{days}")
    assert (answer.status_code, "LED-021" in answer.text) == (422, True)


def test_a_statement_leads_to_each_booking(own_house: House) -> None:
    other = "ACCOUNT-B"
    with own_house.database.transaction() as tx:
        ids = accounts_by_number(tx, ["ACCOUNT-A", other])
        fund(tx, [Funding("ACCOUNT-A", "EUR", Decimal(100), "start", new_id())], booked_at=NOW, actor="test")
        moved = Booking(
            new_id(), "test", new_id(),
            (Posting(ids["ACCOUNT-A"], "EUR", Decimal(-30)), Posting(ids[other], "EUR", Decimal(30))),
        )  # fmt: skip
        book(tx, [moved], booked_at=NOW, actor="somebody")
    operator = own_house.sign_in("operator")
    page = operator.get(f"/console/accounts/{other}/statement?asset=EUR&from=2026-11-20&to=2026-11-20").text
    address = page.partition('href="/console/bookings/')[2].partition('"')[0].replace("&amp;", "&")
    assert address.startswith(str(moved.id))
    booking = operator.get(f"/console/bookings/{address}").text
    assert "/console/accounts/ACCOUNT-A" in booking
    assert f"/console/accounts/{other}" in booking
    assert "-30.00" in booking
    assert "somebody" in booking
    assert f"/console/bookings/{moved.id}" in operator.get(f"/console/find?q={moved.id}").text
    own = own_house.sign_in("other").get(f"/console/bookings/{address}").text
    assert "ACCOUNT-A" not in own
    assert f"/console/accounts/{other}" in own
    assert "somebody" not in own


def test_a_statement_is_kept_as_a_file(own_house: House) -> None:
    with own_house.database.transaction() as tx:
        money = [Funding("ACCOUNT-A", "EUR", Decimal(n), f"=F{n}", new_id()) for n in (1, 2, 3)]
        fund(tx, money, booked_at=own_house.clock.now(), actor="test")
    address = "/console/accounts/ACCOUNT-A/statement/file?asset=EUR&from=2026-11-20&to=2026-11-20&form="
    operator = own_house.sign_in("operator")
    with patch("counterfoil.faces.statements.PAGE", 1):
        answer = operator.get(address + "csv")
    head, *rows = answer.text.splitlines()
    assert answer.headers["content-disposition"] == (
        'attachment; filename="statement-2026-11-20-2026-11-20.csv"'
    )
    assert (head.split(",")[:2], len(rows)) == (["booked_at", "kind"], 3)
    assert ",=F" not in answer.text, "no spreadsheet takes a reference for a formula"
    assert len(operator.get(address + "ndjson").text.splitlines()) == 3
    assert operator.get(address + "pdf").status_code == 422
    assert own_house.sign_in("other").get(address + "csv").status_code == 404
    page = operator.get("/console/accounts/ACCOUNT-A/statement?asset=EUR&from=2026-11-20&to=2026-11-20").text
    assert address.replace("&", "&amp;") + "csv" in page
