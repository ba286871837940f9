"""What the unit that has an item does: take or return it, hand it on, ask the sender, ask for time, keep a promise."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock
from app.access import requires
from app.accounts.models import User
from app.assignments.operations.clocks import may_pause
from app.assignments.rules import State
from app.calendar.rules import PauseGround
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from feedback import steps, words
from feedback.forms.staff import DecisionForm, ExtensionForm, KeptForm, OfficerAgainForm, OfficerForm, TransferForm, WordsForm
from feedback.models import Attachment, Feedback, FeedbackAssignment
from feedback.operations import clocks, unit
from feedback.views.staff import actions, choices
from feedback.views.staff.pages import TOO_LATE, bp, load, load_for, press, step, to_item


@bp.post("/y-kien/<code>/nhan")
@requires(Permission.FEEDBACK_HANDLE)
def take(code: str) -> Response:
    """Take it for the unit."""
    item = load(code)
    duty = item.open_answer
    if duty is not None and duty.state == State.TAKEN and duty.officer is not None and actions.is_business_of(item, current_user, "take"):
        mine = duty.officer_id == current_user.id
        return to_item(code, _("Đã nhận rồi.") if mine else _("%(name)s đã nhận việc này trước.", name=duty.officer.name), "warn")
    return press(
        code,
        "take",
        lambda item: unit.take(item, actor=current_user, now=clock.now()),
        done=_("Đã nhận xử lý. Người gửi được báo ai giữ việc và hạn trả lời."),
    )


@bp.route("/y-kien/<code>/tra-lai", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_HANDLE)
def give_back(code: str) -> Any:
    """Return it to the desk with a reason."""
    item, form = load_for(code, "return"), WordsForm()
    form.text.label.text = _("Vì sao trả lại")
    return step(
        item,
        form,
        lambda: unit.give_back(item, reason=form.text.data or "", actor=current_user, now=clock.now()),
        done=_("Đã trả lại bộ phận tiếp nhận."),
        title=_("Trả lại kèm lý do"),
        submit=_("Trả lại"),
        danger=True,
        intro=[_("Ý kiến về bộ phận tiếp nhận để giao nơi khác. Hạn trả lời người gửi không lùi thêm.")],
    )


@bp.route("/y-kien/<code>/giao-nguoi", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_LEAD)
def hand(code: str) -> Any:
    """Give it to an officer of the unit; with a reason to whoever signed before, and where nobody else is there to whoever answered."""
    item, today = load_for(code, "hand"), clock.today()
    before = steps.answered_before(item)
    alone = bool(before) and not unit.others_for(item, current_user, today)
    form = OfficerAgainForm() if before else OfficerForm()
    form.officer.choices = choices.officers(
        unit.answer_of(item).unit, today, leave_out=() if alone else before, last=steps.looked_before(item)
    )
    intro = []
    if before:
        intro.append(_("Người gửi mở lại câu trả lời trước, nên người khác xem xét. Giao cho người đã ký lần trước thì ghi lý do."))
    if alone:
        intro.append(_("Đơn vị không còn ai khác xử lý được. Giao lại cho người đã trả lời thì ghi lý do; lý do được lưu."))

    def do() -> None:
        officer = db.session.get(User, form.officer.id_chosen)
        if officer is None:
            raise unit.NotInUnit
        reason = form.reason.data or "" if isinstance(form, OfficerAgainForm) else ""
        unit.hand_to(item, officer, reason=reason, actor=current_user, now=clock.now())

    return step(item, form, do, done=_("Đã giao."), title=_("Giao người xử lý"), submit=_("Giao"), intro=intro)


@bp.route("/y-kien/<code>/chuyen", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_LEAD)
def transfer(code: str) -> Any:
    """Offer it to another unit; the sender's clock runs on."""
    item, form = load_for(code, "transfer"), TransferForm()
    duty = unit.answer_of(item)
    form.unit.choices = choices.receiving(item, clock.today(), leave_out=[duty.unit])
    intro = [_("Hạn trả lời người gửi giữ nguyên. Lần chuyển thứ ba thì bộ phận tiếp nhận được báo.")]
    if duty.hops:
        intro.append(_("Đã chuyển %(number)s lần.", number=duty.hops))

    def do() -> None:
        to = db.session.get(Unit, form.unit.id_chosen)
        assert to is not None
        unit.transfer(item, to, reason=form.reason.data or "", actor=current_user, now=clock.now())

    return step(item, form, do, done=_("Đã chuyển."), title=_("Chuyển đơn vị khác"), submit=_("Chuyển"), intro=intro)


