"""Each kind of request, from the line handed in to the register, with and without a person."""

from decimal import Decimal
from pathlib import Path

import pytest

from counterfoil.ledger import positions
from counterfoil.orchestration import cancel
from counterfoil.parties import import_gleif, read_gleif
from counterfoil.processes import Policy
from counterfoil.register import extract, history
from tests.processes.desk import CLOCK, ISSUER, OTHER_ISSUER, Desk, Item, codes, new, outcomes, terms, up_to


def test_a_new_issue_is_numbered_registered_and_booked(desk: Desk) -> None:
    result = desk.one(new("R1", group="g"))
    assert {k: result[k] for k in ("outcome", "kind", "reference", "group", "entry_no", "position")} == {
        "outcome": "done", "kind": "NEW", "reference": "R1", "group": "g", "entry_no": 1, "position": 1,
    }  # fmt: skip
    assert result["isin"].startswith("DE000CF")
    with desk.database.transaction() as tx:
        held = {p["account"]: p["quantity"] for p in positions(tx, asset=result["isin"])}
        assert held == {"CSD-CONTROL": -100_000, f"{ISSUER}-ISSUER": 100_000}
        told = extract(tx, result["isin"])
    assert told is not None
    assert (told["issued"], told["state"], told["entry"]["kind"]) == ("100000", "active", "NEW")


@pytest.mark.parametrize(("numbering", "start"), [("DE", "DE000CF"), ("XS", "XS900")])
def test_an_isin_comes_from_the_series_asked_for(desk: Desk, numbering: str, start: str) -> None:
    assert desk.one(new(numbering=numbering))["isin"].startswith(start)


def test_an_isin_that_the_issuer_brings_is_kept_and_never_given_twice(desk: Desk) -> None:
    mine = new(instrument=terms(isin="DE0007664005"))
    assert desk.one(mine)["isin"] == "DE0007664005"
    again = desk.one(mine)
    assert (again["outcome"], codes(again), again["refusals"][0]["pointer"]) == (
        "rejected", ["PRC-007"], "/instrument/isin",
    )  # fmt: skip


def test_up_to_issues_start_with_what_is_asked_for_and_grow_to_the_authorised_volume(desk: Desk) -> None:
    nothing, some, too_much = desk.issue(
        [
            new(instrument=up_to()),
            new(instrument=up_to(), quantity="300"),
            new(instrument=up_to(), quantity=1001),
        ]
    )
    assert desk.issue_of(nothing["isin"]).issued == 0
    assert desk.issue_of(some["isin"]).issued == 300
    assert [(r["code"], r["pointer"]) for r in too_much["refusals"]] == [("PRC-005", "/quantity")]
    top_up = {"kind": "TOP_UP", "isin": some["isin"], "quantity": "400"}
    results = desk.issue([top_up, top_up])
    assert outcomes(results) == ["done", "rejected"]
    assert codes(results[1])[0].startswith("REG-")
    assert desk.issue_of(some["isin"]).issued == 700


def test_a_fixed_issue_takes_no_other_quantity_than_its_own(desk: Desk) -> None:
    assert codes(desk.one(new(quantity="5"))) == ["PRC-005"]
    assert desk.one(new(quantity="100000"))["outcome"] == "done"


def test_a_decrease_takes_back_what_is_not_sold(desk: Desk) -> None:
    isin = desk.one(new())["isin"]
    decrease = {"kind": "DECREASE", "isin": isin, "quantity": 60_000}
    first, second = desk.issue([decrease, decrease])
    assert (first["outcome"], first["entry_no"], second["outcome"]) == ("done", 2, "rejected")
    assert desk.issue_of(isin).issued == 40_000


def test_a_cancellation_waits_for_a_person(desk: Desk) -> None:
    isin = desk.one(new())["isin"]
    receipt = desk.hand_in([{"kind": "CANCEL", "isin": isin}])
    desk.work()
    (waiting,) = desk.results(receipt.id)
    assert (waiting["outcome"], desk.batch(receipt.id)["state"]) == ("waiting", "RUNNING")
    assert desk.batch(receipt.id)["progress"]["waiting"] == 1
    desk.answer(True)
    (done,) = desk.results(receipt.id)
    assert (done["outcome"], desk.issue_of(isin).state) == ("done", "cancelled")
    assert desk.issue_of(isin).issued == 0
    assert desk.batch(receipt.id)["state"] == "DONE"
    assert codes(desk.one({"kind": "DECREASE", "isin": isin, "quantity": 1}))[0].startswith("REG-")


