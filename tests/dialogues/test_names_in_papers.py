"""What repeats the words of people names nobody, and is for everyone only once somebody has read its print."""

from __future__ import annotations

import datetime as dt

import pytest

from app.assignments.rules import Duty, State
from app.database import db
from dialogues import papers as made
from dialogues.models import ConclusionAssignment, Question
from dialogues.operations import papers
from dialogues.rules import AnswerKind, Origin, PaperState, PaperType, QuestionState, Status
from tests import factories
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.builders import MONDAY, at, taken
from tests.feedback.pages import post

SIGNED = {"signer": "Nguyễn Thị Bình", "signer_title": "Chủ tịch Ủy ban nhân dân phường", "internal": False}


def write(paper, actor):
    papers.write(paper, {}, **SIGNED, seen=papers.fingerprint(paper), actor=actor, now=MONDAY)


def test_the_report_on_a_session_that_nobody_has_read_yet_names_nobody(province, head, secretary):
    before = builders.session_at(province, head, Status.CONCLUDED)
    asked = {"asked_at": DAY, "answer_kind": AnswerKind.IN_WRITING, "promised_on": dt.date(2026, 9, 5), "state": QuestionState.ACCEPTED}
    said = "Tôi là Trần Thị Bưởi, số nhà 12, 0987 654 321. Bao giờ có nước sạch?"
    ordered = {"duty": Duty.ACT, "title": "Trả sổ đỏ cho bà Trần Thị Bưởi", "due_on": dt.date(2026, 9, 5), "state": State.TAKEN}
    db.session.add_all(
        [
            Question(session_id=before.id, feedback=taken(province), origin=Origin.FLOOR, for_the_day=True, text=said, **asked),
            ConclusionAssignment(session=before, unit=province.works, opened_at=DAY, **ordered),
        ]
    )
    following = builders.draft(province, starts_at=DAY + dt.timedelta(days=28), ends_at=None, status=Status.ANNOUNCED)
    paper = papers.draft(following, PaperType.EARLIER_PROMISES, actor=secretary, now=at(50))
    words = str(made.facts_of_paper(paper)["sections"])
    assert [each for each in ("Bưởi", "12", "0987") if each in words] == []
    assert "Bao giờ có nước sạch?" in words
    assert "Trả sổ đỏ cho […]" in words


@pytest.mark.parametrize("type_", [PaperType.EARLIER_PROMISES, PaperType.CONCERNS])
def test_whoever_has_read_the_print_opens_it_and_a_draft_is_no_print(client, province, secretary, type_):
    session = builders.draft(province, concerns="Giá đền bù.")
    paper = papers.draft(session, type_, actor=secretary, now=MONDAY)
    write(paper, secretary)
    assert paper.internal is True  # whatever the form of the draft says
    with pytest.raises(papers.NamesUnread):
        papers.set_internal(paper, internal=False, names_read=True, actor=secretary, now=MONDAY)
    papers.send(paper, actor=secretary, now=MONDAY)
    factories.sign_in(client, secretary)
    address = f"/can-bo/doi-thoai/van-ban/{paper.id}"
    post(client, f"{address}/cong-khai", page=address)
    assert paper.internal is True
    post(client, f"{address}/cong-khai", {"names_read": "y"}, page=address)
    assert paper.internal is False
    papers.take_back(paper, actor=secretary, now=MONDAY)
    assert (paper.internal, paper.state) == (True, PaperState.DRAFT)
