"""The papers of a session and of a unit's year: which there are, which may be begun, which wait for their number."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock, navigation
from app.access import requires
from app.database import db
from app.permissions import Permission
from dialogues import books, filing, lists, queries, rules, words
from dialogues.models import Session, SessionPaper, YearPlan
from dialogues.operations import papers
from dialogues.rules import DOSSIER, OF_YEAR, PaperState, PaperType, Status
from dialogues.views.staff.pages import MENDED_IN, REFUSALS, add_room, bp, load, load_to_prepare, press_to
from dialogues.views.staff.sessions import next_step

ROOM = "dialogue_staff.papers_room"

add_room(ROOM, lazy_pgettext("danh sách", "Văn bản"), "kept", 1)
MENDED_IN |= dict.fromkeys(("no_programme", "no_invitation", "conclusion_without_number", "conclusion_older"), ROOM)
REFUSALS |= {
    papers.Closed: _l("Hồ sơ đã lưu hoặc buổi đối thoại đã hủy nên văn bản giữ nguyên."),
    papers.AnotherDraft: _l("Đang có một văn bản loại này chưa ghi số. Làm xong hoặc bỏ văn bản ấy trước."),
    papers.NotReady: _l("Ghi người ký và chức vụ trước khi trình; ký thừa lệnh, thừa ủy quyền thì ghi cả chức vụ người giao ký."),
    books.NumberUnreadable: _l("Số bắt đầu bằng chữ số, sau đó chỉ ghi ký hiệu; ví dụ 5 hoặc 05/TB-UBND."),
    books.WrongSymbol: _l("Ký hiệu này của loại văn bản khác. Ký hiệu của văn bản này là %(symbol)s; chỉ ghi số cũng được."),
    papers.NumberTaken: _l("Số này đã cấp cho văn bản khác cùng loại trong năm."),
    papers.GapUnexplained: _l("Số này bỏ cách số trước. Ghi vì sao bỏ cách, hoặc sửa số."),
    papers.DatedAhead: _l("Ngày văn bản chưa tới. Ghi ngày hôm nay hoặc ngày đã qua."),
    papers.NothingSaidYet: _l("Buổi đối thoại chưa kết thúc nên chưa trình ký văn bản này được."),
    papers.DatedTooEarly: _l("Ngày văn bản quá sớm so với buổi đối thoại hoặc ngày soạn. Xem lại ngày, tháng, năm."),
    papers.NamesUnread: _l("Đọc bản in, không có tên người dân thì đánh dấu rồi bấm lại."),
    papers.NotPdf: _l("Bản đã ký phải là tệp PDF."),
}

#: Who has anything to do with papers.
HANDS = (Permission.DIALOGUE_READ, Permission.FEEDBACK_NUMBER)
#: The papers of a session in the order of the dossier; what has no row there comes last.
OF_SESSION = sorted(
    set(PaperType) - OF_YEAR, key=lambda type_: next((place for place, row in enumerate(DOSSIER) if row.paper == type_), len(DOSSIER))
)


@bp.get("/<code>/van-ban")
@requires(*HANDS)
def papers_room(code: str) -> str:
    """List the papers of a session, and those that may be begun."""
    session = load(code)
    needed = _needed(session)
    return render_template(
        "dialogues/staff/papers.html",
        session_=session,
        needed=needed,
        rows=filing.papers_of(session),
        older=[paper.id for paper in session.papers if is_older(paper)],
        types=sorted(OF_SESSION, key=lambda type_: type_ not in needed),
        post_to=url_for("dialogue_staff.begin_paper", code=code),
        may_prepare=rules.may_prepare(current_user.reach, queries.standing_of(session)) and session.status not in rules.CLOSED,
    )


#: Which paper mends what a step lacks.
_MENDS = {
    "no_programme": PaperType.PROGRAMME,
    "no_house_rules": PaperType.PROGRAMME,
    "no_invitation": PaperType.INVITATION,
    "conclusion_without_number": PaperType.CONCLUSION,
    "conclusion_older": PaperType.CONCLUSION,
}


def _needed(session: Session) -> set[PaperType]:
    """Return the papers that the next step waits for and that nobody has begun."""
    begun = {each.type for each in session.papers if each.state != PaperState.NUMBERED}
    to = next_step(session)
    lacking = rules.lacks(to, queries.facts_of(session, clock.today())) if to else []
    return {_MENDS[guard.name] for guard in lacking if guard.name in _MENDS} - begun


def is_older(paper: SessionPaper) -> bool:
    """Say whether *paper*, the last of its type, has to be made anew: what it tells was changed, and is not out yet."""
    if paper.session is None or paper.session.status != Status.HELD or not queries.is_older(paper):
        return False
    return not any(each.type == paper.type and each.id > paper.id for each in paper.session.papers)


@bp.post("/<code>/van-ban")
@requires(Permission.DIALOGUE_PREPARE)
def begin_paper(code: str) -> Response:
    """Begin a paper of a session."""
    session, type_ = load_to_prepare(code), _wanted(frozenset(OF_SESSION))
    return _begin(lambda: papers.draft(session, type_, actor=current_user, now=clock.now()), url_for(ROOM, code=code))


@bp.get("/ke-hoach/<int:plan_id>/van-ban")
@requires(*HANDS)
def plan_papers(plan_id: int) -> str:
    """List the papers of a unit's year, and those that may be begun."""
    plan = _plan(plan_id)
    return render_template(
        "dialogues/staff/plan_papers.html",
        plan=plan,
        rows=queries.papers_of_plan(plan),
        types=sorted(OF_YEAR),
        post_to=url_for("dialogue_staff.begin_plan_paper", plan_id=plan_id),
        may_prepare=rules.may_prepare(current_user.reach, rules.Standing(plan.unit.path, place_id=plan.unit.place_id)),
    )


@bp.post("/ke-hoach/<int:plan_id>/van-ban")
@requires(Permission.DIALOGUE_PREPARE)
def begin_plan_paper(plan_id: int) -> Response:
    """Begin a paper of a unit's year."""
    plan, type_ = _plan(plan_id), _wanted(OF_YEAR)
    back = url_for("dialogue_staff.plan_papers", plan_id=plan_id)
    return _begin(lambda: papers.draft_of_year(plan, type_, actor=current_user, now=clock.now()), back)


def _plan(plan_id: int) -> YearPlan:
    plan = db.session.get(YearPlan, plan_id)
    if plan is None or not rules.may_read(current_user.reach, rules.Standing(plan.unit.path, place_id=plan.unit.place_id)):
        abort(404)
    return plan


def _wanted(offered: frozenset[PaperType]) -> PaperType:
    wanted = request.form.get("loai", "")
    if wanted not in offered:
        abort(400)
    return PaperType(wanted)


def _begin(do: Callable[[], SessionPaper], back: str) -> Response:
    begun: list[SessionPaper] = []
    return press_to(lambda: begun.append(do()), done="", back=back, to=lambda: url_for("dialogue_staff.paper", paper_id=begun[0].id))


# --- văn thư ------------------------------------------------------------------------------------------------------------


@bp.get("/van-ban/cho-so")
@requires(Permission.FEEDBACK_NUMBER)
def papers_waiting() -> str:
    """List what was sent to be signed and waits for its number, the longest first."""
    return render_template("dialogues/staff/papers_waiting.html", rows=lists.papers_waiting(current_user.reach), words=words)


def waiting() -> int:
    """Return how many papers wait for a number from the person who looks, for the menu."""
    return navigation.answer("papers_to_number")
