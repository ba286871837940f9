"""Items, their papers, what they promised and what was asked about a person's data, in each state: for the matrix by state."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from app import files
from app.assignments.rules import Duty, State
from app.database import db
from app.permissions import Role
from feedback import rules
from feedback.models import Attachment, Feedback, FeedbackAssignment
from feedback.operations import desk, merging, papers, sender
from feedback.personal import operations as personal
from feedback.personal.rules import Ground, RequestKind
from feedback.rules import PaperType
from tests.app.files import samples
from tests.bad_input.objects import Cast
from tests.bad_input.states import Kind, said
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at

BYSTANDERS = (Role.TRADE_UNION, Role.SEALED_INTAKE, Role.AUDITOR, Role.ADMINISTRATOR)


def of_feedback(cast: Cast) -> list[Kind]:
    """Return the kinds of feedback that have states, sealed cases apart."""
    return [_items(cast), _papers(cast), _promises(cast), _requests(cast)]


def _items(cast: Cast) -> Kind:
    province = cast.site.province

    def ended(type_: PaperType) -> Feedback:
        item = builders.received()
        builders.desk_paper(province, item, type_, MONDAY)
        return item

    closed = builders.answered(province, now=at(-60))
    sender.close_after_rating_days(closed, now=at(-10))
    split, merged, gone = builders.received(), builders.received(), builders.received()
    parts = [desk.Part(rules.Kind.REPORT, "Đèn", "Đèn tắt."), desk.Part(rules.Kind.QUESTION, "Giấy", "Cần giấy gì?")]
    desk.split(split, parts, actor=province.clerk, now=MONDAY)
    into = builders.received()
    merging.propose_merge(merged, into, actor=province.clerk, now=MONDAY)
    merging.merge(merged, into, actor=province.clerk, now=MONDAY)
    sender.withdraw(gone, builders.sender_key(gone), now=MONDAY)
    items = {
        "received": builders.received(), "in hand (offered)": builders.offered(province), "in hand (taken)": builders.taken(province),
        "answered": builders.answered(province), "closed": closed, "guided": ended(PaperType.GUIDE), "refused": ended(PaperType.REFUSE),
        "forwarded": ended(PaperType.FORWARD), "filed": ended(PaperType.FILE), "split": split, "merged": merged, "withdrawn": gone,
    }  # fmt: skip
    assert {state.partition(" (")[0] for state in items} == {said(each) for each in rules.Status}
    assert all(item.status == state.partition(" (")[0].replace(" ", "_") for state, item in items.items())
    found = {}
    for state, item in items.items():
        photo = files.store_upload(io.BytesIO(samples.photo_with_place()), "anh.jpg", MONDAY)
        kept = Attachment(file=photo, by_sender=True)
        item.attachments.append(kept)
        db.session.flush()
        token = files.link_token(kept.file, f"user:{cast.own[Role.OFFICER].id}")
        found[state] = {"code": item.code, "uid": str(kept.file.uid), "token": token}
    return Kind("An item", "By the steps that people take.", "/can-bo/y-kien/<code>", "code", found, bystanders=BYSTANDERS)


def _papers(cast: Cast) -> Kind:
    province = cast.site.province
    draft, discarded = (papers.draft(builders.taken(province), PaperType.REPLY, actor=province.officer, now=MONDAY) for _ in range(2))
    papers.discard(discarded, actor=province.officer, now=MONDAY)
    made = {
        "draft": draft, "submitted": builders.submitted_reply(province, builders.taken(province), MONDAY),
        "approved": builders.signed_reply(province, builders.taken(province), MONDAY),
        "published": builders.answer(province, builders.taken(province), MONDAY), "discarded": discarded,
    }  # fmt: skip
    assert {state: said(row.state) for state, row in made.items()} == {said(each): said(each) for each in rules.PaperState}
    found = {state: {"code": row.feedback.code, "paper_id": str(row.id)} for state, row in made.items()}
    how = "By the steps that people take, of Sở Xây dựng."
    return Kind("A paper of an item", how, "/can-bo/y-kien/<code>/van-ban", "paper_id", found, bystanders=BYSTANDERS)


def _promises(cast: Cast) -> Kind:
    province = cast.site.province

    def promised() -> FeedbackAssignment:
        item = builders.taken(province)
        builders.answer(province, item, MONDAY, [builders.promised(at(9).date(), province.ward.id)])
        return next(each for each in item.assignments if each.duty == Duty.ACT)

    found = {}
    for state in State:
        duty = promised()
        duty.state, duty.closed_at = state, None if state in {State.OFFERED, State.TAKEN} else MONDAY
        found[said(state)] = {"code": duty.feedback.code, "duty_id": str(duty.id)}
    how = "Promised for the ward in an answer of Sở Xây dựng; the state was set by hand."
    return Kind("What an answer promised", how, "/can-bo/y-kien/<code>/viec-da-hua", "duty_id", found, bystanders=BYSTANDERS)


def _requests(cast: Cast) -> Kind:
    clerk, made = cast.site.province.clerk, {}

    def asked(kind: RequestKind) -> Any:
        item = builders.answered(cast.site.province)
        return personal.ask(item, builders.sender_key(item), kind, now=MONDAY)

    for kind in RequestKind:
        made[f"{kind}: asked"] = asked(kind)
        refused = made[f"{kind}: refused"] = asked(kind)
        personal.refuse(refused, Ground.NOT_THEIRS, actor=clerk, now=MONDAY + dt.timedelta(hours=1))
    agreed = made["export: agreed"] = asked(RequestKind.EXPORT)
    personal.agree(agreed, [], seen="", actor=clerk, now=MONDAY + dt.timedelta(hours=1))
    found = {state: {"request_id": str(row.id)} for state, row in made.items()}
    how = "By the steps that people take."
    return Kind("What a person asked about their data", how, "/can-bo/thong-tin-ca-nhan", "request_id", found)
