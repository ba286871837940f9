"""Letters, papers, reports, targets, campaigns, recommendations, looks on the spot and what somebody keeps for themselves: for the matrix.

MTTQ sends and supervises, Sở Xây dựng answers: it is one of the units concerned.
"""

from __future__ import annotations

import itertools
from typing import Any

from app.accounts.models import User
from app.assignments.rules import Duty
from app.clock import local_date
from app.database import db
from app.permissions import Role
from dialogues.duties import Span
from feedback.models import FeedbackAssignment
from feedback.operations import unit
from oversight.models import Checklist, Letter, Report, ReportDuty, Target, WeeklyNews
from oversight.operations import (
    answering,
    checking,
    checklists,
    looking,
    papers,
    recommendations,
    report_duties,
    sampling,
    saved,
    targets,
    watching,
)
from oversight.operations import letters as sending
from oversight.operations import reports as reporting
from oversight.operations import supervision_plans as planning
from oversight.operations.targets import Said
from oversight.reports import words
from oversight.rules.letters import LetterKind
from oversight.rules.supervision import State as CampaignState
from oversight.rules.targets import Outcome
from tests import factories
from tests.bad_input.objects import Cast, Objects, Values, first, pdf, photo
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province, at
from tests.oversight import looks
from tests.oversight.papers_of import Front, front_of
from tests.oversight.test_samples import AUGUST, FIRST
from tests.oversight.test_supervision import LINE, Stage

_number = itertools.count(1)
YEAR = "2026"


def of_letters(cast: Cast, front: Front) -> Objects:
    """Return a petition of MTTQ to Sở Xây dựng that is written, and some that are out, with the answer at each of its steps."""
    province = cast.site.province

    def letter(*, out: bool) -> Letter:
        said = {"reason": "Sửa đèn trước mùa mưa.", "token": f"matrix-{next(_number)}"}
        made = sending.draft(LetterKind.PETITION, front.unit, about=[], to=[province.works], **said, actor=front.officer, now=MONDAY)
        if out:
            papers.send(made.paper, actor=front.officer, now=MONDAY)
            papers.sign(made.paper, actor=front.head, now=MONDAY)
            _enter(made.paper, front.records)
            db.session.refresh(made)
        return made

    draft = letter(out=False)
    came, waits, answered = (letter(out=True).duties[0] for _ in range(3))
    asked = answering.answer(waits, "Đã sửa.", [pdf()], actor=province.officer, now=MONDAY)
    given = answering.answer(answered, "Đã sửa.", [pdf()], actor=province.head, now=MONDAY)
    duties = {"came": came, "answer waits": waits, "answered": answered}
    said = {
        state: {"assignment_id": str(each.assignment_id), "answer_id": str(each.id), "uid": str(each.files[0].file.uid)}
        for state, each in {"answer waits": asked, "answered": given}.items()
    }
    own = "/can-bo/phai-tra-loi/<int:assignment_id>"
    return {
        "/can-bo/don-doc/<int:letter_id>": {"draft": {"letter_id": str(draft.id)}, "out": {"letter_id": str(came.letter_id)}},
        "/can-bo/don-doc/tra-loi/<int:assignment_id>": {"answered": said["answered"]},
        own: {state: {"assignment_id": str(duty.id)} for state, duty in duties.items()},
        f"{own}/<int:answer_id>": said,
        f"{own}/tep/<uuid:uid>": said,
    }


def _enter(paper: Any, actor: User) -> None:
    papers.number(paper, str(next(_number)), on=MONDAY.date(), gap_why="Sổ cũ", actor=actor, now=MONDAY)


