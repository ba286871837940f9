"""Who administers the database leads rows of others to an item of their own by hand: it opens nothing there, and is found."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from sqlalchemy import text

from app import clock, crypto, files
from app.chain import queries as chain
from app.database import db
from app.permissions import Role
from feedback import mine, queries
from feedback.models import Attachment, Person
from feedback.operations import originals
from feedback.operations.intake import PersonData
from feedback.personal import exporting
from feedback.rules import IdentityScope
from tests import factories
from tests.app.files.samples import photo_with_place
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk

HERS, HIS = "Bà Đỗ Thị Lành", "Ông Ngô Văn Rình"
NOW = dt.datetime(2026, 8, 3, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def province(app):
    return builders.make_province()


def sent(name: str, email: str, **over):
    """An item with a photo of *name*; return the receipt."""
    receipt = builders.submit(people=(PersonData(name=name, email=email),), token=name, **over)
    photo = files.store_upload(io.BytesIO(photo_with_place()), f"{name}.jpg", NOW)
    receipt.feedback.attachments.append(Attachment(file=photo))
    db.session.commit()
    return receipt


def by_hand(*statements: str) -> set[str]:
    """Do that in the database; return of which tables the check of the record then names rows."""
    assert list(chain.keys_foreign()) == []
    for statement in statements:
        db.session.execute(text(statement))
    db.session.commit()
    found = {table for table, _id in chain.keys_foreign()}
    db.session.expire_all()
    return found


def copy_of(receipt) -> str:
    """Return all that the sender gets of themselves."""
    key = queries.key_of(receipt.feedback, receipt.key)
    return "" if key is None else str(exporting.facts_of(receipt.feedback, key))


#: What is done by hand; {mine}, {hers}: the items, people, attachments and files have the same names in their tables.
LED = {
    "who wrote": ("feedback_person", "UPDATE feedback_person SET feedback_id = {mine} WHERE feedback_id = {hers}"),
    "who wrote, copied": (
        "feedback_person",
        (
            "INSERT INTO feedback_person (id, uid, feedback_id, role, name_sealed, email_sealed, email_index, seal) SELECT id + 1000, uid,"
            " {mine}, role, name_sealed, email_sealed, email_index, seal FROM feedback_person WHERE feedback_id = {hers}"
        ),
    ),
    "a file": ("attachment", "UPDATE attachment SET feedback_id = {mine} WHERE feedback_id = {hers}"),
    "a file by its number": (
        "attachment",
        "UPDATE attachment SET file_id = (SELECT file_id FROM attachment WHERE feedback_id = {hers}) WHERE feedback_id = {mine}",
    ),
    "the item, as a part of one's own": ("feedback", "UPDATE feedback SET parent_id = {mine} WHERE id = {hers}"),
    "one's own, merged into it": ("feedback", "UPDATE feedback SET merged_into_id = {hers} WHERE id = {mine}"),
}


@pytest.mark.parametrize(("table", "done"), LED.values(), ids=LED)
def test_what_was_led_to_ones_own_item_by_hand_shows_nothing_of_the_other_and_is_found(province, client, table, done, tried):
    own, hers = sent(HIS, "rinh@example.com"), sent(HERS, "lanh@example.com")
    photo = hers.feedback.attachments[0].file
    assert HIS in copy_of(own)
    client.get(f"/t/{own.code}/{own.key}")
    assert by_hand(done.format(mine=own.feedback.id, hers=hers.feedback.id)) == {table}
    assert HERS not in copy_of(own)
    assert queries.key_of(hers.feedback, own.key) is None
    answers = [client.get(f"/tra-cuu/{code}/tep/{photo.uid}/anh.jpg") for code in (own.code, hers.code)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert client.get(f"/tra-cuu/{own.code}").status_code < 500
    tried("somebody else's row led to an item of one's own by hand", 1)


def test_the_bytes_of_another_file_do_not_come_by_a_file_of_ones_own(province, client, tried):
    own, hers = sent(HIS, "rinh@example.com"), sent(HERS, "lanh@example.com")
    client.get(f"/t/{own.code}/{own.key}")
    mine_, other = own.feedback.attachments[0].file, hers.feedback.attachments[0].file
    uid = other.uid
    assert client.get(f"/tra-cuu/{own.code}/tep/{mine_.uid}/anh.jpg").status_code == 200
    found = by_hand(
        f"UPDATE stored_file SET uid = '{'0' * 32}' WHERE id = {other.id}",
        f"UPDATE stored_file SET uid = '{uid.hex}', seal = (SELECT seal FROM stored_file WHERE id = {other.id}) WHERE id = {mine_.id}",
    )
    assert found == {"stored_file"}
    assert client.get(f"/tra-cuu/{own.code}/tep/{uid}/anh.jpg").status_code == 404
    tried("a file of one's own that names the bytes of somebody else's by hand", 1)


def test_an_address_that_was_written_to_somebody_elses_item_sees_nothing_of_it(app, province, tried):
    own, hers = sent(HIS, "rinh@example.com"), sent(HERS, "lanh@example.com")
    index = crypto.blind_index("rinh@example.com")
    assert mine.key_to(own.code, index) is not None
    found = by_hand(f"UPDATE feedback_person SET email_index = '{index}' WHERE feedback_id = {hers.feedback.id}")
    assert found == {"feedback_person"}
    assert mine.key_to(hers.code, index) is None
    with app.test_request_context():
        assert [each.code for each in mine.sent(index)] == [own.code]
    tried("one's own address written to somebody else's item by hand", 1)


@pytest.mark.parametrize(
    "sets",
    ["identity_scope = 'unit'", "desk_unit_id = {works}", "accused_unit_id = NULL", "parent_id = {hers}"],
)
def test_a_name_that_is_kept_from_the_unit_is_not_shown_by_a_change_in_the_database(app, province, sets, tried):
    """The last one: an item of one's own unit is made a part of the other, whose names staff then see beside it."""
    kept = {"identity_scope": IdentityScope.RECEPTION, "accused_unit_id": province.works.id if "accused" in sets else None}
    hers = sent(HERS, "lanh@example.com", **kept)
    item = builders.taken(province, clock.now(), people=()) if "parent" in sets else hers.feedback
    db.session.commit()
    where = sets.format(works=province.works.id, hers=hers.feedback.id)
    assert by_hand(f"UPDATE feedback SET {where} WHERE id = {item.id}") == {"feedback"}
    assert [person.name for person in item.writers if person.name] == []
    assert item.files == []
    reader = factories.make_user(unit=province.works, roles=[Role.RECEPTION, Role.OFFICER])
    db.session.commit()
    page = AtDesk(app, reader).client.post(f"/can-bo/y-kien/{item.code}/nguoi-gui", data={"reason": "contact"}, follow_redirects=True)
    assert HERS not in page.text
    tried("whom a name is shown to changed by hand", 1)


