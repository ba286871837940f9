"""A paper of oversight goes from its draft through the signature of its own head to a number of its own book."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from app.access import NotAllowed
from app.accounts.queries import reach_of
from app.assignments.rules import IllegalTransition
from app.database import db
from app.permissions import Permission, Reach, Role, Scope
from app.units.models import UnitKind
from dialogues import books
from dialogues.models import SessionPaper
from dialogues.operations import papers as session_papers
from dialogues.operations.editing import ChangedMeanwhile
from dialogues.rules import SERIES, PaperFormat
from dialogues.rules import PaperState as SessionPaperState
from dialogues.rules import PaperType as SessionPaperType
from oversight import papers as made
from oversight.models import OversightPaper
from oversight.operations import papers
from oversight.papers import paperwork
from oversight.rules import papers as rules
from oversight.rules.papers import PaperState, PaperType
from tests import factories
from tests.dialogues import builders as dialogue_builders
from tests.dialogues.test_papers import in_docx, in_pdf
from tests.feedback import builders
from tests.feedback.builders import MONDAY, actions, at, told
from tests.feedback.pages import post
from tests.feedback.test_races import at_once
from tests.oversight.papers_of import drafted, front_of, says, sent, signed

TODAY = MONDAY.date()


@pytest.fixture
def body(monkeypatch):
    """What a notice says here."""
    monkeypatch.setitem(made.BODIES, PaperType.SUPERVISION_NOTICE, says())
    for table in (made.NUMBERED, made.DISCARDED, made.READERS, made.ABOUT, made.KEPT_FROM, made.CHECKED):
        monkeypatch.delitem(table, PaperType.SUPERVISION_NOTICE, raising=False)


@pytest.fixture
def front(app, body):
    return front_of(builders.make_province())


@pytest.mark.parametrize("old", PaperState)
@pytest.mark.parametrize("new", PaperState)
def test_a_paper_is_signed_before_it_is_numbered_and_never_comes_back_after(old, new):
    allowed = {("draft", "sent"), ("sent", "draft"), ("sent", "signed"), ("signed", "draft"), ("signed", "numbered")}
    with nullcontext() if (old, new) in allowed else pytest.raises(IllegalTransition):
        rules.check_paper(old, new)


@pytest.mark.parametrize(
    ("role", "scope", "signs"),
    [
        (Role.HEAD, Scope(unit_path="/1/5/"), True),
        (Role.HEAD, Scope(unit_path="/1/"), False),  # the superior signs their own papers, not those of a unit below
        (Role.HEAD, Scope(unit_path="/1/5/9/"), False),
        (Role.HEAD, Scope(everywhere=True), False),
        (Role.OFFICE, Scope(unit_path="/1/5/"), False),
    ],
)
def test_only_the_head_of_the_issuing_body_signs(role, scope, signs):
    assert rules.may_sign(Reach(1, 5, ((role, scope),)), unit_path="/1/5/") is signs


@pytest.mark.parametrize(
    ("role", "scope", "home", "type_", "prepares"),
    [
        (Role.FRONT, Scope(everywhere=True), 5, PaperType.PETITION, True),
        (Role.FRONT, Scope(everywhere=True), 6, PaperType.PETITION, False),  # of another body
        (Role.FRONT, Scope(everywhere=True), 5, PaperType.REMINDER, False),  # MTTQ reminds nobody of their duty
        (Role.OFFICE, Scope(unit_path="/1/5/"), 6, PaperType.REMINDER, True),  # the office writes for its committee
        (Role.HEAD, Scope(unit_path="/1/"), 1, PaperType.REMINDER, False),  # in the name of what is below nobody writes
        (Role.OFFICER, Scope(unit_path="/1/5/"), 5, PaperType.REMINDER, False),
        (Role.HEAD, Scope(unit_path="/1/5/6/"), 5, PaperType.REPORT, False),  # leads a part, and does not speak for the whole
        (Role.FRONT, Scope(unit_path="/1/5/6/"), 5, PaperType.PETITION, False),
        (Role.HEAD, Scope(unit_path="/1/7/"), 5, PaperType.REPORT, False),  # leads another unit
        (Role.FRONT, Scope(unit_path="/1/7/"), 5, PaperType.PETITION, True),  # MTTQ of a commune looks at its committee
        (Role.FRONT, Scope(place_id=7), 5, PaperType.PETITION, True),
    ],
)
def test_papers_are_drafted_by_whoever_prepares_their_matter_in_that_body(role, scope, home, type_, prepares):
    assert rules.may_prepare(Reach(1, home, ((role, scope),)), type_, unit_id=5, unit_path="/1/5/") is prepares


def test_a_paper_goes_from_hand_to_hand_and_everybody_is_told(front):
    paper = drafted(front)
    papers.send(paper, actor=front.officer, now=MONDAY)
    assert told(paper) == {("paper_waits", front.head.name)}
    papers.sign(paper, read=MONDAY, actor=front.head, now=at(1))
    assert ("paper_waits", front.records.name) in told(paper)
    papers.number(paper, "7", on=at(1).date(), actor=front.records, now=at(1))

    assert (paper.state, paper.number, paper.signer, paper.signed_by) == ("numbered", "07/TB-MTTQ-BTT", "Trần Thị Hòa", front.head)
    assert actions(paper) == [f"oversight_paper.{verb}" for verb in ("drafted", "sent", "signed", "numbered")]


def test_what_is_printed_says_who_issues_signs_and_numbers_it(front):
    paper = signed(front)
    papers.number(paper, "7", on=TODAY, actor=front.records, now=MONDAY)
    for text in (in_pdf(made.paper_pdf(paper)), in_docx(made.paper_docx(paper))):
        for words in ("Số: 07/TB-MTTQ-BTT", "TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH", "Trần Thị Hòa", "Đề nghị sửa đèn đường.", "Sở Xây dựng"):
            assert words in text


def test_who_stands_in_for_the_head_signs_for_them(front):
    deputy = factories.make_user(unit=front.unit, title="Phó Chủ tịch", name="Lê Văn Phó")
    builders.delegate(front.head, deputy, starts_on=TODAY, ends_on=at(30).date(), on=TODAY)
    paper = sent(front)
    with pytest.raises(NotAllowed):
        papers.sign(paper, actor=front.officer, now=MONDAY)
    deputy.reach = reach_of(deputy, on=TODAY)
    papers.sign(paper, actor=deputy, now=MONDAY)
    assert (paper.signed_for, paper.giver_title) == ("KT.", "Chủ tịch")
    assert made.facts_of(paper)["signatures"][0]["lines"] == ["TM. BAN THƯỜNG TRỰC", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]


def test_a_head_without_an_office_in_their_account_does_not_sign(front):
    front.head.title = ""
    with pytest.raises(papers.NoTitle):
        papers.sign(sent(front), actor=front.head, now=MONDAY)


def test_nobody_signs_another_wording_than_they_read(front):
    paper = sent(front)
    papers.take_back(paper, actor=front.officer, now=at(1))
    papers.write(paper, {"request": "Đề nghị khác."}, seen=papers.seen_of(paper), actor=front.officer, now=at(1))
    papers.send(paper, actor=front.officer, now=at(1))
    with pytest.raises(ChangedMeanwhile):
        papers.sign(paper, read=MONDAY, actor=front.head, now=at(2))


def test_what_was_sent_says_the_same_when_the_data_change(front, monkeypatch):
    paper = sent(front)
    monkeypatch.setitem(made.BODIES, PaperType.SUPERVISION_NOTICE, says("Khác."))
    assert made.facts_of(paper)["sections"][0]["text"] == "Đề nghị sửa đèn đường."
    papers.take_back(paper, actor=front.head, now=at(1))
    assert made.facts_of(paper)["sections"][0]["text"] == "Khác."


def test_what_the_officer_did_not_change_follows_the_data(front, monkeypatch):
    paper = drafted(front)
    said = {"request": "Đề nghị sửa đèn đường.", "copies": "Như trên\nLưu: VT, Ban Dân chủ"}
    papers.write(paper, said, seen=papers.seen_of(paper), actor=front.officer, now=MONDAY)
    monkeypatch.setitem(made.BODIES, PaperType.SUPERVISION_NOTICE, says("Khác."))
    facts = made.facts_of(paper)
    assert (facts["sections"][0]["text"], facts["copies"]) == ("Khác.", ["Như trên;", "Lưu: VT, Ban Dân chủ."])


def test_what_still_has_something_to_write_is_not_sent(front):
    paper = drafted(front)
    papers.write(paper, {"request": "Đề nghị …"}, seen=papers.seen_of(paper), actor=front.officer, now=MONDAY)
    with pytest.raises(papers.Unfinished):
        papers.send(paper, actor=front.officer, now=MONDAY)


def test_a_second_writer_is_told_that_the_draft_was_changed(front):
    paper = drafted(front)
    seen = papers.seen_of(paper)
    papers.write(paper, {"request": "Một."}, seen=seen, actor=front.officer, now=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        papers.write(paper, {"request": "Hai."}, seen=seen, actor=front.officer, now=MONDAY)


def test_oversight_and_dialogues_share_the_book_of_a_unit(front):
    session = dialogue_builders.draft(builders.make_province())
    type_ = SessionPaperType.NOTICE
    other = SessionPaper(
        type=type_,
        unit=front.unit,
        series=SERIES[type_],
        format=PaperFormat.STATE,
        state=SessionPaperState.SENT,
        words={},
        created_at=MONDAY,
    )
    session.papers.append(other)
    db.session.flush()
    paper, second = signed(front), signed(front)
    papers.number(paper, "7", on=TODAY, actor=front.records, now=MONDAY)
    with pytest.raises(session_papers.NumberTaken):
        session_papers.number(other, "7", on=TODAY, actor=front.records, now=MONDAY)
    session_papers.number(other, "8", on=TODAY, actor=front.records, now=MONDAY)
    with pytest.raises(books.NumberTaken):
        papers.number(second, "08", on=TODAY, actor=front.records, now=MONDAY)
    with pytest.raises(books.GapUnexplained):
        papers.number(second, "11", on=TODAY, actor=front.records, now=MONDAY)


def test_who_signs_numbers_only_where_the_body_has_nobody_for_it(front):
    paper = signed(front)
    with pytest.raises(NotAllowed):
        papers.number(paper, "7", on=TODAY, actor=front.head, now=MONDAY)
    front.records.active = False
    db.session.flush()
    papers.number(paper, "7", on=TODAY, actor=front.head, now=MONDAY)
    assert paper.state == PaperState.NUMBERED


def test_the_records_of_the_body_above_number_and_read_only_what_is_signed_below_and_has_nobody(front):
    division = factories.make_unit(parent=front.unit, name="Ban Dân chủ")
    head = factories.make_user(unit=division, roles=[(Role.FRONT, None), Role.HEAD], title="Trưởng ban")
    paper = papers.draft(PaperType.SUPERVISION_NOTICE, division, actor=head, now=MONDAY)
    papers.send(paper, actor=head, now=MONDAY)
    above = [front.records.reach, front.head.reach]
    assert [papers.may_read(reach, paper, TODAY) for reach in above] == [False, False]
    papers.sign(paper, actor=head, now=MONDAY)
    assert [papers.may_read(reach, paper, TODAY) for reach in above] == [True, False]
    assert (paperwork.to_number(above[0], TODAY), paperwork.numbers_count(above[0], TODAY)) == ([paper], 1)
    own = factories.make_user(unit=division, roles=[Role.RECORDS])
    assert [papers.may_read(reach, paper, TODAY) for reach in above] == [False, False]
    assert (paperwork.to_number(above[0], TODAY), paperwork.to_number(own.reach, TODAY)) == ([], [paper])
    with pytest.raises(NotAllowed):
        papers.number(paper, "7", on=TODAY, actor=front.records, now=MONDAY)
    papers.number(paper, "7", on=TODAY, actor=own, now=MONDAY)


def test_the_party_has_its_own_form(front):
    party = factories.make_unit(name="Đảng ủy phường", kind=UnitKind.PARTY)
    head = factories.make_user(unit=party, roles=[Role.HEAD, Role.STEERING], title="Bí thư Đảng ủy")
    paper = papers.draft(PaperType.SUPERVISION_NOTICE, party, actor=head, now=MONDAY)
    papers.send(paper, actor=head, now=MONDAY)
    papers.sign(paper, actor=head, now=MONDAY)
    facts = made.facts_of(paper)
    assert (facts["party"], facts["symbol"], facts["signatures"][0]["lines"]) == (True, "-TB/ĐU", ["T/M BAN THƯỜNG VỤ", "BÍ THƯ"])


def test_each_hand_finds_what_waits_for_it_and_nobody_else_does(front):
    paper, elsewhere = sent(front), builders.make_province().head
    assert [paperwork.waiting_count(each.reach, TODAY) for each in (front.head, front.officer, front.records, elsewhere)] == [1, 0, 0, 0]
    papers.sign(paper, actor=front.head, now=MONDAY)
    assert [paperwork.waiting_count(each.reach, TODAY) for each in (front.head, front.officer, front.records, elsewhere)] == [0, 0, 1, 0]
    assert paperwork.others(front.officer.reach, TODAY) == [paper]
    assert paperwork.others(elsewhere.reach, TODAY) == []


def test_the_list_offers_what_the_rule_allows(front):
    """The condition in SQL and the rule in Python are one rule."""
    paper, province = drafted(front), builders.make_province()
    part = factories.make_unit(parent=front.unit)
    looks_at = [factories.make_user(unit=front.unit, roles=[(Role.FRONT, unit)]) for unit in (province.ward, part)]
    for user in (front.officer, front.head, front.records, province.head, province.steering_reader, province.officer, *looks_at):
        assert (paper in paperwork.others(user.reach, TODAY)) is papers.may_read(user.reach, paper, TODAY)


def test_a_paper_is_written_signed_and_numbered_on_its_page(front, client):
    paper = drafted(front)
    page = f"/can-bo/van-ban-giam-sat/{paper.uid}"
    factories.sign_in(client, front.officer)
    assert post(client, page, {"phan-request": "Đề nghị sửa ngay.", "trinh": "1", "was": papers.seen_of(paper)}).status_code == 303
    assert paper.state == PaperState.SENT
    factories.sign_in(client, front.head)
    shown = client.get(page).text
    assert "Đề nghị sửa ngay." in shown
    assert "Chờ ký" in client.get("/can-bo/van-ban-giam-sat").text
    post(client, f"{page}/ky", {"doc": paper.sent_at.isoformat()}, page=page)
    assert paper.state == PaperState.SIGNED
    factories.sign_in(client, front.records)
    day = {"so-numbered_on": [str(TODAY.day), str(TODAY.month), str(TODAY.year)]}
    refused = post(client, f"{page}/ghi-so", day | {"so-number": "x"}, page=page)
    assert (refused.status_code, "Số bắt đầu bằng chữ số" in refused.text) == (422, True)
    assert "Nhập số của văn bản" in post(client, f"{page}/ghi-so", day | {"so-number": ""}, page=page).text
    assert post(client, f"{page}/ghi-so", day | {"so-number": "7"}, page=page).status_code == 303
    assert paper.pdf_id is not None
    assert client.get(f"{page}/van-ban.pdf").data[:4] == b"%PDF"
    assert client.get(f"{page}/van-ban.docx").status_code == 200


def test_the_page_of_a_paper_is_not_there_for_who_has_nothing_to_do_with_it(front, client):
    paper = drafted(front)
    factories.sign_in(client, builders.make_province().head)
    assert client.get(f"/can-bo/van-ban-giam-sat/{paper.uid}").status_code == 404
    assert client.get(f"/can-bo/van-ban-giam-sat/{paper.uid}/van-ban.pdf").status_code == 404


def test_two_who_number_at_once_do_not_give_one_number_twice(fresh_app, body):
    front = front_of(builders.make_province())
    ids, records = [signed(front).id for _ in range(2)], front.records.id
    db.session.commit()

    def number(paper_id, text):
        def act():
            actor = db.session.get(type(front.records), records)
            actor.reach = reach_of(actor, on=TODAY)
            papers.number(db.session.get(OversightPaper, paper_id), text, on=TODAY, actor=actor, now=MONDAY)

        return act

    outcomes = at_once(fresh_app, number(ids[0], "5"), number(ids[1], "05/TB-MTTQ-BTT"))
    assert {type(outcome) for outcome in outcomes} == {str, books.NumberTaken}, outcomes


def test_every_permission_that_drafts_opens_the_list(front, client):
    for permission in {Permission.OVERSIGHT_SIGN, Permission.FEEDBACK_NUMBER}:
        holder = {Permission.OVERSIGHT_SIGN: front.head, Permission.FEEDBACK_NUMBER: front.records}[permission]
        factories.sign_in(client, holder)
        assert client.get("/can-bo/van-ban-giam-sat").status_code == 200
