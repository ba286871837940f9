"""The secretary's desk in the hall: `/ban`. Its page, what devices send, the one form without a script, and what came late."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import abort, make_response, render_template, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.accounts import unsaved
from app.database import begin_reading, db
from app.headers import unkept
from app.permissions import Permission
from app.text import clean_line
from dialogues import desk_state, queries, rules, said
from dialogues.forms.desk import DEVICE_MAX, MOST_BYTES, MOST_EVENTS, Unreadable, from_form, read
from dialogues.live import Event
from dialogues.models import Session
from dialogues.operations import folding, recording, screening
from dialogues.operations.recording import PAGE, Taken
from dialogues.rules import EventState, Status
from dialogues.views.staff import askers
from dialogues.views.staff.pages import MENDED_IN, TOO_LATE, UNPROCESSABLE, add_room, bp, load, load_to_prepare, press, to_room
from dialogues.views.staff.sessions import ADDRESSES

DESK = "dialogue_staff.desk"
LATE = "dialogue_staff.late_events"

#: The desk lets in readers too: a secretary need not prepare sessions.
RECORDERS = (Permission.DIALOGUE_READ, Permission.DIALOGUE_PREPARE)

add_room(DESK, _l("Bàn thư ký"), "during", 1)
MENDED_IN |= {"late_undecided": LATE}

#: Every reason not to do what a device says, as a sentence.
WHYS: dict[str, Any] = {
    "not_now": _l("Buổi đối thoại chưa đến lúc ghi, đã hoãn hoặc đã hủy."),
    "known": _l("Mục này đã gửi lên trước đó với nội dung khác. Nội dung trước giữ nguyên; còn thiếu thì ghi thành mục mới."),
    "elsewhere": _l("Mục này thuộc buổi đối thoại khác."),
    "not_there": _l("Không còn phần chương trình hoặc hội trường này. Tải lại trang."),
    "no_hall": _l("Không còn hội trường, điểm cầu này. Tải lại trang rồi chọn lại."),
    "other_thing": _l("Mục này không phải loại có thể ghi như vậy."),
    "not_raised": _l("Câu hỏi này không còn trong các câu đã nêu tại buổi đối thoại."),
    "stays": _l("Mục này không ghi tại bàn thư ký, đã có mã theo dõi, hoặc chủ trì đã giao việc từ câu hỏi này, nên không bỏ được ở đây."),
    "already_promised": _l("Câu hỏi này đã giao đơn vị trả lời nên không đổi cách trả lời được nữa."),
    "not_accepted": _l("Ghi đến muộn, người phụ trách đã xem và không nhận."),
}
#: Each try that fails has seen another session commit first.
TRIES = 5
BODY_UNREADABLE = _l("Máy chủ không đọc được gói dữ liệu này.")
BODY_TOO_BIG = _l("Gói dữ liệu lớn quá. Gửi từng phần nhỏ hơn.")


def _at_desk(code: str) -> Session:
    session = load(code)
    if not recording.may_record(session, current_user):
        abort(403)
    return session


def _state(session: Session) -> dict[str, Any]:
    prepares = rules.may_prepare(current_user.reach, queries.standing_of(session))
    senders = askers.names(session) if prepares and session.status in rules.AT_DESK else {}
    return desk_state.state(session, clock.now(), prepares=prepares, askers=senders)


@bp.get("/<code>/ban")
@requires(*RECORDERS)
def desk(code: str) -> Response:
    """Show the desk; whoever only reads the session is told whose it is."""
    session = load(code)
    if not recording.may_record(session, current_user):
        return to_room(session, sentence=_("Bàn thư ký do thư ký hoặc người phụ trách buổi đối thoại ghi."), category="warn")
    if any(each.asker_sealed for each in session.questions):
        askers.look(session)
    return page_of(session, _state(session), dict(unsaved.typed()), early=recording.is_early(session, clock.now()))


def page_of(
    session: Session, state: Mapping[str, Any], typed: Mapping[str, str] | None = None, faults: Sequence[str] = (), *, early: bool = False
) -> Response:
    """Return the desk as a page; *typed* is what a form sent that was refused for *faults*, *early* whether nothing is taken yet."""
    page = render_template(
        "dialogues/staff/desk.html",
        session_=session,
        state=state,
        new_uid=lambda: str(uuid.uuid4()),
        typed=typed or {},
        faults=list(faults),
        early=early,
        begin_url=url_for("dialogue_staff.take_step", code=session.code, to=ADDRESSES[Status.IN_SESSION]),
        close_url=url_for("dialogue_staff.take_step", code=session.code, to=ADDRESSES[Status.HELD]),
    )
    return unkept(make_response(page, UNPROCESSABLE if faults else 200))


@bp.get("/<code>/ban/trang-thai.json", endpoint="desk_state")
@requires(*RECORDERS)
def state_json(code: str) -> Response:
    """Give the desk's picture, or say that nothing changed."""
    session = _at_desk(code)
    prepares = rules.may_prepare(current_user.reach, queries.standing_of(session))
    mark = f"{session.live_version}-{get_locale()}-{prepares:d}"
    known = request.if_none_match.contains(mark)
    response = make_response("", HTTPStatus.NOT_MODIFIED) if known else make_response(_state(session))
    response.set_etag(mark)
    return unkept(response)


# --- what is recorded ----------------------------------------------------------------------------------------------------


@bp.post("/<code>/ban/ghi")
@requires(*RECORDERS)
def desk_record(code: str) -> Response:
    """Record what one plain form of the desk says."""
    session, typed = _at_desk(code), request.form.to_dict()
    typed.pop("csrf_token", None)
    try:
        (taken,) = _take(session, PAGE, [from_form(typed, clock.now())])
    except Unreadable as fault:
        return page_of(session, _state(session), typed, [str(fault)])
    if taken.state == EventState.REFUSED:
        return page_of(session, _state(session), typed, [str(WHYS[taken.why])])
    return to_room(session, DESK, _DONE[taken.state], "ok" if taken.state == EventState.APPLIED else "warn")