def test_what_was_agreed_about_one_file_does_not_open_another(province, tried):
    item = sent(HERS, "lanh@example.com", identity_scope=IdentityScope.RECEPTION).feedback
    item.attachments.append(Attachment(file=files.store_upload(io.BytesIO(photo_with_place()), "khac.jpg", NOW)))
    db.session.commit()
    first, second = item.files
    clerk, other = (factories.make_user(unit=province.clerk.unit, roles=[Role.RECEPTION]) for _ in range(2))
    originals.ask(item, first, reason="x", actor=clerk, now=clock.now())
    originals.agree(item, first, asker_id=clerk.id, actor=other, now=clock.now())
    db.session.commit()
    change = "UPDATE attachment SET id = {} WHERE id = {}"
    ids = first.id, second.id
    by_hand(change.format(-1, ids[0]), change.format(ids[0], ids[1]), change.format(ids[1], -1))
    assert item.files == []
    tried("two files of an item that changed places by hand after two people had agreed about one", 1)


def test_what_the_site_itself_leads_elsewhere_stays_ours(province):
    """Splitting, merging, erasing and correcting an address change what is sealed."""
    item, other = sent(HERS, "lanh@example.com").feedback, sent(HIS, "rinh@example.com").feedback
    item.merged_into, other.parent = other, None
    person = db.session.scalars(db.select(Person).where(Person.feedback_id == item.id)).one()
    person.email, person.email_index = "moi@example.com", crypto.blind_index("moi@example.com")
    assert person.name == HERS, "what is not stored yet takes nothing away"
    db.session.commit()
    assert (item.merged_into_id, item.is_ours, person.is_ours, person.name) == (other.id, True, True, HERS)
    assert list(chain.keys_foreign()) == []
