"""The masked public copy: the original on one side, what everyone will read on the other, then the public page itself, then it is out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup, escape
from sqlalchemy.orm.attributes import set_committed_value
from werkzeug.wrappers import Response

from app import clock, previews
from app.access import NotAllowed, requires
from app.assignments.rules import Duty
from app.permissions import Permission
from feedback import masking, words
from feedback.forms.staff import PublishForm
from feedback.models import Feedback, Person
from feedback.operations import publishing
from feedback.public import issued, promise_title
from feedback.views.citizen import published
from feedback.views.staff.pages import TOO_LATE, UNPROCESSABLE, bp, load_for, press, taken, to_item

#: What was found, in words.
FOUND: dict[str, Any] = {
    "email": _l("e-mail"),
    "phone": _l("số điện thoại"),
    "number": _l("số giấy tờ"),
    "plate": _l("biển số xe"),
    "house": _l("số nhà, ngõ, thửa đất"),
    "person": _l("tên người"),
}
PUBLIC = ("public_title", "public_text", "public_reply")


@bp.route("/y-kien/<code>/dang", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_PUBLISH)
def publish(code: str) -> Any:
    """Write a copy in which nobody can be recognised; look at it as everyone will read it; publish what was looked at."""
    item = load_for(code, "publish")
    reply, wish = _reply_of(item), request.form.get("do")
    form = PublishForm(data=_begun(item, reply))
    if wish == "cover":  # of the original, what is ticked
        _cover(item, form, item.title, item.body, reply)
    elif wish == "more" or (form.publishes and request.form.getlist("cover")):  # of the copy; never published with a tick unheard
        _cover(item, form, form.title.data or "", form.text.data or "", form.reply.data or "")
    if wish in {"cover", "back"} or not form.is_submitted():
        return _write(item, form, reply)
    if form.publishes and (gone := _out(item, form)) is not None:
        return gone
    if form.publishes or form.validate():
        return _look(item, form)
    return _write(item, form, reply), UNPROCESSABLE


def _begun(item: Feedback, reply: str) -> dict[str, str]:
    known = known_of(item)
    return {
        "title": item.public_title or masking.masked(item.title, known=known),
        "text": item.public_text or masking.masked(item.body, known=known),
        "reply": item.public_reply or masking.masked(reply, known=known),
    }


def _cover(item: Feedback, form: PublishForm, title: str, text: str, reply: str) -> None:
    """Begin with these texts, covered where it was ticked; whatever was looked at before is another page now."""
    wanted, known = set(request.form.getlist("cover")), known_of(item)
    left = {each.text for said in (title, text, reply) for each in masking.find(said, known=known)} - wanted
    for field, said in ((form.title, title), (form.text, text), (form.reply, reply)):
        field.data = masking.masked(said, left=left, known=known)
    form.seen.data = ""


def _write(item: Feedback, form: PublishForm, reply: str) -> str:
    """Return the page on which the copy is written."""
    known = known_of(item)
    copy = " ".join(form[name].data or "" for name in ("title", "text", "reply"))
    return render_template(
        "feedback/staff/publish.html",
        item=item,
        form=form,
        original=[marked(text, known=known) for text in (item.title, item.body, reply)],
        promises=[promise_title(each) or item.title for each in item.assignments if each.duty == Duty.ACT],
        found=[(kind, text, text not in copy) for kind, text in found_in(item.title, item.body, reply, known=known)],
    )


def _out(item: Feedback, form: PublishForm) -> Response | None:
    """Publish what was looked at, and say so on the page of the item; None where it was refused."""
    return taken(
        form,
        lambda: _publication(item, form).do_as_seen(form.seen.data),
        done=_("Đã đăng bản công khai."),
        back=url_for("staff.item", code=item.code),
    )


def _look(item: Feedback, form: PublishForm) -> Any:
    """Return the public page as it will be, with what still looks as if it named somebody marked."""
    known = known_of(item)

    def mark() -> None:
        for name in PUBLIC:
            set_committed_value(item, name, marked(getattr(item, name) or "", known=known))

    try:
        shown, seen = _publication(item, form).look(mark)
    except (publishing.ConsentMissing, NotAllowed):
        return to_item(item.code, TOO_LATE, "warn")
    form.seen.data = seen
    copy = [form[name].data or "" for name in ("title", "text", "reply")]
    page = render_template(
        "look.html",
        form=form,
        hidden=[(name, form[name].data or "") for name in ("title", "text", "reply", "seen")],
        action=url_for(".publish", code=item.code),
        code=item.code,
        code_url=url_for(".item", code=item.code),
        found=found_in(*copy, known=known),
        more="more",
        back="back",
        shown=Markup(shown),  # noqa: S704 - a page of ours
    )
    return page, UNPROCESSABLE if form.errors or form.form_errors else 200


def _publication(item: Feedback, form: PublishForm) -> previews.Publication:
    said = {name: form[name].data or "" for name in ("title", "text", "reply")}
    return previews.Publication(
        item,
        lambda: [getattr(item, name) for name in PUBLIC],
        lambda: publishing.publish(item, **said, actor=current_user, now=clock.now()),
        lambda: published.page_of(item),
    )


def known_of(item: Feedback) -> tuple[str, ...]:
    """Return by what those whom *item* is from, or about, are known: it is looked for in what becomes public, and shown to nobody."""
    return (*ways_to_know(item.writers), *sorted(masking.named_in(item.accused_names)))


def ways_to_know(people: Iterable[Person]) -> tuple[str, ...]:
    """Return by what *people* are known."""
    return tuple(way for each in people for way in (each.name, each.phone, each.email, each.address) if way)


def marked(text: str, keep: Collection[str] = (), known: Collection[str] = ()) -> Markup:
    """Return *text* with what may name a person marked. Arguments as :func:`masking.find` takes them."""
    parts, at = Markup(), 0
    for each in masking.find(text, keep, known):
        parts += escape(text[at : each.start]) + Markup("<mark>{}</mark>").format(each.text)
        at = each.end
    return parts + escape(text[at:])


def found_in(*texts: str, keep: Collection[str] = (), known: Collection[str] = ()) -> list[tuple[Any, str]]:
    """Return what was masked in the suggestion, each once, with its kind in words. Arguments as :func:`masking.find` takes them."""
    return list(dict.fromkeys((FOUND[each.kind], each.text) for text in texts for each in masking.find(text, keep, known)))


def _reply_of(item: Feedback) -> str:
    """Return the words of the last answer."""
    answers = issued(item)
    if not answers:
        return ""
    return "\n\n".join(f"{point.title}\n{words.OUTCOMES[point.outcome]}. {point.text}" for point in answers[-1].points)


@bp.post("/y-kien/<code>/go-dang")
@requires(Permission.FEEDBACK_PUBLISH)
def unpublish(code: str) -> Response:
    """Take the public copy away."""
    return press(
        code,
        "unpublish",
        lambda item: publishing.unpublish(item, actor=current_user, now=clock.now()),
        done=_("Đã gỡ bản công khai."),
    )
