"""From the empty form to the receipt: `/gui-y-kien`.

The review page carries everything typed in hidden fields and the form checks it again when it is sent, so nothing waits on
the server and nothing is lost when the server is restarted in between.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app import clock, locale, navigation, proof
from app.access import SENDER, public
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage
from app.database import begin_reading, db, writing_first
from app.files import send_made
from app.files.content import DOCX, NAMED, PDF
from app.headers import unkept
from app.limits import PROVED, limiter
from app.text import beginning
from app.units.models import Unit
from feedback import codes, danger, rules
from feedback.forms.base import number
from feedback.forms.citizen import BODY_MAX, SIGNERS_MAX, SendForm
from feedback.forms.tracking import TrackForm
from feedback.operations import intake
from feedback.public import answer_clock, unit_in_charge
from feedback.rules import IdentityScope, SenderType
from feedback.sealed import papers
from feedback.sealed.forms.sending import LetterForm, SealedForm
from feedback.sealed.operations.taking_in import forget_names
from feedback.sealed.papers import Letter
from feedback.similar import like
from feedback.views.citizen import choices, summary, thread
from feedback.why import explanation

bp = Blueprint("sending", "feedback", url_prefix="/gui-y-kien", template_folder="templates")

UNPROCESSABLE = 422
RECEIPT = "receipt"  # of the session: the token of what was sent last
MORE_ROWS = 5
LIKE_MAX = 500  # characters of what is being typed that are compared

#: Each refusal of the intake, and the field that can mend it.
REFUSALS: dict[type[Exception], tuple[str, Any]] = {
    intake.KindNotAnonymous: ("name", _l("Khiếu nại phải ghi họ tên người khiếu nại")),
    intake.ContactMissing: ("phone", _l("Ghi họ tên và ít nhất một cách để trả lời: điện thoại, e-mail hoặc địa chỉ")),
    intake.MandateMissing: ("mandate", _l("Khiếu nại hộ người khác phải có giấy ủy quyền")),
    intake.TokenReused: ("body", _l("Biểu mẫu này đã gửi một ý kiến khác. Mở lại trang Gửi ý kiến để gửi ý kiến mới")),
}


def init_app(app: Flask) -> None:
    """Add the menu entry, and say which forms may ask for a proof."""
    proof.asks_at(app, "sending.send", "sending.send_sealed", "api_feedback.submit")
    navigation.add(app, "citizen", navigation.Entry(_l("Gửi ý kiến"), "sending.write", 10))


def _form() -> SendForm:
    today = clock.today()
    form = SendForm(today=today)
    choices.fill(form, today=today)
    form.body.render_kw = {"data-similar": url_for(".similar"), "data-similar-into": "giong"}
    return form


def _show(form: SendForm) -> tuple[str, int]:
    wrong = form.failed
    return render_template("feedback/citizen/send.html", form=form, insider_fields=_insider_fields()), UNPROCESSABLE if wrong else 200


def _insider_fields() -> list[Any]:
    return [each for each in choices.offered() if each.insider]


@bp.get("")
@public
def write() -> Any:
    """Show the empty form."""
    form = _form()
    if request.args.get("loai") in rules.Kind.__members__.values():
        form.kind.data = request.args["loai"]
    return _show(form)


@bp.post("")
@public
def write_again() -> Any:
    """Show the form with what was typed: from the review page, or with more rows for signers."""
    begin_reading()
    form = _form()
    if "rows" in request.form:
        for _row in range(min(MORE_ROWS, SIGNERS_MAX - len(form.signers))):
            form.signers.append_entry()
    return _show(form)


@bp.get("/xem-lai")
@bp.get("/gui")
@public
def nothing_to_review() -> Response:
    """Somebody came by address: there is nothing here without a form."""
    return redirect(url_for(".write"))


@bp.post("/xem-lai")
@public
def review() -> Any:
    """Show what will be sent, or what is wrong with it."""
    begin_reading()
    form = _form()
    if form.is_denunciation:
        return _sealed_instead(form)
    if not form.validate_on_submit():
        return _show(form)
    return _show_review(form)


def _show_review(form: SendForm) -> Response:
    page = render_template(
        "feedback/citizen/review.html",
        rows=summary.of_form(form),
        form=form,
        carried=_carried(form),
        similar=like(form.body.data),
        danger=danger.sounds_dangerous(form.body.data),
        named=[file.name for file in form.files.data if NAMED in file.flags] if _wants_to_stay_unknown(form) else [],
    )
    return unkept(page, UNPROCESSABLE if form.failed else 200)


def _wants_to_stay_unknown(form: SendForm) -> bool:
    insider = form.field_id.data in {str(each.id) for each in _insider_fields()}
    return insider or form.identity_scope.data == IdentityScope.RECEPTION or form.sender_type is SenderType.ANONYMOUS


def _carried(form: SendForm) -> list[tuple[str, str]]:
    """Return every value of the form as the browser sent it, for hidden fields; files travel as their signed names."""
    ours = {"csrf_token", "rows", "website", "proof"}
    return [(name, value) for name, value in request.form.items(multi=True) if name not in ours and not name.startswith("files-")] + [
        ("files-kept", token) for _file, token in form.files.kept
    ]


@bp.post("/gui")
@public
@limiter.limit(PROVED)
def send() -> Any:
    """Take it in and go to the receipt; a second press, or the same form once more, finds the same receipt."""
    form = _form()
    if form.is_denunciation:
        return _sealed_instead(form)
    if not form.validate_on_submit():
        return _show_review(form) if form.lacks_only_proof else _show(form)
    submission = form.submission(locale=locale() or "vi")
    try:
        intake.submit(submission, actor=SENDER, now=clock.now())
    except tuple(REFUSALS) as refusal:
        db.session.rollback()
        field, sentence = REFUSALS[type(refusal)]
        form.fail(field, sentence)
        choices.fill(form, today=clock.today())
        return _show(form)
    db.session.commit()
    session[RECEIPT] = submission.token
    return redirect(url_for(".receipt"), 303)


@bp.get("/bien-nhan")
@public
def receipt() -> Any:
    """Show the receipt of what this browser sent last; the key only for a day. Of what keeps the names it is shown once."""
    token = session.get(RECEIPT)
    receipt = intake.receipt_of(token, now=clock.now()) if token else None
    if receipt is None or receipt.feedback is None:
        return render_template("feedback/citizen/no_receipt.html"), 404
    item = receipt.feedback
    if item.names_kept:  # whoever takes the machine next, or what a browser restores, finds no receipt here
        session.pop(RECEIPT)
        if receipt.key is None:
            return render_template("feedback/citizen/no_receipt.html"), 404
    calendar = work_calendar()
    key = codes.show_key(receipt.key) if receipt.key else None
    # An address with the key stays in the history of the telephone that reads the square code: what keeps the names has none.
    by_link = receipt.key is not None and not item.names_kept
    link = current_app.config["SITE_URL"] + url_for("tracking.by_link", code=receipt.code, key=receipt.key) if by_link else None
    answer, notice = answer_clock(item), item.clock(Stage.NOTICE)
    further = [section for sections in thread.further for section in sections(item, clock.today())]
    asked = next((each["asked"] for _template, each in further if "asked" in each), None)  # where, if it was not sent here
    page = render_template(
        "feedback/citizen/receipt.html",
        receipt=receipt,
        item=item,
        key=key,
        link=link,
        opening=TrackForm(formdata=None),
        signers=[(name, codes.show_key(each)) for name, each in receipt.signer_keys],
        unit=unit_in_charge(item),
        notice=notice,
        why_notice=explanation(notice, calendar),
        answer=answer,
        why_answer=explanation(answer, calendar),
        rows=summary.of_item(item, kind=asked["kind"] if asked else ""),
        further=further,
        asked=asked,
        sender=summary.sender_of(item),
        today=clock.today(),
    )
    return unkept(page)  # as the thread: the button Back of a shared machine does not show the key again


@bp.post("/tuong-tu")
@public
@limiter.limit("240 per hour")
def similar() -> str:
    """Return public items like what is being typed, as a fragment; empty when nothing is alike."""
    begin_reading()
    text = beginning(request.form.get("q", ""), LIKE_MAX)
    return render_template("feedback/citizen/similar.html", items=like(text))


# --- denunciations: never feedback -------------------------------------------------------------------------------------


def _sealed_instead(form: SendForm) -> Any:
    """Somebody chose "tố cáo" in the common form: say what the law says, and keep what they wrote for the separate form."""
    if form.files.data:
        with writing_first():
            forget_names(form.files.data)
    carried = ("body", "accused_names", "place_id", "accused_unit_id", "name", "phone", "email", "address")
    kept = MultiDict({name: form[name].data or "" for name in carried})
    kept.setlist("files-kept", [token for _file, token in form.files.kept])
    sealed = SealedForm(formdata=kept)
    sealed.files.errors = sealed.files.process_errors  # what this form does not take is said before anything else is typed
    choices.fill(sealed, today=clock.today())
    return _show_sealed(sealed, explain=True)


def _show_sealed(form: SealedForm, *, explain: bool) -> Any:
    page = render_template("feedback/citizen/sealed.html", form=form, explain=explain)
    return unkept(page, UNPROCESSABLE if form.failed else 200)


@bp.get("/to-cao")
@public
def denunciation() -> Response:
    """Say that the law does not take a denunciation online, and where to hand it in."""
    return unkept(render_template("feedback/citizen/denunciation.html"))


@bp.get("/to-cao/gui")
@public
def write_sealed() -> Any:
    """Show the separate short form."""
    form = SealedForm(formdata=None)
    choices.fill(form, today=clock.today())
    return _show_sealed(form, explain=False)


@bp.post("/to-cao/gui")
@public
@limiter.limit(PROVED)
def send_sealed() -> Any:
    """Take it into the sealed register. Its receipt is this answer and no page of its own: nothing here remembers it."""
    form = SealedForm()
    choices.fill(form, today=clock.today())
    if not form.validate_on_submit():
        return _show_sealed(form, explain=False)
    receipt = intake.submit(form.submission(locale=locale() or "vi"), actor=SENDER, now=clock.now())
    db.session.commit()
    key = codes.show_key(receipt.key) if receipt.key else None
    in_danger = danger.sounds_dangerous(form.body.data or "")
    return unkept(render_template("feedback/citizen/sealed_receipt.html", code=receipt.code, key=key, danger=in_danger))


@bp.route("/to-cao/don.<any(pdf, docx):ending>", methods=["GET", "POST"])
@public
@limiter.limit("60 per hour")
def letter(ending: str) -> Response:
    """Send the letter of denunciation to print and sign: with what was typed for whoever asks for that, else to be filled in by hand."""
    begin_reading()
    form = LetterForm()
    said = {field.short_name: beginning(field.data or "", BODY_MAX) for field in form}
    unit = db.session.get(Unit, number(said["accused_unit_id"]) or 0)
    typed = Letter(
        name=said["name"],
        address=said["address"],
        contact=", ".join(filter(None, [said["phone"], said["email"]])),
        accused=said["accused_names"],
        unit=unit.name if unit is not None else said["accused_unit"],
        body=said["body"],
    )
    if ending == "pdf":
        return send_made(papers.pdf(typed), PDF.media_type, "don.pdf")
    return send_made(papers.docx(typed), DOCX.media_type, "don.docx")