def test_a_person_may_refuse_with_a_reason(desk: Desk) -> None:
    isin = desk.one(new())["isin"]
    receipt = desk.hand_in([{"kind": "CANCEL", "isin": isin}])
    desk.work()
    desk.answer(False, "units are \u0085lent")
    (refused,) = desk.results(receipt.id)
    assert (refused["outcome"], codes(refused)) == ("rejected", ["PRC-013"])
    assert refused["refusals"][0]["detail"] == "Ada refused the request: units are \ufffdlent."
    assert desk.issue_of(isin).state == "active"
    assert desk.batch(receipt.id)["state"] == "DONE_WITH_ERRORS"


def test_a_very_large_issue_wants_a_person(desk: Desk) -> None:
    big = terms(volume={"unit": "units", "mode": "fixed", "authorised": "900000000000"})
    receipt = desk.hand_in([new(instrument=big), new()])
    desk.work()
    assert outcomes(desk.results(receipt.id)) == ["waiting", "done"]
    desk.answer(True)
    assert outcomes(desk.results(receipt.id)) == ["done", "done"]


def amendment(isin: str, **changes: object) -> dict[str, object]:
    return {"kind": "AMEND", "isin": isin, "changes": changes, "issuer_consent": True}


def test_a_technical_amendment_goes_by_itself_and_an_economic_one_waits(desk: Desk) -> None:
    isin = desk.one(new())["isin"]
    assert desk.one(amendment(isin, target_market="Everybody"))["outcome"] == "done"
    receipt = desk.hand_in([amendment(isin, cap="165")])
    desk.work()
    assert outcomes(desk.results(receipt.id)) == ["waiting"]
    desk.answer(True)
    assert outcomes(desk.results(receipt.id)) == ["done"]
    with desk.database.transaction() as tx:
        assert [e["kind"] for e in history(tx, isin)] == ["NEW", "AMEND", "AMEND"]
    assert desk.issue_of(isin).terms_version == 3


def test_amendments_that_change_nothing_or_the_identity_are_refused(desk: Desk) -> None:
    isin = desk.one(new())["isin"]
    same, identity, broken = desk.issue(
        [amendment(isin, cap="160"), amendment(isin, currency="USD"), amendment(isin, cap="ten", nonsense=1)]
    )
    assert codes(same) == ["PRC-011"]
    assert codes(identity)[0].startswith("INS-")
    assert {r["pointer"] for r in broken["refusals"]} >= {"/changes/cap", "/changes/nonsense"}
    assert desk.issue_of(isin).terms_version == 1


def test_two_technical_amendments_of_one_issue_in_a_batch_follow_each_other_or_are_refused(
    desk: Desk,
) -> None:
    isin = desk.one(new())["isin"]
    results = desk.issue([amendment(isin, target_market="One"), amendment(isin, target_market="Two")])
    assert results[0]["outcome"] == "done"
    assert results[1]["outcome"] == "rejected"


@pytest.mark.parametrize("kind", ["TOP_UP", "DECREASE", "AMEND", "CANCEL"])
def test_what_is_not_registered_cannot_change(desk: Desk, kind: str) -> None:
    fields: Item = (
        {"quantity": 1} if kind in ("TOP_UP", "DECREASE") else {"changes": {}} if kind == "AMEND" else {}
    )
    assert codes(desk.one({"kind": kind, "isin": "DE000A0D6554", **fields})) == ["PRC-008"]


def test_a_reference_is_used_once_by_each_submitter(desk: Desk) -> None:
    assert desk.one(new("once"))["outcome"] == "done"
    again = desk.one(new("once"))
    assert (codes(again), again["refusals"][0]["pointer"]) == (["PRC-006"], "/reference")
    assert desk.one(new("once"), submitter=OTHER_ISSUER)["outcome"] == "done"


def test_a_reference_is_free_again_after_a_rejection(desk: Desk) -> None:
    assert desk.one(new("R", quantity="1"))["outcome"] == "rejected"
    assert desk.one(new("R"))["outcome"] == "done"


def test_a_party_acts_for_its_own_issues_only(desk: Desk) -> None:
    isin = desk.one(new())["isin"]
    foreign = {"submitter": OTHER_ISSUER, "principals": (OTHER_ISSUER,)}
    for item in (new(), {"kind": "DECREASE", "isin": isin, "quantity": 1}, {"kind": "CANCEL", "isin": isin},
                 amendment(isin, target_market="x")):  # fmt: skip
        assert codes(desk.one(item, **foreign)) == ["PRC-010"]
    both = {"submitter": OTHER_ISSUER, "principals": (OTHER_ISSUER, ISSUER)}
    assert desk.one({"kind": "DECREASE", "isin": isin, "quantity": 1}, **both)["outcome"] == "done"


