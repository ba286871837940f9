"""The masked public copy: the original on one side, what everyone will read on the other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.assignments.rules import Duty
from app.permissions import Permission
from feedback import masking, words
from feedback.forms.staff import PublishForm
from feedback.models import Feedback
from feedback.operations import publishing
from feedback.public import issued, promise_title
from feedback.views.staff.pages import bp, load_for, press, step

#: What was found, in words.
FOUND: dict[str, Any] = {
    "email": _l("e-mail"),
    "phone": _l("số điện thoại"),
    "number": _l("số giấy tờ"),
    "plate": _l("biển số xe"),
    "house": _l("số nhà, ngõ, thửa đất"),
    "person": _l("tên người"),
}


@bp.route("/y-kien/<code>/dang", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_PUBLISH)
def publish(code: str) -> Any:
    """Publish a copy in which nobody can be recognised."""
    item = load_for(code, "publish")
    reply = _reply_of(item)
    form = PublishForm(
        data={
            "title": item.public_title or masking.masked(item.title),
            "text": item.public_text or masking.masked(item.body),
            "reply": item.public_reply or masking.masked(reply),
        }
    )

    def do() -> None:
        publishing.publish(
            item,
            title=form.title.data or "",
            text=form.text.data or "",
            reply=form.reply.data or "",
            actor=current_user,
            now=clock.now(),
        )

    return step(
        item,
        form,
        do,
        done=_("Đã đăng bản công khai."),
        title=_("Đăng bản công khai"),
        submit=_("Đăng"),
        template="feedback/staff/publish.html",
        reply=reply,
        promises=[promise_title(each) or item.title for each in item.assignments if each.duty == Duty.ACT],
        found=found_in(item.title, item.body, reply),
    )


def found_in(*texts: str, keep: Collection[str] = ()) -> list[tuple[Any, str]]:
    """Return what was masked in the suggestion, each once, with its kind in words; not the names of *keep*."""
    return list(dict.fromkeys((FOUND[each.kind], each.text) for text in texts for each in masking.find(text, keep)))


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
