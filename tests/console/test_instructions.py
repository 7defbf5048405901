"""The pages of instructions: who sees which and how much of the other side, and what can be done there."""

import re
from html import unescape
from typing import Any

import pytest

from counterfoil.console.pages import instructions
from counterfoil.core.db import Database
from counterfoil.settlement import Link, LinkKind, Partial
from tests.console.conftest import House, opened
from tests.settlement.market import ANNA, BERT, CORA, FIXED, NOON, NOTES, Market, own

WHOLE = {"partial": Partial.NOT_ALLOWED}
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def book(shared_database: Database) -> Market:
    """Of Anna and Bert one that has settled, one that lacks securities, one alone, two linked; Bert and Cora have one
    of their own. Anna is who signs in as `other`.
    """
    market = opened_market(shared_database)
    market.give(ANNA, 10, FIXED)
    sell(market, "SETTLED", 6)
    sell(market, "LACKING", 100)
    market.submit(market.side("DELI", ANNA, BERT, NOTES, 1000, None, reference="ALONE"))
    market.submit(market.side("RECE", BERT, ANNA, NOTES, 2000, None, reference="BERTS-SECRET"))
    sell(market, "AFTER", 2, sell_links=(Link(LinkKind.AFTER, "LACKING"),))
    market.submit(
        *market.trade(
            BERT, CORA, FIXED, 50, None, both=WHOLE, sell_reference="OF-BERT", buy_reference="OF-CORA"
        )
    )
    return market


def opened_market(database: Database) -> Market:
    return Market(database).open()


def sell(market: Market, reference: str, quantity: int, **more: Any) -> None:
    names = {"sell_reference": reference, "buy_reference": f"B-{reference}"}
    sides = market.trade(ANNA, BERT, FIXED, quantity, None, both=WHOLE, **names, **more)
    assert market.submit(*sides) == ["ok", "ok"]


@pytest.fixture(scope="module")
def desk(book: Market, assets) -> House:
    house = opened(book.database, assets)
    house.clock.advance(NOON - house.clock.now())
    return house


def references(page: str) -> list[str]:
    """The instructions of a list, in order."""
    return re.findall(r'href="/console/settlement/instructions/[0-9a-f-]+">([^<]*)</a>', page)


def path_of(market: Market, reference: str) -> str:
    (found,) = market.rows(f"SELECT id FROM settlement.instruction WHERE reference = '{reference}'")
    return f"/console/settlement/instructions/{found[0]}"


ALL = [
    "OF-CORA",
    "OF-BERT",
    "B-AFTER",
    "AFTER",
    "BERTS-SECRET",
    "ALONE",
    "B-LACKING",
    "LACKING",
    "B-SETTLED",
    "SETTLED",
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ALL),
        ("?state=&isin=&party=&reason=&due=&after=", ALL),
        ("?state=settled", ["B-SETTLED", "SETTLED"]),
        ("?state=unmatched", ["BERTS-SECRET", "ALONE"]),
        ("?reason=LACK", ["OF-CORA", "OF-BERT", "B-LACKING", "LACKING"]),
        (f"?party={CORA}", ["OF-CORA"]),
        (f"?isin={NOTES.lower()}&state=unmatched", ["BERTS-SECRET", "ALONE"]),
        ("?reference=LACKING", ["LACKING"]),
        ("?due=2026-11-01", []),
        (f"?account={own(CORA)}", ["OF-CORA"]),
        (f"?account={own(BERT)}&state=settled", ["B-SETTLED"]),
        ("?account=NOBODY", []),
        ("?until=2026-11-22", []),
        ("?from=2026-11-23&until=2026-11-23&reason=LACK", ["OF-CORA", "OF-BERT", "B-LACKING", "LACKING"]),
        ("?most=0&state=settled", ["B-SETTLED", "SETTLED"]),
        ("?least=0.01&most=", []),
        ("?sort=received", ALL[::-1]),
        ("?sort=-received&state=unmatched", ["BERTS-SECRET", "ALONE"]),
        (f"?sort=reference&party={ANNA}", ["AFTER", "ALONE", "LACKING", "SETTLED"]),
        (f"?sort=-reference&party={ANNA}", ["SETTLED", "LACKING", "ALONE", "AFTER"]),
    ],
)
def test_the_queue_is_filtered_and_ordered_by_its_address(desk: House, query: str, found: list[str]) -> None:
    assert references(desk.person("operator").get(f"/console/settlement{query}").text) == found


