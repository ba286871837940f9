"""What oversight asks of Sở Xây dựng and what it says: letters, reports, targets, campaigns, recommendations, plans, in each state."""

from __future__ import annotations

import itertools
from typing import Any

from app.assignments.rules import State as Duty
from app.database import db
from app.permissions import Role
from oversight.models import Letter
from oversight.operations import answering, campaign_steps, papers, report_duties, targets
from oversight.operations import letters as sending
from oversight.operations import reports as reporting
from oversight.operations import supervision_plans as planning
from oversight.operations.targets import Said
from oversight.rules.letters import LetterKind
from oversight.rules.papers import PaperState
from oversight.rules.reports import State as ReportState
from oversight.rules.supervision import PlanState
from oversight.rules.supervision import State as CampaignState
from oversight.rules.targets import Outcome
from oversight.rules.targets import State as TargetState
from tests.bad_input.objects import Cast, Values, pdf
from tests.bad_input.objects_of_oversight import _enter, _report
from tests.bad_input.states import Kind, by_hand, said
from tests.feedback.builders import MONDAY, at
from tests.oversight import looks
from tests.oversight.papers_of import Front, front_of
from tests.oversight.test_supervision import LINE, Stage

BYSTANDERS = (Role.RECEPTION, Role.TRADE_UNION, Role.SEALED_INTAKE, Role.AUDITOR, Role.ADMINISTRATOR)
STEPS = "By the steps that people take"
_number = itertools.count(1)


def of_oversight(cast: Cast) -> list[Kind]:
    """Return the kinds of oversight that have states."""
    front = front_of(cast.site.province)
    cast.site.province.head.title = "Giám đốc"
    return [*_letters(cast, front), *_reports(cast), _declarations(cast), *_campaigns(cast, front), _plans(front)]


def _letter(cast: Cast, front: Front, upto: PaperState = PaperState.NUMBERED) -> Letter:
    """Return a petition of MTTQ to Sở Xây dựng whose paper came so far."""
    words: dict[str, Any] = {"reason": "Sửa đèn trước mùa mưa.", "token": f"state-{next(_number)}"}
    to = [cast.site.province.works]
    made = sending.draft(LetterKind.PETITION, front.unit, about=[], to=to, **words, actor=front.officer, now=MONDAY)
    step = list(PaperState).index(upto)
    if step >= 1:
        papers.send(made.paper, actor=front.officer, now=MONDAY)
    if step >= 2:
        papers.sign(made.paper, actor=front.head, now=MONDAY)
    if upto is PaperState.NUMBERED:
        _enter(made.paper, front.records)
        db.session.refresh(made)
    return made


def _letters(cast: Cast, front: Front) -> list[Kind]:
    province = cast.site.province
    ways = {said(state): {"letter_id": str(_letter(cast, front, state).id)} for state in PaperState}
    found: dict[str, Values] = {}
    offered, taken, cancelled = (_letter(cast, front).duties[0] for _ in range(3))
    answering.take(taken, actor=province.officer, now=MONDAY)
    for state, duty in {"offered": offered, "taken": taken, "cancelled": cancelled}.items():
        found[state] = {"assignment_id": str(duty.id)}
    for state in ("answer proposed", "answer sent back", "answered", "answer insufficient"):
        duty = _letter(cast, front).duties[0]
        by = province.head if state in {"answered", "answer insufficient"} else province.officer
        answer = answering.answer(duty, "Đã sửa.", [pdf()], actor=by, now=MONDAY)
        if state == "answer sent back":
            answering.send_back(answer, "Viết rõ hơn", actor=province.head, now=MONDAY)
        if state == "answer insufficient":
            answering.call_insufficient(duty, "Chưa rõ", actor=front.head, now=MONDAY)
        db.session.flush()
        found[state] = {"assignment_id": str(duty.id), "answer_id": str(answer.id), "uid": str(answer.files[0].file.uid)}
    cancelled.state, cancelled.closed_at = Duty.CANCELLED, MONDAY
    own, sender = "/can-bo/phai-tra-loi/<int:assignment_id>", "/can-bo/don-doc/tra-loi/<int:assignment_id>"
    how = f"{STEPS}; cancelled was set by hand. A petition of MTTQ to Sở Xây dựng."
    ways_how = f"{STEPS}: the states of its paper."
    return [
        Kind("A letter", ways_how, "/can-bo/don-doc/<int:letter_id>", "letter_id", ways, bystanders=BYSTANDERS),
        Kind("What a letter asks for", how, own, "assignment_id", found, bystanders=BYSTANDERS),
        Kind("What a letter asks for, to who sent it", how, sender, "assignment_id", found, bystanders=BYSTANDERS),
    ]