def of_reports(cast: Cast) -> Objects:
    """Return reports of Sở Xây dựng on their way to the province with their papers, one that was handed up to it, and targets."""
    province, own = cast.site.province, cast.own
    report_duties.load_shipped(now=MONDAY)
    head, below = province.head, factories.make_user(unit=province.roads, roles=[Role.HEAD], title="Trưởng phòng")
    head.title = "Giám đốc"
    steps = ["draft", "to sign", "to number", "numbered", "handed up", "returned"]
    made: dict[str, Report] = {}
    for place, state in enumerate(steps):
        made[state] = _report(head, f"Báo cáo {state}", province.records, upto=place)
    reporting.send_back(made["returned"], "Thiếu số liệu", actor=looks.superior(province), now=MONDAY)
    made["of a division, handed up to it"] = _report(below, "Báo cáo của phòng", province.records, upto=4)
    told = ("draft", "numbered", "handed up", "returned", "of a division, handed up to it")
    ids = {state: {"report_id": str(made[state].id)} for state in told}
    of_papers = {state: {"uid": str(row.paper.uid)} for state, row in made.items() if row.paper and state in steps[:5]}
    declared, confirmed = (
        targets.declare(province.works, code, 2026, Said(Outcome.MET, "12/QĐ-SXD", MONDAY.date(), file=pdf()), actor=head, now=MONDAY)
        for code in ("quy-che", "ttnd")
    )
    looks.standing_body(province)
    targets.confirm(confirmed, actor=own[Role.STEERING], now=MONDAY)
    works = {"unit_id": str(province.works.id), "year": YEAR}
    declarations = {
        state: {"declaration_id": str(row.id), "uid": str(row.file.uid)}
        for state, row in {"declared": declared, "confirmed": confirmed}.items()
    }
    duty = first(ReportDuty)["id"]
    return {
        "/can-bo/bao-cao/<int:report_id>": ids,
        "/can-bo/van-ban-giam-sat/<uuid:uid>": of_papers,
        "/can-bo/bao-cao/soan/<int:duty_id>/<int:year>": {"": {"duty_id": duty, "year": YEAR}},
        "/can-bo/bao-cao/quy-dinh/<int:duty_id>": {"": {"duty_id": duty}},
        "/can-bo/bao-cao/chi-tieu/quy-dinh/<int:target_id>": {"": {"target_id": first(Target)["id"]}},
        "/can-bo/bao-cao/chi-tieu/<int:unit_id>/<code>/<int:year>": {
            "": works | {"code": "quy-che"},
        },
        "/can-bo/bao-cao/chi-tieu/ke-khai/<int:declaration_id>": declarations,
        "/can-bo/bao-cao/bieu-don/danh-sach": {"": {"?": f"cot={next(iter(words.COLUMNS))}"}},
    }  # fmt: skip


def _report(head: User, title: str, records: User, *, upto: int) -> Report:
    """Return a report of the head's unit that took the first so many steps: sent, signed, numbered, handed up."""
    span = Span(at(-60).date(), at(-30).date())
    report = reporting.begin_ad_hoc(head.unit, title, span, actor=head, now=MONDAY)
    paper = report.paper
    assert paper is not None
    if upto >= 1:
        texts = {"leading": "Đã quán triệt.", "faults": "Còn chậm.", "next": "Làm tiếp."}
        papers.write(paper, texts, seen=papers.seen_of(paper), actor=head, now=MONDAY)
        papers.send(paper, actor=head, now=MONDAY)
    if upto >= 2:
        papers.sign(paper, actor=head, now=MONDAY)
    if upto >= 3:
        _enter(paper, records)
    if upto >= 4:
        reporting.hand_up(report, actor=head, now=MONDAY)
    return report


def of_supervision(cast: Cast, front: Front) -> Objects:
    """Return MTTQ's campaigns at Sở Xây dựng, what they recommended, the plan of the year and the checklists."""
    province = cast.site.province
    stage = Stage(front, province)
    checklists.load_shipped(now=MONDAY)
    looked = stage.under_way()
    looking_ = looked.targets[0]
    checking.report(looking_, text="Báo cáo.", files=[pdf()], actor=province.head, now=at(16))
    duty = stage.concluded()
    recommendations.take(duty, actor=province.officer, now=at(24))
    recommendations.ask_extension(duty, reason="Chờ vốn", actor=province.officer, now=at(24))
    concluded, draft = duty.finding.target.campaign, stage.begun()  # last: the same draft again is the one there is
    campaigns = {"draft": draft, "looking": looked, "concluded": concluded}
    of_campaigns: dict[str, Values] = {}
    for state, row in campaigns.items():
        of_campaigns[state] = {
            "campaign_id": str(row.id), "target_id": str(row.targets[0].id), "member_id": str(row.members[0].id),
            "finding_id": str(row.findings[0].id if row.findings else 0),
        }  # fmt: skip
    assert campaigns["concluded"].state == CampaignState.CONCLUDED
    file = {"target_id": str(looking_.id), "uid": str(looking_.files[0].file.uid)}
    plan = planning.start(front.unit, 2026, actor=front.officer, now=MONDAY)
    line = planning.add_line(plan, LINE, actor=front.officer, now=MONDAY)
    of_unit = "/can-bo/giam-sat/don-vi/<int:target_id>"
    return {
        "/can-bo/giam-sat/cuoc/<int:campaign_id>": of_campaigns,
        of_unit: of_campaigns,
        f"{of_unit}/nhan-dinh/<int:finding_id>": {"looking": of_campaigns["looking"]},
        f"{of_unit}/tep/<uuid:uid>": {"looking": file},
        "/can-bo/giam-sat/kien-nghi/<int:assignment_id>": {"": {"assignment_id": str(duty.id)}},
        "/can-bo/giam-sat/ke-hoach/<int:unit_id>/<int:year>": {
            "": {"unit_id": str(front.unit.id), "year": YEAR, "line_id": str(line.id)},
        },
        "/can-bo/giam-sat/moi/<int:unit_id>": {"": {"unit_id": str(front.unit.id)}},
        "/can-bo/giam-sat/bang-cau-hoi/<int:checklist_id>": {"": {"checklist_id": first(Checklist)["id"]}},
    }  # fmt: skip