def test_titles_offer_the_orders_that_the_filters_allow(desk: House) -> None:
    def offered(query: str) -> dict[str, str]:
        page = desk.person("operator").get(f"/console/settlement{query}").text
        found = re.findall(r'aria-sort="(\w+)">\s*<a href="[^"]*sort=(-?\w+)', page)
        return {order: direction for direction, order in found}

    assert offered("") == {"-amount": "none", "intended": "none", "received": "descending"}
    assert offered("?sort=-amount") == {"amount": "descending", "intended": "none", "-received": "none"}
    assert set(offered("?state=pending&sort=intended")) == {"-amount", "-intended", "priority", "-received"}
    assert set(offered("?reason=LACK")) == {"-amount", "priority", "received"}
    assert offered("?state=settled&sort=-amount") == {}, "no index carries it, so the default holds"
    assert "-amount" in offered("?state=pending&sort=priority&after=")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?sort=id;DROP", "CON-422"),
        ("?sort=--amount", "CON-422"),
        ("?sort=-amount&after=x", "COR-004"),
        ("?sort=-amount&after=NaN~0193a000-0000-7000-8000-000000000001", "COR-004"),
        ("?after=%00", "COR-004"),
        ("?least=NaN", "CON-422"),
        ("?least=-1", "CON-422"),
        (f"?most={'9' * 60}", "CON-422"),
        ("?most=1e9999999", "CON-422"),
        ("?from=tomorrow", "CON-422"),
        (f"?account={'A' * 36}", "CON-422"),
    ],
)
def test_an_address_that_no_page_has_is_refused(desk: House, query: str, code: str) -> None:
    answer = desk.person("operator").get(f"/console/settlement{query}")
    assert (answer.status_code, code in answer.text) == (422, True)


def test_the_order_goes_on_to_the_next_page_and_stays_when_it_is_filtered(
    desk: House, book: Market, monkeypatch
) -> None:
    monkeypatch.setattr(instructions, "PAGE", 3)
    monkeypatch.setattr(instructions.cut, "__defaults__", (3,))
    client, path, found = desk.person("operator"), "/console/settlement?sort=received", []
    while path:
        page = client.get(path).text
        assert 'form="queue-filters" name="sort" value="received"' in page
        found += references(page)
        path = unescape((re.findall(r'href="([^"]*after=[^"]*)"', page) or [""])[0])
    assert found == ALL[::-1]


def test_a_party_finds_its_own_in_the_queue_only(desk: House) -> None:
    hers = ["AFTER", "ALONE", "LACKING", "SETTLED"]
    client = desk.person("other")
    for query in ("", f"?party={BERT}", "?state="):
        assert references(client.get(f"/console/settlement{query}").text) == hers
    assert references(client.get("/console/settlement?reference=OF-CORA").text) == []


def test_the_depository_sees_both_sides_and_a_party_of_the_other_what_it_has_agreed_upon(
    desk: House, book: Market
) -> None:
    path = path_of(book, "LACKING")
    for role in ("operator", "auditor"):
        page = desk.person(role).get(path).text
        assert own(ANNA) in page
        assert own(BERT) in page
        assert "B-LACKING" in page
    page = desk.person("other").get(path).text
    assert own(ANNA) in page
    assert BERT in page
    assert own(BERT) not in page
    assert "B-LACKING" not in page
    assert "not shown to the counterparty" in page


def test_why_it_waits_is_answered_with_what_is_missing_and_who_can_help(desk: House, book: Market) -> None:
    page = desk.person("other").get(path_of(book, "LACKING")).text
    why = page[page.index('class="why"') : page.index("Both sides")]
    for told in ("LACK", own(ANNA), FIXED, "100", "4", ANNA):
        assert told in why
    page = desk.person("other").get(path_of(book, "ALONE")).text
    assert "DQUA" in page
    assert "2000" in page
    assert "BERTS-SECRET" not in page


def test_links_and_history_are_shown_with_their_pages(desk: House, book: Market) -> None:
    page = desk.person("other").get(path_of(book, "AFTER")).text
    assert "<td>settles after</td>" in page
    assert path_of(book, "LACKING") in page
    assert "<td>settles before</td>" in desk.person("other").get(path_of(book, "LACKING")).text
    page = desk.person("other").get(path_of(book, "SETTLED")).text
    told = [
        page.index(f"<strong>{moment}")
        for moment in ("accepted (SF I)", "matched (SF II)", "settled (SF III)")
    ]
    assert told == sorted(told)


