"""What oversight adds to the ladder: a promise's story, kinds without words of their own, and decisions that nobody takes."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock
from app.accounts.queries import reach_of
from app.assignments.rules import State
from app.database import db
from app.escalation import climbing, operations, queries, voices
from app.escalation.models import Escalation
from app.escalation.rules import Level
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from oversight import ladder
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at
from tests.oversight import looks


@pytest.fixture
def province(app):
    operations.load_shipped(now=MONDAY)
    province = builders.make_province()
    looks.standing_body(province)
    return province


@pytest.fixture
def morning(monkeypatch):
    def run(day: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: at(day, 7))
        climbing.climb()

    return run


def lists() -> list[Notice]:
    rows = db.select(Notice).where(Notice.template == "escalation/notices/climbed").order_by(Notice.id)
    return [row for row in db.session.scalars(rows) if row.channel == Channel.SITE]


def test_the_story_of_a_promise_says_each_step_and_who_was_told(client, province, morning):
    chief = looks.superior(province)
    duty = builders.taken(province).open_answer
    for day in (10, 15, 19):  # the last a Saturday that is worked for a bridge day
        morning(day)
    factories.sign_in(client, province.front_reader)
    page = client.get(f"/can-bo/viec-da-cam-ket/{duty.id}").text
    assert "Sắp đến hạn, đã nhắc người đang làm" in page
    assert "Quá hạn từ 1 ngày làm việc, đã báo tới người đứng đầu đơn vị" in page
    assert "Quá hạn từ 5 ngày làm việc, đã báo tới đơn vị cấp trên" in page
    assert "hôm ấy" not in page  # each on its day
    assert chief.name in page


def test_steps_that_were_climbed_late_say_how_late_it_was(client, province, morning):
    looks.superior(province)
    duty = builders.taken(province).open_answer
    morning(22)  # the first morning on which anybody looked
    factories.sign_in(client, province.front_reader)
    page = client.get(f"/can-bo/viec-da-cam-ket/{duty.id}").text
    assert "Quá hạn từ 1 ngày làm việc, đã báo tới người đứng đầu đơn vị (hôm ấy đã quá hạn 7 ngày làm việc)" in page


def test_a_gap_in_the_line_is_part_of_the_story(client, province, morning):
    looks.superior(province)
    province.head.active = False
    duty = builders.taken(province).open_answer
    morning(15)
    factories.sign_in(client, province.front_reader)
    assert "chưa có người đứng đầu đơn vị để báo, đã báo tới đơn vị cấp trên" in client.get(f"/can-bo/viec-da-cam-ket/{duty.id}").text


def test_a_question_of_reopening_that_nobody_decides_climbs_from_the_head_who_owes_the_decision(app, province, morning):
    chief = looks.superior(province)
    act = looks.kept(province)
    question = looks.look(act, province.front_reader, right=False).question
    assert question.due == at(14).date()
    morning(14)
    assert db.session.scalars(db.select(Escalation)).all() == []
    for day in (15, 15, 18, 37):
        morning(day)
    steps = db.session.scalars(db.select(Escalation).order_by(Escalation.id)).all()
    # Nobody leads a unit above the chairman's, and the chairman is the one who does not decide: it goes on to the steering committee.
    assert [(row.matter, row.level, row.reached) for row in steps] == [
        ("reopening", "head", "head"), ("reopening", "superior", "steering"), ("reopening", "chairman", "steering"),
        ("reopening", "steering", "steering"),
    ]  # fmt: skip
    assert {row.unit for row in steps} == {province.root}
    assert queries.levels([act.id]) == {}  # the promise itself is done
    first = lists()[0]
    assert first.user == chief
    with app.test_request_context():
        assert f"/can-bo/mo-lai/{question.id}" in (said := sentence(first))
    assert "Quyết định mở lại việc: BN" in said


def test_what_was_decided_climbs_no_more(province, morning):
    looks.superior(province)
    question = looks.look(looks.kept(province), province.front_reader, right=False).question
    morning(15)
    question.ended_at, question.clock.stopped_at = at(15), at(15)
    db.session.flush()
    morning(37)
    assert db.session.scalars(db.select(Escalation.level)).all() == ["head"]


def test_a_kind_without_words_of_its_own_comes_in_the_list_with_the_page_where_it_is_opened(province, morning, monkeypatch):
    monkeypatch.delitem(voices.VOICES, "conclusion")  # as a letter or a finding, whose package says nothing
    head = factories.make_user(unit=province.ward, roles=["head"])
    promise = looks.concluded(province, head)
    promise.state, promise.closed_at = State.TAKEN, None
    promise.due_on = promise.due_sort = dt.date(2026, 10, 1)
    db.session.flush()
    morning(60)  # Friday 2/10
    told = {row.user.name: row for row in lists()}
    assert set(told) == {province.officer.name, province.head.name}
    mail = db.session.scalars(db.select(Notice).filter_by(user=province.head, channel=Channel.EMAIL, template=lists()[0].template)).one()
    assert f"{promise.reference}, " in letter(mail).text
    assert f"/can-bo/doi-thoai/viec-duoc-giao/{promise.id}" in letter(mail).text or "/can-bo/" in letter(mail).html
    assert queries.levels([promise.id]) == {promise.id: Level.HEAD}


def test_every_kind_of_the_register_can_be_opened_from_the_list(app, province):
    head = factories.make_user(unit=province.ward, roles=["head"])
    with app.test_request_context():
        for promise in (builders.taken(province).open_answer, looks.concluded(province, head)):
            page = ladder.address(promise, reach_of(province.front_reader, on=at(0).date()))
            assert page is not None
            assert page[0] in app.view_functions
    assert set(ladder.names()) >= {"feedback", "conclusion", "reopening"}


def test_a_list_leads_only_to_what_its_reader_may_open(province):
    promise = builders.taken(province).open_answer
    stranger = factories.make_user(unit=province.roads, roles=["officer"])

    def page(user):
        return voices.address_of(promise, "", reach_of(user, on=at(0).date()))

    assert page(promise.officer) == ("staff.item", {"code": promise.reference})
    assert page(province.front_reader) is not None
    assert page(stranger) is None


def test_who_reads_the_register_and_no_item_is_led_to_the_register(province):
    promise = looks.concluded(province, factories.make_user(unit=province.ward, roles=["head"]))
    chief = province.front_reader
    reach = reach_of(chief, on=at(0).date())

    assert ladder.address(promise, reach) is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ladder.kinds, "may_read", lambda *_asked: False)
        assert ladder.address(promise, reach) == ("oversight.promise", {"assignment_id": promise.id})
        assert ladder.address(promise, reach_of(promise.officer or province.officer, on=at(0).date())) is None


def test_a_question_leads_to_its_decision_only_who_may_decide(province):
    chief = looks.superior(province)
    act = looks.kept(province)
    question = looks.look(act, province.front_reader, right=False).question
    pages = [voices.address_of(act, ladder.REOPENING, reach_of(user, on=at(0).date())) for user in (chief, province.front_reader)]

    assert pages[0] == ("oversight.decide_reopening", {"question_id": question.id})
    assert pages[1] is not None
    assert pages[1][0] != "oversight.decide_reopening"