_DONE: dict[EventState, Any] = {
    EventState.APPLIED: _l("Đã ghi."),
    EventState.CONFLICT: _l("Đã ghi. Máy khác ghi khác đi: xem hai bản cạnh nhau và chọn một."),
    EventState.LATE: _l("Buổi đối thoại đã kết thúc. Mục này chờ nhận ở phần “Ghi đến muộn”."),
    EventState.ADDENDUM: _l("Hồ sơ đã lưu. Mục này là phần bổ sung của hồ sơ."),
}


@bp.post("/<code>/ban/su-kien")
@requires(*RECORDERS)
def desk_events(code: str) -> Any:
    """Take what a device kept: {"device", "events"}; say of each what became of it, and how the session stands."""
    session = _at_desk(code)
    try:
        device, given = _body()
    except RequestEntityTooLarge:
        return {"why": str(BODY_TOO_BIG)}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    except (ValueError, RecursionError):
        return {"why": str(BODY_UNREADABLE)}, HTTPStatus.BAD_REQUEST
    events: dict[int, Event] = {}
    whys: dict[int, str] = {}
    for place, each in enumerate(given):
        try:
            events[place] = read(each)
        except Unreadable as fault:
            whys[place] = str(fault)
    taken = dict(zip(events, _take(session, device, list(events.values())), strict=True))
    results = [_result(each, taken.get(place), whys.get(place, "")) for place, each in enumerate(given)]
    return unkept(make_response({"results": results, "state": _state(session)}))


def _body() -> tuple[str, list[Any]]:
    """Return the device and the events of a message. :raise ValueError: :raise RecursionError: :raise RequestEntityTooLarge:"""
    sent = request.get_data()
    if len(sent) > MOST_BYTES:
        raise RequestEntityTooLarge
    body = json.loads(sent)
    device, events = (body.get("device"), body.get("events")) if isinstance(body, dict) else (None, None)
    if not isinstance(device, str) or not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise ValueError(device)
    device = clean_line(device, DEVICE_MAX)
    if not device:
        raise ValueError(device)
    return device, events


@bp.post("/<code>/ban/chua-neu")
@requires(Permission.DIALOGUE_PREPARE)
def leave_to_writing(code: str) -> Response:
    """Let what was chosen for the day and not put be answered in writing: nothing then keeps the session from ending."""
    session = load_to_prepare(code)
    done = _("Các câu chưa nêu được trả lời bằng văn bản. Mã theo dõi và hạn giữ nguyên.")
    return press(session, lambda: screening.leave_to_writing(session, actor=current_user, now=clock.now()), done=done, back=DESK)


def _take(session: Session, device: str, events: Sequence[Event]) -> list[Taken]:
    """Keep *events* and do what they say."""
    taken = _again(lambda: recording.take(session, device, events, actor=current_user, now=clock.now()))
    begin_reading()  # what is shown now need not keep others from writing
    return taken


def _again(do: Callable[[], list[Taken]]) -> list[Taken]:
    """Run *do* and commit; once more where another session took one of the ids at this very moment: now we see that it did."""
    for left in reversed(range(TRIES)):
        try:
            taken = do()
            db.session.commit()
            break
        except IntegrityError:
            db.session.rollback()
            if not left:
                raise
    return taken


def _result(given: Any, taken: Taken | None, why: str) -> dict[str, str]:
    uid = given.get("uid") if isinstance(given, Mapping) else None
    said_uid = uid if isinstance(uid, str) else ""
    if taken is None:
        return {"uid": said_uid, "state": EventState.REFUSED, "why": why}
    return {"uid": said_uid, "state": taken.state, "why": str(WHYS[taken.why]) if taken.why else ""}


# --- what came late ------------------------------------------------------------------------------------------------------


@bp.route("/<code>/ban/muon", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def late_events(code: str) -> Any:
    """Show what came after the session was held; accept or refuse it."""
    session = load_to_prepare(code)
    if request.method == "POST":
        uids = {uid for uid in map(_uid, request.form.getlist("uid")) if uid is not None}
        accepted = request.form.get("decision") == "accept"
        decided = _again(lambda: recording.decide(session, uids, accepted=accepted, actor=current_user, now=clock.now()))
        return to_room(session, LATE, _decided(decided, accepted=accepted), "ok" if decided else "warn")
    rows = recording.waiting(session)
    events = [folding.event_of(row) for row in rows]
    about = said.abouts(session, events)
    waiting = [(row, said.in_words(event, about, names=True)) for row, event in zip(rows, events, strict=True)]
    page = render_template("dialogues/staff/late_events.html", session_=session, waiting=waiting, open=recording.folds_late(session))
    return unkept(make_response(page))


def _uid(given: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(given)
    except ValueError:
        return None


def _decided(decided: Sequence[Taken], *, accepted: bool) -> str:
    if not decided:
        return str(TOO_LATE)
    if not accepted:
        return ngettext("Không nhận %(num)d mục.", "Không nhận %(num)d mục.", len(decided))
    whys = dict.fromkeys(str(WHYS[each.why]) for each in decided if each.why)
    taken = sum(not each.why for each in decided)
    codes = ", ".join(dict.fromkeys(each.code for each in decided if each.code))
    made = [_("Câu hỏi chưa được trả lời thành ý kiến, trả lời bằng văn bản. Mã: %(codes)s.", codes=codes)] if codes else []
    return " ".join([ngettext("Đã nhận %(num)d mục.", "Đã nhận %(num)d mục.", taken), *made, *whys])