def test_anothers_instruction_looks_as_if_it_were_not_there(desk: House, book: Market) -> None:
    client = desk.person("other")
    foreign = path_of(book, "OF-BERT")
    unknown = foreign[:-12] + "0" * 12
    answers = [client.get(path) for path in (foreign, unknown)]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].text == answers[1].text.replace(unknown, foreign)
    for act in ("hold", "release", "cancel", "priority"):
        answer = client.post(f"{foreign}/{act}", data={"reason": "x", "priority": "2"})
        assert (answer.status_code, "CON-404" in answer.text) == (404, True), act


@pytest.mark.parametrize("role", ["auditor", "approver"])
def test_who_only_reads_is_offered_nothing_and_refused_everything(
    desk: House, book: Market, role: str
) -> None:
    path, client = path_of(book, "LACKING"), desk.person(role)
    assert f'action="{path}' not in client.get(path).text
    for act in ("hold", "release", "cancel", "priority"):
        answer = client.post(f"{path}/{act}", data={"reason": "x", "priority": "2"})
        assert (answer.status_code, "ACC-403" in answer.text) == (403, True), act


def test_what_one_has_not_answered_is_alleged_to_that_party(desk: House) -> None:
    rows = desk.person("other").get("/console/settlement/allegements").text
    assert NOTES in rows
    assert BERT in rows
    assert "deliver" in rows
    assert "/console/settlement/instructions/" not in rows, "it is the other's instruction"
    everyone = desk.person("operator").get("/console/settlement/allegements").text
    assert everyone.count(f">{NOTES}</a>") == 2
    assert (
        "Nothing matches" in desk.person("operator").get(f"/console/settlement/allegements?party={CORA}").text
    )
    assert NOTES not in desk.person("issuer").get("/console/settlement/allegements").text


def test_what_can_be_done_is_done_with_its_reason_and_kept(database: Database, assets) -> None:
    market = opened_market(database)
    market.give(ANNA, 10, FIXED)
    sell(market, "HELD", 6, sell_holds=1)
    house = opened(database, assets)
    house.clock.advance(NOON - house.clock.now())
    path, anna, operator = path_of(market, "HELD"), house.sign_in("other"), house.sign_in("operator")
    assert anna.post(f"{path}/hold", data={"reason": " "}).status_code == 422
    refused = anna.post(f"{path}/hold", data={"reason": "x", "flag": "CSD"})
    assert (refused.status_code, "SET-021" in refused.text) == (403, True)
    assert operator.post(f"{path}/hold", data={"reason": HOSTILE, "flag": "CSD"}).status_code == 303
    assert "SET-022" in anna.post(f"{path}/priority", data={"reason": "x", "priority": "1"}).text
    assert anna.post(f"{path}/priority", data={"reason": "urgent", "priority": "2"}).status_code == 303
    assert anna.post(f"{path}/release", data={"reason": "ready"}).status_code == 303
    page = anna.get(path).text
    assert "held by the depository" in page.lower() or "CSDH" in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert operator.post(f"{path}/release", data={"reason": "cleared", "flag": "CSD"}).status_code == 303
    page = operator.get(path).text
    assert "settled (SF III)" in page
    assert "reason: cleared" in page
    over = operator.post(f"{path}/cancel", data={"reason": "too late"})
    assert (over.status_code, "SET-019" in over.text) == (409, True)


def test_a_cancellation_needs_both_sides_or_the_depository(database: Database, assets) -> None:
    market = opened_market(database)
    sell(market, "BOTH", 6)
    sell(market, "HOUSE", 6)
    house = opened(database, assets)
    anna, operator = house.sign_in("other"), house.sign_in("operator")
    path = path_of(market, "BOTH")
    assert anna.post(f"{path}/cancel", data={"reason": "mistaken"}).headers["location"] == path
    page = anna.get(path).text
    assert "once the counterparty asks too" in page
    assert "reason: mistaken" in page
    path = path_of(market, "HOUSE")
    operator.post(f"{path}/cancel", data={"reason": "court order"})
    page = operator.get(path).text
    assert "The instruction is cancelled." in page
    assert "reason: court order" in page
    assert f'action="{path}' not in page