def _reports(cast: Cast) -> list[Kind]:
    province = cast.site.province
    head, above = province.head, looks.superior(province)
    made: dict[str, Any] = {}
    for place, state in enumerate(PaperState):
        made[f"its paper {said(state)}"] = _report(head, f"Báo cáo {state}", province.records, upto=place)
    of_papers = {said(state): {"uid": str(made[f"its paper {said(state)}"].paper.uid)} for state in PaperState}
    for state in (ReportState.HANDED_UP, ReportState.RETURNED, ReportState.ACCEPTED):
        row = made[said(state)] = _report(head, f"Báo cáo {state}", province.records, upto=4)
        if state == ReportState.RETURNED:
            reporting.send_back(row, "Thiếu số liệu", actor=above, now=MONDAY)
        elif state == ReportState.ACCEPTED:
            reporting.accept(row, actor=above, now=MONDAY)
    assert {row.state for row in made.values()} == set(ReportState)
    found = {state: {"report_id": str(row.id)} for state, row in made.items()}
    how = f"{STEPS}, of Sở Xây dựng to the province."
    return [
        Kind("A report", how, "/can-bo/bao-cao/<int:report_id>", "report_id", found, bystanders=BYSTANDERS),
        Kind("The paper of a report", how, "/can-bo/van-ban-giam-sat/<uuid:uid>", "uid", of_papers),
    ]


def _declarations(cast: Cast) -> Kind:
    province = cast.site.province
    report_duties.load_shipped(now=MONDAY)
    looks.standing_body(province)

    def declared(code: str) -> Any:
        words = Said(Outcome.MET, "12/QĐ-SXD", MONDAY.date(), file=pdf())
        return targets.declare(province.works, code, 2026, words, actor=province.head, now=MONDAY)

    withdrawn = declared("quy-che")
    targets.withdraw(withdrawn, "Nhầm", actor=province.head, now=MONDAY)
    returned = declared("quy-che")
    targets.send_back(returned, "Thiếu", actor=cast.own[Role.STEERING], now=MONDAY)
    confirmed = declared("quy-che")
    targets.confirm(confirmed, actor=cast.own[Role.STEERING], now=MONDAY)
    made = {"declared": declared("ttnd"), "confirmed": confirmed, "returned": returned, "withdrawn": withdrawn}
    assert {state: str(row.state) for state, row in made.items()} == {str(each): str(each) for each in TargetState}
    found = {state: {"declaration_id": str(row.id), "uid": str(row.file.uid)} for state, row in made.items()}
    prefix = "/can-bo/bao-cao/chi-tieu/ke-khai/<int:declaration_id>"
    return Kind("What a unit declares of a target", f"{STEPS}, of Sở Xây dựng.", prefix, "declaration_id", found, bystanders=BYSTANDERS)


def _campaigns(cast: Cast, front: Front) -> list[Kind]:
    stage = Stage(front, cast.site.province)
    cancelled = stage.announced()
    campaign_steps.cancel(cancelled, why="Hoãn", actor=front.officer, now=at(1))
    duties = by_hand(stage.concluded, Duty)
    closed = stage.concluded().finding.target.campaign
    closed.state, closed.closed_at = CampaignState.CLOSED, at(40)
    made = {
        "announced": stage.announced(), "under way": stage.under_way(), "findings": stage.heard(),
        "concluded": duties["offered"].finding.target.campaign, "closed": closed, "cancelled": cancelled,
        "draft": stage.begun(),  # last: the same draft again is the one there is
    }  # fmt: skip
    assert {state: said(row.state) for state, row in made.items()} == {said(each): said(each) for each in CampaignState}
    found = {
        said(state): {
            "campaign_id": str(row.id), "target_id": str(row.targets[0].id), "member_id": str(row.members[0].id),
            "finding_id": str(row.findings[0].id if row.findings else 0),
        }
        for state, row in ((each, made[said(each)]) for each in CampaignState)
    }  # fmt: skip
    how, prefix = "Of MTTQ, at Sở Xây dựng. {}", "/can-bo/giam-sat"
    steps = how.format(f"{STEPS}; closed was set by hand.")
    given = {state: {"assignment_id": str(row.id)} for state, row in duties.items()}
    hand = how.format("The state was set by hand.")
    return [
        Kind("A campaign of supervision", steps, f"{prefix}/cuoc/<int:campaign_id>", "campaign_id", found, bystanders=BYSTANDERS),
        Kind("A unit that a campaign looks at", steps, f"{prefix}/don-vi/<int:target_id>", "target_id", found, bystanders=BYSTANDERS),
        Kind("What a campaign recommends", hand, f"{prefix}/kien-nghi/<int:assignment_id>", "assignment_id", given, bystanders=BYSTANDERS),
    ]


def _plans(front: Front) -> Kind:
    found = {}
    for state, year in zip(PlanState, (2026, 2027, 2028), strict=True):
        plan = planning.start(front.unit, year, actor=front.officer, now=MONDAY)
        line = planning.add_line(plan, LINE, actor=front.officer, now=MONDAY)
        plan.state = state
        found[said(state)] = {"unit_id": str(front.unit.id), "year": str(year), "line_id": str(line.id)}
    how = "Of MTTQ, a year of its own each; the state was set by hand."
    return Kind("The plan of supervision of a year", how, "/can-bo/giam-sat/ke-hoach/<int:unit_id>/<int:year>", "year", found)
