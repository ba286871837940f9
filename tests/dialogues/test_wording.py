"""The words around a paper's data: what fills them, who changes them, from when on, and how they are tried."""

from __future__ import annotations

import datetime as dt

import pytest

from app.access import NotAllowed
from app.administration import sentences
from app.audit import entries_about
from app.calendar.operations import RuleDateInPast
from app.database import db
from app.permissions import Role
from dialogues import papers as made
from dialogues.models import PaperWording, Session
from dialogues.operations import wording as operations
from dialogues.papers import wording
from dialogues.rules import PaperFormat, PaperType
from tests import factories
from tests.dialogues import builders, papers_of
from tests.dialogues.test_papers import in_pdf
from tests.feedback import pages
from tests.feedback.builders import MONDAY, at

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

ADDRESS = "/can-bo/doi-thoai/loi-van-ban"
TODAY = MONDAY.date()


@pytest.fixture
def administrator(province):
    return factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])


def change(administrator, parts, *, on=TODAY, type_=PaperType.NOTICE, now=MONDAY, format_=PaperFormat.STATE):
    return operations.change(type_, format_, parts, source="Mẫu của tỉnh", effective_from=on, actor=administrator, now=now)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{đơn vị} mời.", "Ủy ban nhân dân phường Kinh Bắc mời."),
        ("Xét thấy: {lý do ngoài kế hoạch}\nCòn lại", "Còn lại"),  # nothing to fill in
        ("{đơn vị phối hợp};", "Ủy ban MTTQ phường;\nCông an phường;"),  # one line each
        ("{đơn vị được mời}", ""),
        ("{lạ} {", "{lạ} {"),  # refused when it is entered
    ],
)
def test_names_are_filled_and_lines_with_nothing_are_left_out(province, text, filled):
    session = builders.draft(province)
    province.front.name = "Ủy ban MTTQ phường"
    session.chairs.append(
        builders.Chair(position=3, part="co_organiser", unit=factories.make_unit(name="Công an phường"), name="A", title="B")
    )
    session.unit.name = "Ủy ban nhân dân phường Kinh Bắc"
    assert wording.fill(text, session, session.unit) == filled


@pytest.mark.parametrize("type_", PaperType)
def test_the_shipped_words_name_only_what_the_data_fill(type_):
    assert [name for text in wording.shipped(type_).values() for name in wording.unknown(type_, text)] == []


def test_new_words_hold_for_what_is_begun_from_their_day_on(province, administrator, secretary):
    session: Session = papers_of.session(province, secretary)
    before = papers_of.paper(session, PaperType.NOTICE, PaperFormat.STATE)
    change(administrator, {"closing": "Mời bà con {chủ đề}.", "grounds": "Căn cứ Quyết định 5"}, on=at(1).date())
    after = papers_of.paper(session, PaperType.NOTICE, PaperFormat.STATE)
    after.created_at = at(1)
    party = papers_of.paper(session, PaperType.NOTICE, PaperFormat.PARTY, papers_of.party_of(province))
    party.created_at = at(1)
    said = [made.facts_of_paper(paper) for paper in (before, after, party)]
    assert ["Mời bà con giải phóng" in facts["sections"][-1]["text"] for facts in said] == [False, True, False]
    assert said[1]["grounds"] == ["Căn cứ Quyết định 5"]


def test_what_nothing_fills_a_day_that_is_over_and_others_are_refused(province, administrator, head):
    for text, names in (("{ten}", ["ten"]), ("a { b", ["{"]), ("}", ["}"]), ("{năm}", ["năm"])):
        with pytest.raises(operations.NotFilled) as refused:
            change(administrator, {"closing": text})
        assert (refused.value.part, refused.value.names) == ("closing", names)
    with pytest.raises(RuleDateInPast):
        change(administrator, {}, on=at(-1).date())
    with pytest.raises(NotAllowed):
        change(head, {})


def test_a_day_has_one_wording_and_the_audit_says_which(administrator):
    first = change(administrator, {"closing": "Một."})
    assert change(administrator, {"closing": "Hai."}) is first
    assert first.parts["closing"] == "Hai."
    told = [each.text for each in sentences.tell(entries_about(first))]
    assert told[0].startswith("sửa lời của Thông báo")


def test_an_administrator_tries_words_and_keeps_them(client, province, administrator, head):
    factories.sign_in(client, head)
    assert client.get(ADDRESS).status_code == 403
    factories.sign_in(client, administrator)
    assert "lời ban đầu" in client.get(ADDRESS).text
    page = f"{ADDRESS}/notice/party"
    sent = {"phan-closing": "Mời dự về {chủ đề}.", "source": "Mẫu của Tỉnh ủy", "effective_from": ["3", "8", "2026"]}
    wrong = pages.post(client, page, sent | {"phan-closing": "{chu de}"})
    assert wrong.status_code == 422
    assert "{chu de}" in wrong.text
    tried = pages.post(client, page, sent | {"xem-thu": "1"})
    assert tried.mimetype == "application/pdf"
    assert "Mời dự về giải phóng mặt bằng đường B." in in_pdf(tried.data)
    assert db.session.scalar(db.select(PaperWording.id)) is None
    assert pages.post(client, page, sent).status_code == 303
    assert db.session.scalars(db.select(PaperWording)).one().effective_from == dt.date(2026, 8, 3)
    assert "Mời dự về" in client.get(page).text
    assert "Mời dự về" not in client.get(f"{page}?goc=1").text


@pytest.mark.parametrize("type_", PaperType)
def test_every_type_can_be_seen_in_both_formats_without_a_session(client, administrator, type_):
    factories.sign_in(client, administrator)
    for format_ in PaperFormat:
        seen = client.get(f"{ADDRESS}/{type_}/{format_}/xem-thu.pdf")
        assert seen.status_code == 200
    assert db.session.scalar(db.select(Session.id)) is None