def of_looks(cast: Cast) -> Objects:
    """Return a look that found all right, one that the superior has to decide about, a draw and what it drew."""
    province = cast.site.province
    sampling.load_shipped(now=MONDAY)
    right = looks.look(looks.kept(province), province.front_reader, photos=[photo()])
    wrong = looks.look(_kept_by_a_division(province), province.front_reader, right=False)
    looks.kept(province)
    sample = sampling.draw(AUGUST, now=FIRST)
    asked = looking.ask(looks.kept(province), actor=province.front_reader, now=looks.LOOKED_AT)
    assert wrong.question is not None
    return {
        "/can-bo/kiem-tra-thuc-te/ket-qua/<int:check_id>": {
            state: {"check_id": str(row.id)} for state, row in {"right": right, "not right": wrong}.items()
        },
        "/can-bo/kiem-tra-thuc-te/ket-qua/<int:check_id>/anh": {"": {"check_id": str(right.id), "uid": str(right.photos[0].file.uid)}},
        "/can-bo/kiem-tra-thuc-te/phan-cong/<int:task_id>": {
            "drawn": {"task_id": str(sample.tasks[0].id)}, "asked for": {"task_id": str(asked.id)},
        },
        "/can-bo/mau-kiem-tra/<int:year>/<int:month>": {"": {"year": YEAR, "month": "8"}},
        "/can-bo/mo-lai/<int:question_id>": {"": {"question_id": str(wrong.question.id)}},
    }  # fmt: skip


def _kept_by_a_division(province: Province) -> FeedbackAssignment:
    """Return what an answer promised for Phòng Hạ tầng, reported done: above it Sở Xây dựng decides whether it is opened again."""
    item = builders.taken(province)
    builders.answer(province, item, at(1), [builders.promised(at(10).date(), province.roads.id)])
    act = next(each for each in item.assignments if each.duty == Duty.ACT)
    unit.take_promise(act, actor=province.roads_officer, now=at(2))
    unit.keep_promise(act, report="Đã thay.", proofs=[builders.proof()], actor=province.roads_officer, now=looks.DONE_AT)
    return act


def of_watchers(cast: Cast) -> Objects:
    """Return what MTTQ's reader of the matrix keeps for themselves, and a view that they share with their colleagues."""
    reader, item = cast.own[Role.FRONT], cast.site.items["taken"]
    row, today = item.assignments[0], local_date(MONDAY)
    note = watching.note(row, body="Hỏi lại.", shared=False, actor=reader, today=today, now=MONDAY)
    alone, shared = (
        saved.keep(page="register", address="", name=name, shared=shared, actor=reader, now=MONDAY)
        for name, shared in (("a", False), ("b", True))
    )
    subscription = watching.subscribe(f"don-vi={cast.site.province.works.code}", actor=reader, now=MONDAY)
    news = WeeklyNews(user_id=reader.id, week="2026-W31", first_on=at(-7).date(), last_on=at(-1).date(), made_at=MONDAY)
    db.session.add(news)
    db.session.flush()
    return {
        "/can-bo/viec-da-cam-ket/<int:assignment_id>/ghi-chu/<int:note_id>": {
            "": {"assignment_id": str(row.id), "note_id": str(note.id)},
        },
        "/can-bo/viec-da-cam-ket/cach-xem/<int:view_id>": {"kept": {"view_id": str(alone.id)}, "shared": {"view_id": str(shared.id)}},
        "/can-bo/dang-theo-doi/ban-tin/<int:news_id>": {"": {"news_id": str(news.id)}},
        "/can-bo/dang-theo-doi/ban-tin/<int:subscription_id>": {"": {"subscription_id": str(subscription.id)}},
    }  # fmt: skip


def of_oversight(cast: Cast) -> Objects:
    """Return all of them."""
    front = front_of(cast.site.province)
    return {**of_letters(cast, front), **of_reports(cast), **of_supervision(cast, front), **of_looks(cast), **of_watchers(cast)}