def test_a_part_is_released_and_links_are_put_in_and_taken_out(database: Database, assets) -> None:
    market = opened_market(database)
    market.give(ANNA, 100, FIXED)
    names = {"sell_reference": "PART", "buy_reference": "B-PART"}
    market.submit(*market.trade(ANNA, BERT, FIXED, 40, None, sell_holds=1, **names))
    sell(market, "LATER", 5, sell_holds=1)
    house = opened(database, assets)
    house.clock.advance(NOON - house.clock.now())
    path, anna = path_of(market, "PART"), house.sign_in("other")
    assert "Release a part" in anna.get(path).text
    for quantity in ("0", "41", "NaN", "1e99999", "", "-1"):
        answer = anna.post(f"{path}/release-part", data={"reason": "x", "quantity": quantity})
        assert answer.status_code == 422, quantity
    assert anna.post(f"{path}/release-part", data={"reason": "some", "quantity": "15"}).status_code == 303
    page = anna.get(path).text
    assert "Settled in parts" in page
    assert "<div><dt>Settled</dt><dd>15</dd></div>" in page
    assert "released quantity: 15" in page
    assert "Release a part" not in house.sign_in("auditor").get(path).text

    def act(name: str, **form: str) -> int:
        return anna.post(f"{path}/{name}", data={"reason": "so", **form}).status_code

    assert act("partial", partial="NPAR") == 303
    assert '<option value="NPAR" selected>' in anna.get(path).text
    assert act("partial", partial="ALL") == 422
    assert act("link", kind="AFTE", reference="LATER") == 303
    assert "<td>settles after</td>" in anna.get(path).text
    assert act("link", kind="BEFO", reference="LATER") == 422, "a circle"
    assert act("link", kind="AFTE", reference="<script>") == 422
    assert act("unlink", reference="NOBODY") == 422
    assert act("unlink", reference="LATER") == 303
    assert "<td>settles after</td>" not in anna.get(path).text


def test_a_side_is_told_that_the_other_has_asked_for_a_cancellation(database: Database, assets) -> None:
    market = opened_market(database)
    sell(market, "BOTH", 6)
    house = opened(database, assets)
    anna, operator = house.sign_in("other"), house.sign_in("operator")
    anna.post(f"{path_of(market, 'BOTH')}/cancel", data={"reason": "mistaken"})
    assert "Its cancellation is asked for." in anna.get(path_of(market, "BOTH")).text
    page = operator.get(path_of(market, "B-BOTH")).text
    assert "The counterparty has asked for its cancellation." in page
    assert "mistaken" not in page, "why is said to the depository on its own side"


def test_the_chosen_are_held_released_and_cancelled_together(database: Database, assets) -> None:
    market = opened_market(database)
    market.give(ANNA, 6, FIXED)
    for reference in ("ONE", "TWO", "THREE"):
        sell(market, reference, 100)
    sell(market, "DONE", 6)
    market.submit(market.side("DELI", ANNA, BERT, NOTES, 1000, None, reference="ALONE"))
    house = opened(database, assets)
    house.clock.advance(NOON - house.clock.now())
    anna = house.sign_in("other")
    ids = {
        n: path_of(market, n).rpartition("/")[2] for n in ("ONE", "TWO", "THREE", "DONE", "ALONE", "B-ONE")
    }

    def act(verb: str, *names: str, **form: str) -> str:
        form = {"reason": "together", "ids": [ids[n] for n in names], **form}  # type: ignore[dict-item]
        answer = anna.post(f"/console/settlement/chosen/{verb}", data=form)
        return anna.get("/console/settlement").text if answer.status_code == 303 else answer.text

    page = act("hold", "ONE", "TWO", "ALONE", "DONE", "B-ONE")
    assert "3 held; 1 refused: Already settled (SET-019); 1 refused: Unknown instruction (SET-018)." in page
    assert page.count(">held</span>") == 3
    assert page.count('name="ids"') == 4, "what has settled cannot be chosen"
    assert "reason: together" in anna.get(path_of(market, "TWO")).text
    assert "SET-021" in act("hold", "ONE", flag="CSD")
    assert "2 released." in act("release", "ONE", "ALONE")
    assert "1 cancelled, 1 asked for: they are cancelled once the counterparty asks too." in act(
        "cancel", "TWO", "ALONE"
    )
    assert "CON-404" in act("cancel", "B-ONE"), "another's looks as if it were not there"
    assert "CON-422" in act("hold"), "nothing is chosen"
    assert "CON-422" in act("hold", "ONE", reason=" ")
    auditor = house.sign_in("auditor")
    assert 'name="ids"' not in auditor.get("/console/settlement").text
    assert (
        auditor.post("/console/settlement/chosen/hold", data={"ids": ids["ONE"], "reason": "x"}).status_code
        == 403
    )


def test_the_palette_finds_an_instruction_that_one_may_see(desk: House, book: Market) -> None:
    path = path_of(book, "OF-BERT")
    id_ = path.rpartition("/")[2]
    assert path in desk.person("operator").get(f"/console/find?q={id_}").text
    assert path not in desk.person("other").get(f"/console/find?q={id_}").text
    assert path_of(book, "ALONE") in desk.person("other").get("/console/find?q=ALONE").text
    assert "/instructions/" not in desk.person("other").get("/console/find?q=OF-BERT").text