@bp.route("/y-kien/<code>/hoi", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_HANDLE)
def ask(code: str) -> Any:
    """Ask the sender for more."""
    item, form = load_for(code, "ask"), WordsForm()
    form.text.label.text = _("Câu hỏi")
    return step(
        item,
        form,
        lambda: unit.ask(item, form.text.data or "", actor=current_user, now=clock.now()),
        done=_("Đã hỏi người gửi."),
        title=_("Hỏi người gửi"),
        submit=_("Gửi câu hỏi"),
        intro=[*_what_asking_does(item), _("Mỗi lần hỏi một câu, viết ngắn, hỏi đúng điều cần.")],
        quotes=[item.body],
    )


def _what_asking_does(item: Feedback) -> list[str]:
    running = clocks.governing(item)
    if running is None:
        return []
    if may_pause(running, PauseGround.WAITING_FOR_SENDER, clock.today()):
        return [_("Hỏi thì hạn tạm dừng đến khi người gửi trả lời.")]
    return [_("Hỏi thì hạn vẫn tính, không tạm dừng.")]


@bp.route("/y-kien/<code>/xin-gia-han", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_HANDLE)
def ask_extension(code: str) -> Any:
    """Ask for more time on a ground that the clock's rule names."""
    item, form = load_for(code, "ask_extension"), ExtensionForm()
    form.ground.choices = [SelectChoice(ground, words.EXTENSION_GROUNDS[ground]) for ground in actions.extension_grounds(item)]
    return step(
        item,
        form,
        lambda: unit.ask_extension(item, ground=form.ground.data, reason=form.reason.data or "", actor=current_user, now=clock.now()),
        done=_("Đã xin gia hạn. Hạn cũ vẫn chạy đến khi có quyết định."),
        title=_("Xin gia hạn"),
        submit=_("Xin gia hạn"),
        intro=[_("Lãnh đạo đơn vị quyết định. Được gia hạn thì người gửi biết ngày mới và lý do.")],
    )


@bp.route("/y-kien/<code>/gia-han", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_LEAD)
def decide_extension(code: str) -> Any:
    """Grant or refuse more time."""
    item, form = load_for(code, "decide_extension"), DecisionForm()
    request = actions.pending_extension(item)
    if request is None:
        return to_item(code, TOO_LATE, "warn")
    intro = [
        _("%(name)s xin gia hạn vì %(ground)s.", name=request.asked_by.name, ground=words.EXTENSION_GROUNDS[request.ground]),
        request.reason,
    ]

    def do() -> None:
        granted = form.granted.data == "yes"
        unit.decide_extension(item, request, granted=granted, remarks=form.remarks.data or "", actor=current_user, now=clock.now())

    return step(item, form, do, done=_("Đã quyết định."), title=_("Quyết định gia hạn"), submit=_("Ghi quyết định"), intro=intro)


def _promise(item: Feedback, duty_id: int, state: State) -> FeedbackAssignment:
    found = actions.promise(item, duty_id, current_user, state)
    if found is None:
        abort(to_item(item.code, TOO_LATE, "warn") if any(duty.id == duty_id for duty in item.assignments) else 404)
    return found


@bp.post("/y-kien/<code>/viec-da-hua/<int:duty_id>/nhan")
@requires(Permission.FEEDBACK_HANDLE)
def take_promise(code: str, duty_id: int) -> Response:
    """Take what another unit's answer promised in this unit's name."""
    return press(
        code,
        "take_promise",
        lambda item: unit.take_promise(_promise(item, duty_id, State.OFFERED), actor=current_user, now=clock.now()),
        done=_("Đã nhận việc đã hứa."),
    )


@bp.route("/y-kien/<code>/viec-da-hua/<int:duty_id>", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_HANDLE)
def keep_promise(code: str, duty_id: int) -> Any:
    """Report that what was promised is done, with proof."""
    item, form = load_for(code, "keep_promise"), KeptForm()
    duty = _promise(item, duty_id, State.TAKEN)

    def do() -> None:
        proofs = [Attachment(file=file, caption=form.caption.data or "") for file in form.proofs.data]
        unit.keep_promise(duty, report=form.report.data or "", proofs=proofs, actor=current_user, now=clock.now())

    return step(
        item,
        form,
        do,
        done=_("Đã báo xong việc đã hứa. Người gửi được báo."),
        title=_("Báo đã làm xong"),
        submit=_("Báo đã xong"),
        intro=[duty.title],
    )