def test_consent_is_the_issuers_own_or_stated(desk: Desk) -> None:
    isin = desk.one(new())["isin"]
    item = {"kind": "AMEND", "isin": isin, "changes": {"target_market": "x"}}
    assert codes(desk.one(item, submitter="depository"))[0].startswith("REG-")
    assert desk.one({**item, "issuer_consent": True}, submitter="depository")["outcome"] == "done"
    assert desk.one({**item, "changes": {"target_market": "y"}}, submitter=ISSUER)["outcome"] == "done"


def test_retired_issuers_may_not_issue_lapsed_ones_are_warned_of(desk: Desk, shared_samples: Path) -> None:
    (path,) = (shared_samples / "gleif").glob("*.json")
    with path.open("rb") as stream, desk.database.transaction() as tx:
        import_gleif(tx, stream, now=CLOCK.now())
    with path.open("rb") as stream:
        records = list(read_gleif(stream))
    lapsed = next(e.lei for e in records if e.registration_status == "LAPSED")
    issued, retired, inactive, *_ = (e.lei for e in records if e.registration_status == "ISSUED")
    with desk.database.transaction() as tx:
        for column, value, lei in (
            ("registration_status", "RETIRED", retired),
            ("entity_status", "INACTIVE", inactive),
        ):
            tx.execute(f"UPDATE parties.entity SET {column} = '{value}' WHERE lei = %(lei)s::text", lei=lei)
    good, warned, *bad = desk.issue(
        [
            new(instrument=terms(issuer=lei))
            for lei in (issued, lapsed, retired, inactive, "529900T8BM49AURSDO55")
        ]
    )
    assert (good["outcome"], good.get("warnings")) == ("done", None)
    assert (warned["outcome"], warned["warnings"]) == ("done", [f"{lapsed}: its LEI is LAPSED"])
    assert [codes(b) for b in bad] == [["PRC-009"]] * 3


def test_an_issuer_that_retires_later_may_still_take_units_back(desk: Desk) -> None:
    isin = desk.one(new(instrument=up_to(issuer=OTHER_ISSUER), quantity=5))["isin"]
    with desk.database.transaction() as tx:
        tx.execute(
            "UPDATE parties.entity SET registration_status = 'RETIRED' WHERE lei = %(lei)s::text",
            lei=OTHER_ISSUER,
        )
    assert codes(desk.one({"kind": "TOP_UP", "isin": isin, "quantity": 1})) == ["PRC-009"]
    assert desk.one({"kind": "DECREASE", "isin": isin, "quantity": 2})["outcome"] == "done"
    assert desk.issue_of(isin).issued == Decimal(3)


def test_every_broken_rule_of_an_item_is_told_at_once(desk: Desk) -> None:
    result = desk.one(
        {"kind": "NEW", "reference": "", "colour": 1, "quantity": "-1", "numbering": "US", "instrument": []}
    )
    assert [(r["code"], r["pointer"]) for r in result["refusals"]] == [
        ("PRC-003", "/colour"), ("PRC-005", "/instrument"), ("PRC-005", "/numbering"), ("PRC-005", "/quantity"),
        ("PRC-005", "/reference"),
    ]  # fmt: skip


def test_a_refused_item_is_reported_under_its_own_names(desk: Desk) -> None:
    result = desk.one({"kind": "TOP_UP", "reference": "mine", "group": "g", "quantity": []})
    assert (result["kind"], result["reference"], result["group"]) == ("TOP_UP", "mine", "g")
    assert "reference" not in desk.one({"kind": "TOP_UP", "reference": 5})


def test_new_and_later_requests_mix_in_one_batch(desk: Desk) -> None:
    isin = desk.one(new())["isin"]
    results = desk.issue(
        [
            {"kind": "DECREASE", "isin": isin, "quantity": 5},
            new("A"),
            {"kind": "DECREASE", "isin": isin, "quantity": 5},
        ],
        Policy.ATOMIC,
    )
    assert outcomes(results) == ["done"] * 3
    assert [r["entry_no"] for r in results] == [2, 1, 3]


def test_an_item_whose_process_is_cancelled_ends_rejected_and_its_batch_closes(desk: Desk) -> None:
    isin = desk.one(new())["isin"]
    receipt = desk.hand_in([{"kind": "CANCEL", "isin": isin}, new()])
    desk.work()
    waiting, done = desk.results(receipt.id)
    assert done["outcome"] == "done"
    with desk.database.transaction() as tx:
        cancel(tx, [waiting["request"]], actor="operator", now=CLOCK.now())
    desk.work()
    assert [codes(item) for item in desk.results(receipt.id)[:1]] == [["PRC-016"]]
    assert desk.batch(receipt.id)["state"] == "DONE_WITH_ERRORS"
    assert desk.issue_of(isin).state == "active"
