"""Who is told by messages, and whom a BIC stands for."""

from datetime import UTC, datetime

from counterfoil.core.db import Database
from counterfoil.parties import correspondents, enter_correspondents, import_bics, parties_by_bic
from counterfoil.sample import fictional_issuers

ANNA, BERT, CORA = (lei for lei, _ in fictional_issuers()[:3])
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_correspondent_keeps_the_name_it_came_with(database: Database):
    with database.transaction() as tx:
        enter_correspondents(tx, {ANNA: "ANNADEFFXXX", BERT: None}, now=NOW, actor="test")
        enter_correspondents(tx, {ANNA: None}, now=NOW, actor="test")
        enter_correspondents(tx, {}, now=NOW, actor="test")
        assert correspondents(tx) == {ANNA: "ANNADEFFXXX", BERT: None}
        assert correspondents(tx, [BERT, CORA]) == {BERT: None}


def test_a_bic_of_eight_characters_is_the_head_office_and_a_shared_one_is_nobodys(database: Database):
    with database.transaction() as tx:
        lines = f"LEI,BIC\n{ANNA},ANNADEFFXXX\n{BERT},BERTDEFF\n{BERT},SHARDEFFXXX\n{CORA},SHARDEFFXXX\n"
        import_bics(tx, lines.splitlines(keepends=True))
        wanted = ["ANNADEFF", "ANNADEFFXXX", "BERTDEFFXXX", "ANNADEFF123", "SHARDEFF", "NONEDEFF"]
        assert parties_by_bic(tx, wanted) == {
            "ANNADEFF": ANNA, "ANNADEFFXXX": ANNA, "BERTDEFFXXX": BERT,
        }  # fmt: skip
