"""What the staff's pages share: the item one may read, the step one may take, and the page that is one form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import previews
from app.assignments.operations import UnitClosed
from app.assignments.operations.clocks import ExtensionDecided, ExtensionNotAllowed
from app.steps import TOO_LATE as TOO_LATE
from app.steps import UNPROCESSABLE as UNPROCESSABLE
from app.steps import Steps
from feedback import queries, rules, steps
from feedback.models import Feedback
from feedback.operations import desk, merging, papers, publishing, unit
from feedback.views.staff import actions

bp = Blueprint("staff", "feedback", url_prefix="/can-bo", template_folder="templates")


def known_by_number(other: Feedback) -> Any:
    """Return the sentence that says that *other* has that number of another system; it is named to who may read it."""
    readable = rules.may_read(current_user.reach, queries.standing_of(other))
    return _("Số này đã ghi cho ý kiến %(code)s", code=other.code) if readable else _("Số này đã ghi cho ý kiến khác")


def _say_known(form: Any, _refusal: desk.NumberKnown) -> None:
    other = queries.by_reference(form.source.data, form.number.data)
    form.fail("number", known_by_number(other) if other is not None else _("Số này đã ghi cho ý kiến khác"))


#: Every refusal of an operation, as the sentence that says what to do.
REFUSALS: dict[type[Exception], Any] = {
    desk.UnitAccused: _l("Ý kiến này nói về chính đơn vị ấy hoặc đơn vị cấp trên của nó nên không giao được. Chọn đơn vị khác."),
    desk.NotSplittable: _l(
        "Chỉ tách được khi ý kiến còn chờ ở bộ phận tiếp nhận, chưa là một phần của ý kiến khác, và có từ hai phần trở lên."
    ),
    desk.NumberKnown: _say_known,
    desk.UnitTakesNothing: _l("Đơn vị ấy không nhận giải quyết ý kiến. Chọn đơn vị khác."),
    merging.MergeNotProposed: _l("Chưa báo cho người gửi về việc gộp. Đề nghị gộp trước, rồi mới gộp."),
    merging.MergeWithItself: _l("Không gộp được vào ý kiến ấy: đó là chính ý kiến này, hoặc ý kiến đã gộp, đã trả lời."),
    unit.QuestionOpen: _l("Đã hỏi người gửi một câu và đang chờ trả lời. Chờ trả lời rồi hỏi tiếp."),
    unit.ProofMissing: _l("Báo đã làm xong thì kèm ít nhất một ảnh hoặc văn bản làm chứng."),
    unit.NotInUnit: _l("Người ấy không xử lý ý kiến ở đơn vị đang giữ việc này. Chọn người khác."),
    unit.ReasonMissing: _l("Người ấy đã trả lời hoặc đã ký lần trước. Ghi vì sao giao lại cho chính người ấy."),
    steps.GivenToAnother: _l("Việc này đã giao cho người khác trong đơn vị. Cần đổi người thì lãnh đạo đơn vị giao lại."),
    steps.TakenUp: _l("Đơn vị đã nhận việc này nên không thu lại được. Cần lấy về thì đề nghị đơn vị trả lại."),
    steps.AnsweredBefore: _l("Người gửi mở lại câu trả lời lần trước, nên người khác xem xét, không phải người đã trả lời."),
    steps.AccusedNotPlaced: _l(
        "Ý kiến này có nêu tên người. Phân loại trước: chọn đơn vị của người ấy, hoặc đánh dấu là không thuộc đơn vị nào của tỉnh, "
        "hoặc không rõ."
    ),
    steps.NotTakenAnew: _l(
        "Người gửi đã mở lại việc này: người nhận xem xét lại mới được soạn thông báo không thụ lý hoặc đề nghị lưu đơn."
    ),
    steps.PaperSigned: _l("Văn bản đã ký, đang chờ văn thư ghi số. Cần sửa hoặc chuyển đi thì văn thư gửi lại người soạn trước."),
    unit.NothingOpen: _l("Lúc này không có đơn vị nào đang phải trả lời ý kiến này."),
    ExtensionNotAllowed: _l("Quy định của hạn này không cho gia hạn vì lý do ấy, hoặc đã gia hạn đủ số lần, hoặc đã quá hạn."),
    ExtensionDecided: _l("Đề nghị gia hạn này đã có người quyết định."),
    UnitClosed: _l("Đơn vị ấy không còn hoạt động. Chọn đơn vị tiếp quản."),
    papers.AnotherPaperOnItsWay: _l(
        "Ý kiến này đang có một văn bản soạn dở hoặc đang trình. Xong văn bản ấy, hoặc bỏ đi, rồi soạn văn bản khác."
    ),
    papers.NumberTaken: _l("Số này đã dùng cho văn bản khác của đơn vị trong năm. Xem lại sổ rồi ghi số khác."),
    papers.NotYourTurn: _l("Văn bản này không chờ ở bước của người đang đăng nhập. Trang dưới đây là tình trạng lúc này."),
    papers.PaperUnfinished: lambda form, refusal: form.name_gaps(refusal.gaps),
    publishing.ConsentMissing: _l("Người gửi không đồng ý đăng công khai nên không đăng được."),
    previews.NotAsSeen: previews.CHANGED,
}
_steps = Steps(REFUSALS, "feedback/staff/step.html")
attempt, taken = _steps.attempt, _steps.taken


def load(code: str, read: Callable[[str], Feedback | None] = queries.by_code) -> Feedback:
    """Return the item with that code; the same 404 page where there is none and where the person may not read it."""
    item = read(code)
    if item is None or not rules.may_read(current_user.reach, queries.standing_of(item)):
        abort(make_response(render_template("feedback/staff/no_item.html"), 404))
    return item


def load_for(code: str, action: str) -> Feedback:
    """Return the item for a step: 403 where it is none of the person's business, back to the item where it is too late."""
    item = load(code)
    if action not in actions.possible(item, current_user):
        if not actions.is_business_of(item, current_user, action):
            abort(403)
        refused = steps.refusal(action, item, current_user.id)
        abort(to_item(code, TOO_LATE if refused is None else said(refused, item), "warn"))
    return item


def said(refused: type[Exception], item: Feedback) -> Any:
    """Return the sentence of what refuses a step of *item*."""
    duty = item.open_answer
    if refused is steps.GivenToAnother and duty is not None and duty.officer is not None:
        return _("Việc này đã giao cho %(name)s. Cần đổi người thì lãnh đạo đơn vị giao lại.", name=duty.officer.name)
    return REFUSALS[refused]


def to_item(code: str, sentence: Any = "", category: str = "ok") -> Response:
    """Go to the item's page, and say *sentence* there."""
    if sentence:
        flash(str(sentence), category)
    return redirect(url_for("staff.item", code=code), 303)


def step(item: Feedback, form: Any, do: Callable[[], Any], *, done: Any, **page: Any) -> Any:
    """Take one step of an item by one form: show it, or run *do* and go back to the item, where *done* is said."""
    back = url_for("staff.item", code=item.code)
    return _steps.one_form(form, do, done=done, back=back, item=item, code=item.code, **page)


def press(code: str, action: str, do: Callable[[Feedback], Any], *, done: Any) -> Response:
    """Take a step that needs no words: run *do*, and say on the item's page what came of it."""
    item = load_for(code, action)
    return _steps.press(lambda: do(item), done=done, back=url_for("staff.item", code=code))


def called(person: Any) -> str:
    """Return how a colleague is called: ông Thân Văn Lượng."""
    return _("%(how)s %(name)s", how=person.form_of_address, name=person.name)
