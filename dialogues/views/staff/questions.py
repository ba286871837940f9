"""The questions of a session before the day: seen one by one or many at once, put under themes, chosen, ordered, masked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.audit import record
from app.database import db, writing_first
from app.headers import unkept
from app.permissions import Permission
from dialogues import asked, queries, rules, seen
from dialogues.forms.questions import RefuseForm, ThemesForm, TogetherForm, TurnForm
from dialogues.models import Question, Session, Theme
from dialogues.operations import screening
from dialogues.rules import QuestionState
from dialogues.views.staff.pages import REFUSALS, add_room, bp, load, load_to_prepare, press_to, step
from feedback import steps as item_steps
from feedback.forms.base import number

ROOM = "dialogue_staff.questions"
MOST = 500  # questions chosen at once
add_room(ROOM, lazy_pgettext("danh sách", "Câu hỏi"), "before", 6)

REFUSALS |= {
    screening.ScreeningOver: _l("Buổi đối thoại đã họp hoặc đã hủy: câu hỏi giữ nguyên như lúc ấy."),
    screening.AnsweredAlready: _l("Có câu đã được trả lời tại buổi đối thoại. Bỏ chọn câu ấy."),
    screening.LikeItself: _l("Chọn một câu đã nhận, không phải câu đang gộp."),
    screening.NotTaken: _l("Có câu chưa nhận, đã gộp, không đưa vào hoặc đã chuyển đi. Bỏ chọn câu ấy."),
    screening.ConsentMissing: _l("Người hỏi không cho đăng. Câu hỏi vẫn được hỏi tại buổi và vẫn có trả lời."),
    item_steps.PaperSigned: _l("Văn bản trả lời câu này đã ký, chờ ghi số. Văn thư trả lại rồi mới chuyển được."),
    item_steps.AnsweredBefore: _l("Câu này mở lại sau câu trả lời của chính người đang làm. Người khác của đơn vị làm việc này."),
}

VIEW_WORDS = {"cho-xem": _l("chờ xem"), "tai-buoi": _l("hỏi tại buổi"), "van-ban": _l("trả lời bằng văn bản")}


# --- the list -----------------------------------------------------------------------------------------------------------


@bp.get("/<code>/cau-hoi")
@requires(Permission.DIALOGUE_READ)
def questions(code: str) -> str:
    """List the questions; every one that is not put on the day with its item, its day and who has it."""
    found, today = load(code), clock.today()
    every = asked.all_of(found)
    view = request.args.get("muc", "")
    view = view if view in asked.VIEWS else ""
    counts = [
        {"label": word, "number": sum(map(asked.VIEWS[name], every)), "url": _list(found, name), "current": view == name}
        for name, word in VIEW_WORDS.items()
    ]
    wanted = [question for question in every if not view or asked.VIEWS[view](question)]
    standing = queries.standing_of(found)
    prepares = rules.may_prepare(current_user.reach, standing)
    return render_template(
        "dialogues/staff/questions.html",
        session_=found,
        rows=asked.rows(found, wanted, today),
        counts=[{"label": _("tất cả"), "number": len(every), "url": _list(found), "current": not view}, *counts],
        view=view,
        may_prepare=prepares and found.status in rules.SCREENED_IN,
        lists_askers=prepares and any(each.for_the_day for each in every),
        may_publish=rules.may_publish(current_user.reach, standing),
        unmasked=unmasked(every),
        takes=seen.takes_questions(found, clock.now()),
        may_enter=current_user.reach.may_anywhere(Permission.FEEDBACK_ENTER),
    )


def _list(found: Session, view: str = "") -> str:
    return url_for(ROOM, code=found.code, muc=view or None)


def unmasked(every: list[Question]) -> list[Question]:
    """Return what waits for its masked copy: taken, and its asker agreed."""
    return [
        each
        for each in every
        if each.state in rules.SHOWN and not each.public_text and each.feedback is not None and each.feedback.publish_consent
    ]


def _back(found: Session) -> str:
    view = request.form.get("muc", "")
    return _list(found, view if view in asked.VIEWS else "")


def _chosen(found: Session, ids: list[str]) -> list[Question]:
    """Return the questions of the session that were ticked."""
    wanted = {id_ for text in ids[:MOST] if (id_ := number(text)) is not None}
    return [question for question in asked.all_of(found) if question.id in wanted]


#: What one press does to everything ticked, and what is said then.
PRESSES: dict[str, tuple[Callable[..., None], Callable[[int], str]]] = {
    "nhan": (screening.accept, lambda n: ngettext("Đã nhận %(num)d câu.", "Đã nhận %(num)d câu.", n)),
    "chon": (
        lambda found, chosen, **by: screening.choose(found, chosen, for_the_day=True, **by),
        lambda n: ngettext("Sẽ hỏi %(num)d câu tại buổi.", "Sẽ hỏi %(num)d câu tại buổi.", n),
    ),
    "bo-chon": (
        lambda found, chosen, **by: screening.choose(found, chosen, for_the_day=False, **by),
        lambda n: ngettext("%(num)d câu trả lời bằng văn bản.", "%(num)d câu trả lời bằng văn bản.", n),
    ),
}
#: What needs words first: the page that asks for them.
PAGES = {"gop": "together", "khong-nhan": "refuse", "chuyen": "turn"}


@bp.post("/<code>/cau-hoi/lam")
@requires(Permission.DIALOGUE_PREPARE)
def act_on_questions(code: str) -> Response:
    """Do one thing to everything that was ticked, or go to the page that asks for more."""
    found = load_to_prepare(code)
    chosen, what = _chosen(found, request.form.getlist("c")), request.form.get("viec", "")
    known = what in {*PRESSES, *PAGES, "chu-de"}
    if not known or not chosen:
        flash(_("Chưa chọn câu hỏi nào.") if known else _("Chọn một việc cần làm."), "warn")
        return redirect(_back(found), 303)
    if what in PAGES:
        return redirect(url_for(f"dialogue_staff.{PAGES[what]}", code=found.code, c=[question.id for question in chosen]), 303)
    if what == "chu-de":
        theme = db.session.get(Theme, number(request.form.get("chu-de")) or 0)
        return press_to(lambda: screening.group(found, chosen, theme, actor=current_user), done=_("Đã xếp chủ đề."), back=_back(found))
    act, words_of = PRESSES[what]
    return press_to(lambda: act(found, chosen, actor=current_user, now=clock.now()), done=lambda: words_of(len(chosen)), back=_back(found))


@bp.post("/<code>/cau-hoi/thu-tu")
@requires(Permission.DIALOGUE_PREPARE)
def order_questions(code: str) -> Response:
    """Put the questions of the day into the order that was typed."""
    found = load_to_prepare(code)
    typed = {number(name.removeprefix("thu-")): number(value) for name, value in request.form.items() if name.startswith("thu-")}
    places = {id_: min(place, MOST) for id_, place in typed.items() if id_ is not None and place is not None}
    return press_to(lambda: screening.put_in_order(found, places, actor=current_user), done=_("Đã lưu thứ tự."), back=_back(found))


@bp.get("/<code>/cau-hoi/nguoi-hoi")
@requires(Permission.DIALOGUE_PREPARE)
def askers(code: str) -> Response:
    """Show who asks what on the day, in the order of speaking, to print; that somebody looked is recorded before anything is read."""
    found = load_to_prepare(code)
    with writing_first():
        record(current_user, "personal_data.seen", found, at=clock.now(), reason="contact")
    found = load_to_prepare(code)
    of_the_day = [each for each in asked.all_of(found) if each.for_the_day]
    rows = [(each, asked.asker_of(each) if asked.may_see_asker(each, current_user) else None) for each in of_the_day]
    return unkept(render_template("dialogues/staff/askers.html", session_=found, rows=rows))


# --- what needs words ---------------------------------------------------------------------------------------------------


def _ticked(found: Session) -> list[Question]:
    """Return the questions that the address names; 404 for none."""
    chosen = _chosen(found, request.args.getlist("c"))
    if not chosen:
        abort(404)
    return chosen


@bp.route("/<code>/cau-hoi/khong-nhan", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def refuse(code: str) -> Any:
    """Leave questions out, for a reason that their askers read."""
    found, form = load_to_prepare(code), RefuseForm()
    chosen = _ticked(found)

    def do() -> None:
        why = form.why.data or ""
        told = _(
            "Câu hỏi này không đưa vào buổi đối thoại %(code)s. Lý do: %(why)s\nCâu hỏi vẫn được trả lời bằng văn bản.",
            code=found.code,
            why=why,
        )
        screening.refuse(found, chosen, why=why, told=told, actor=current_user, now=clock.now())

    return step(
        found,
        form,
        do,
        back=ROOM,
        done=_("Đã báo người hỏi. Câu hỏi vẫn giữ hạn và vẫn được trả lời bằng văn bản."),
        title=_("Không đưa vào buổi đối thoại"),
        submit=_("Không đưa vào"),
        quotes=[each.text for each in chosen],
        danger=True,
    )


@bp.route("/<code>/cau-hoi/gop", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def together(code: str) -> Any:
    """Let questions be answered together with another."""
    found, form = load_to_prepare(code), TogetherForm()
    chosen = _ticked(found)
    others = [each for each in asked.all_of(found) if each.state == QuestionState.ACCEPTED and each not in chosen]
    form.offer(others)

    def do() -> None:
        with_ = next(each for each in others if each.id == form.other.id_chosen)
        screening.put_together(found, chosen, with_, actor=current_user, now=clock.now())

    return step(
        found,
        form,
        do,
        back=ROOM,
        done=_("Đã gộp. Mỗi người hỏi vẫn có mã và hạn riêng."),
        title=_("Gộp với câu hỏi cùng nội dung"),
        submit=_("Gộp"),
        quotes=[each.text for each in chosen],
    )


@bp.route("/<code>/cau-hoi/chuyen", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def turn(code: str) -> Any:
    """Send what complains or denounces the way the law has for it."""
    found, form = load_to_prepare(code), TurnForm()
    chosen = _ticked(found)
    names = {"complaint": _("Đây là khiếu nại."), "denunciation": _("Đây là tố cáo, giữ bí mật tên người gửi.")}

    def do() -> None:
        why = f"{names[form.to.data]} {form.why.data}"
        screening.turn(found, chosen, why=why, denounces=form.to.data == "denunciation", actor=current_user, now=clock.now())

    return step(
        found,
        form,
        do,
        back=ROOM,
        done=_("Đã chuyển. Câu hỏi không còn trong buổi đối thoại; bộ phận tiếp nhận phân loại theo nội dung."),
        title=_("Chuyển sang khiếu nại hoặc tố cáo"),
        submit=_("Chuyển"),
        intro=[_("Lời của câu hỏi bị xóa khỏi buổi đối thoại. Bộ phận tiếp nhận đọc trong ý kiến và xử lý theo luật.")],
        quotes=[each.text for each in chosen],
        danger=True,
    )


# --- themes -------------------------------------------------------------------------------------------------------------


@bp.route("/<code>/chu-de", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def themes(code: str) -> Any:
    """Name the themes of the questions."""
    found = load_to_prepare(code)
    form = ThemesForm.of(found.themes)
    return step(
        found,
        form,
        lambda: screening.name_themes(found, form.titles(), form.new(), actor=current_user),
        back=ROOM,
        done=_("Đã lưu chủ đề."),
        title=_("Chủ đề của các câu hỏi"),
        submit=_("Lưu"),
        template="dialogues/staff/themes.html",
    )
