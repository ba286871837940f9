"""Who administers the database has a receipt of their own, and writes its key to somebody else's item: it opens nothing, and is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.chain import queries as chain
from app.database import db
from feedback import queries
from feedback.rules import DENUNCIATION
from feedback.sealed import thread
from feedback.sealed.models import SealedCase
from tests.feedback import builders

#: What is done by hand to the row of the key (own, theirs: ids of the two keys; item: the other's).
BY_HAND = {
    "its digest copied": "UPDATE receipt_key SET digest = (SELECT digest FROM receipt_key WHERE id = {own}) WHERE id = {theirs}",
    "with its seal": (
        "UPDATE receipt_key SET (digest, seal) = (SELECT digest, seal FROM receipt_key WHERE id = {own}) WHERE id = {theirs}"
    ),
    "their own led elsewhere": "UPDATE receipt_key SET feedback_id = {item} WHERE id = {own}",
    "another's written anew": (
        "INSERT INTO receipt_key (id, uid, feedback_id, digest, may_act, seal)"
        " SELECT {theirs} + 1, uid, {item}, digest, may_act, seal FROM receipt_key WHERE id = {own}"
    ),
}


@pytest.mark.parametrize("done", BY_HAND.values(), ids=BY_HAND)
def test_a_key_that_was_written_to_another_item_opens_nothing_and_is_found(app, done, tried):
    builders.make_province()
    own, theirs = builders.submit(token="a"), builders.submit(token="b", body="Một việc khác của người khác.")
    db.session.commit()
    ids = {name: builders.key_of(receipt).id for name, receipt in (("own", own), ("theirs", theirs))}
    assert queries.key_of(theirs.feedback, theirs.key) is not None
    assert list(chain.keys_foreign()) == []
    db.session.execute(text(done.format(**ids, item=theirs.feedback.id)))
    db.session.commit()
    assert queries.key_of(theirs.feedback, own.key) is None
    assert [table for table, _id in chain.keys_foreign()] == ["receipt_key"]
    tried("the key of one's own receipt written to another's row by hand", 1)


def test_a_signer_who_only_reads_does_not_act_by_a_change_in_the_database(app):
    builders.make_province()
    receipt = builders.submit()
    key = builders.key_of(receipt)
    db.session.execute(text(f"UPDATE receipt_key SET may_act = NOT may_act WHERE id = {key.id}"))
    db.session.expire_all()
    assert queries.key_of(receipt.feedback, receipt.key) is None


@pytest.mark.parametrize("columns", ["key_digest", "key_digest, key_seal", "key_digest, key_seal, code_index"])
def test_the_key_of_a_case_that_was_written_to_another_opens_nothing_and_is_found(app, columns, tried):
    builders.make_province()
    own, theirs = (builders.submit(kind=DENUNCIATION, token=token, body=f"Việc {token} cần xem xét kỹ.") for token in ("a", "b"))
    db.session.flush()
    mine, other = db.session.scalars(db.select(SealedCase.id).order_by(SealedCase.id)).all()
    kept = {column: db.session.scalar(text(f"SELECT {column} FROM sealed_case WHERE id = {mine}")) for column in columns.split(", ")}
    assert thread.of_sender(theirs.code, theirs.key).id == other
    if "code_index" in kept:
        db.session.execute(text(f"UPDATE sealed_case SET code_index = 'x' WHERE id = {mine}"))
    sets = ", ".join(f"{column} = :{column}" for column in kept)
    db.session.execute(text(f"UPDATE sealed_case SET {sets} WHERE id = {other}"), kept)
    db.session.commit()
    found = thread.of_sender(own.code if "code_index" in kept else theirs.code, own.key)
    assert found is None
    assert ("sealed_case", other) in set(chain.keys_foreign())
    tried("the key of one's own sealed information written to another's row by hand", 1)
