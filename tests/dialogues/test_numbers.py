"""The number of a paper stands in the book of its kind, whatever is typed behind it."""

from __future__ import annotations

import pytest

from app.database import db
from app.permissions import Role
from dialogues import books
from dialogues.models import SessionPaper
from dialogues.operations import papers, planning
from dialogues.rules import SERIES, PaperFormat, PaperState, PaperType, PlanState
from tests import factories
from tests.dialogues import builders
from tests.feedback.builders import MONDAY
from tests.feedback.pages import post


@pytest.fixture
def records(province):
    return factories.make_user(unit=province.ward, roles=[Role.RECORDS])


def sent(province, type_):
    """Return a paper of a new session that was sent to be signed."""
    session = builders.draft(province)
    made = {"unit": session.unit, "series": SERIES[type_], "format": PaperFormat.STATE, "state": PaperState.SENT, "created_at": MONDAY}
    session.papers.append(SessionPaper(type=type_, words={}, **made))
    db.session.flush()
    return session.papers[-1]


@pytest.mark.parametrize(
    ("type_", "typed", "given"),
    [
        (PaperType.NOTICE, "13/tb-ubnd", "13/TB-UBND"),
        (PaperType.NOTICE, "13/TB-VPĐĐBQH", "13/TB-VPĐĐBQH"),  # not every body shortens its name as we do
        (PaperType.OFFICIAL_LETTER, "13/UBND-KGVX", "13/UBND-KGVX"),
        (PaperType.OFFICIAL_LETTER, "13/TB-UBND", books.WrongSymbol),
        (PaperType.NOTICE, "13/BB-UBND", books.WrongSymbol),
        (PaperType.NOTICE, "13/UBND", books.WrongSymbol),
        (PaperType.NOTICE, "13/TB-<script>", books.NumberUnreadable),
        (PaperType.NOTICE, "13/TB UBND", books.NumberUnreadable),
        (PaperType.NOTICE, "13/", books.NumberUnreadable),
    ],
)
def test_behind_a_number_stands_the_kind_of_paper_and_nothing_else(province, records, type_, typed, given):
    paper = sent(province, type_)
    if isinstance(given, str):
        papers.number(paper, typed, on=MONDAY.date(), actor=records, now=MONDAY)
        assert paper.number == given
    else:
        with pytest.raises(given):
            papers.number(paper, typed, on=MONDAY.date(), actor=records, now=MONDAY)


@pytest.mark.parametrize(("typed", "refusal"), [("13/TB-UBND", books.WrongSymbol), ("13/<script>", books.NumberUnreadable)])
def test_a_plan_is_approved_under_a_number_of_its_own_book(province, head, typed, refusal):
    plan = builders.plan(province, state=PlanState.DRAFT)
    with pytest.raises(refusal):
        planning.approve(plan, number=typed, approved_on=MONDAY.date(), actor=head, now=MONDAY)


def test_whoever_types_the_letters_of_another_kind_reads_the_right_ones(client, province, records):
    paper = sent(province, PaperType.NOTICE)
    db.session.commit()
    factories.sign_in(client, records)
    typed = {"so-number": "13/BB-UBND", "so-numbered_on": ["3", "8", "2026"]}
    page = f"/can-bo/doi-thoai/van-ban/{paper.id}"
    assert "Ký hiệu của văn bản này là /TB-UBND" in post(client, f"{page}/ghi-so", typed, page=page).text
    listed = post(client, "/can-bo/doi-thoai/van-ban/cho-so/nhap", {"lines": f"VB{paper.id}; 13/BB-UBND; 3/8/2026"})
    assert "Dòng 1: Ký hiệu này của loại văn bản khác. Ký hiệu của văn bản này là /TB-UBND" in listed.text
