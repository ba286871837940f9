"""What the staff's pages share: the item one may read, the step one may take, and the page that is one form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.access import NotAllowed
from app.assignments.operations import ExtensionDecided, ExtensionNotAllowed, UnitClosed
from app.assignments.rules import IllegalTransition
from app.database import db
from feedback import queries, rules, steps
from feedback.models import Feedback
from feedback.operations import desk, merging, papers, publishing, unit
from feedback.views.staff import actions

bp = Blueprint("staff", "feedback", url_prefix="/can-bo", template_folder="templates")

UNPROCESSABLE = 422

#: Every refusal of an operation, as the sentence that says what to do.
REFUSALS: dict[type[Exception], Any] = {
    desk.UnitAccused: _l("Ý kiến này nói về chính đơn vị ấy hoặc đơn vị cấp trên của nó nên không giao được. Chọn đơn vị khác."),
    desk.NotSplittable: _l(
        "Chỉ tách được khi ý kiến còn chờ ở bộ phận tiếp nhận, chưa là một phần của ý kiến khác, và có từ hai phần trở lên."
    ),
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
    publishing.ConsentMissing: _l("Người gửi không đồng ý đăng công khai nên không đăng được."),
}

TOO_LATE = _l("Việc này vừa được người khác xử lý hoặc đã sang bước sau. Trang dưới đây là tình trạng lúc này.")


def load(code: str) -> Feedback:
    """Return the item with that code; the same 404 page where there is none and where the person may not read it."""
    item = queries.by_code(code)
    if item is None or not rules.may_read(current_user.reach, queries.standing_of(item), own_path=current_user.unit.path):
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


def attempt(form: Any, do: Callable[[], Any]) -> bool:
    """Run the operation *do* and commit. Refused, its sentence stands at the form, nothing is stored and False returned.

    :raise IllegalTransition: :raise NotAllowed: when somebody else was faster; `step` says so on the item's page.
    """
    try:
        do()
        db.session.commit()
    except papers.PaperUnfinished as refusal:
        db.session.rollback()
        form.name_gaps(refusal.gaps)
    except tuple(REFUSALS) as refusal:
        db.session.rollback()
        form.form_errors.append(str(REFUSALS[type(refusal)]))
    except (IllegalTransition, NotAllowed):
        db.session.rollback()
        raise
    else:
        return True
    return False


def step(item: Feedback, form: Any, do: Callable[[], Any], *, done: Any, **page: Any) -> Any:
    """Take one step of an item by one form: show it, or run *do* and go back to the item, where *done* is said."""
    code = item.code
    if form.validate_on_submit():
        try:
            if attempt(form, do):
                return to_item(code, done() if callable(done) else done)
        except (IllegalTransition, NotAllowed):
            return to_item(code, TOO_LATE, "warn")
    return form_page(item, form, **page)


def form_page(
    item: Feedback, form: FlaskForm, *, title: Any, submit: Any, template: str = "feedback/staff/step.html", **more: Any
) -> tuple[str, int]:
    """Return the page that is *form*, 422 where it was refused; *more* is named in the template one_form.html of the core."""
    back = url_for("staff.item", code=item.code)
    body = render_template(template, item=item, code=item.code, form=form, title=title, submit=submit, back=back, **more)
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200


def press(code: str, action: str, do: Callable[[Feedback], Any], *, done: Any) -> Response:
    """Take a step that needs no words: run *do*, and say on the item's page what came of it."""
    item = load_for(code, action)
    try:
        do(item)
        db.session.commit()
    except tuple(REFUSALS) as refusal:
        db.session.rollback()
        return to_item(code, REFUSALS[type(refusal)], "error")
    except (IllegalTransition, NotAllowed):
        db.session.rollback()
        return to_item(code, TOO_LATE, "warn")
    return to_item(code, done)


def called(person: Any) -> str:
    """Return how a colleague is called: ông Thân Văn Lượng."""
    return _("%(how)s %(name)s", how=person.form_of_address, name=person.name)
