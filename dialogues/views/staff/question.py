"""One question before the day: what was asked, what is owed for it, and the masked copy that everyone reads."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import NotAllowed, requires
from app.accounts.models import User
from app.accounts.queries import holders
from app.database import db
from app.permissions import Permission
from dialogues import asked, queries, rules
from dialogues.forms.questions import MaskForm
from dialogues.models import Question, Session
from dialogues.operations import screening
from dialogues.views.staff.looking import looked_at, marker
from dialogues.views.staff.pages import bp, form_page, load, to_room
from dialogues.views.staff.questions import ROOM, unmasked
from feedback import masking
from feedback import queries as items
from feedback import rules as item_rules
from feedback.views.staff.publishing import found_in, ways_to_know


def _question(found: Session, uid: uuid.UUID) -> Question:
    question = db.session.scalar(db.select(Question).where(Question.session_id == found.id, Question.uid == uid))
    if question is None:
        abort(404)
    return question


def _publishers(found: Session) -> list[User]:
    return holders(Permission.FEEDBACK_PUBLISH, found.unit, on=clock.today())


@bp.route("/<code>/cau-hoi/<uuid:uid>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_READ)
def question(code: str, uid: uuid.UUID) -> Any:
    """Show one question; who publishes writes its masked copy here, and goes on to the next that has none."""
    found = load(code)
    one = _question(found, uid)
    may_publish = rules.may_publish(current_user.reach, queries.standing_of(found))
    people = one.feedback.people if one.feedback else []
    known = (*ways_to_know(people), *filter(None, (one.asker, one.phone)))
    form = MaskForm(data={"text": one.public_text or masking.masked(one.text, known=known)})

    def do() -> None:
        screening.publish(one, form.text.data or "", actor=current_user, now=clock.now())

    if request.method == "POST" and not may_publish:
        abort(403)
    consent = one.feedback is None or one.feedback.publish_consent
    waits = consent and not one.public_text and one.state in rules.SHOWN
    waiting = [each for each in unmasked(asked.all_of(found)) if each is not one]
    if request.method == "POST" and request.form.get("do") != "back" and form.validate():
        answer = looked_at(
            found,
            form,
            do,
            standing=lambda: [one.public_text],
            mark=marker([(one, ("public_text",))], (), known),
            done=_("Đã đăng bản che tên."),
            hidden=[("text", form.text.data or ""), ("checked", "y")],
            back_url=url_for(ROOM, code=found.code),
            back="back",
        )
        out = isinstance(answer, Response) and bool(one.public_text)
        return redirect(url_for("dialogue_staff.question", code=found.code, uid=waiting[0].uid), 303) if out and waiting else answer
    return form_page(
        found,
        form,
        back=ROOM,
        title=_("Câu hỏi"),
        submit=_("Xem trước"),
        template="dialogues/staff/question.html",
        row=asked.rows(found, [one], clock.today())[0],
        may_see_asker=any(each.erased_at is None for each in people) and asked.may_see_asker(one, current_user),
        readable=one.feedback is not None and item_rules.may_read(current_user.reach, items.standing_of(one.feedback)),
        may_publish=may_publish and one.state in rules.SHOWN,
        publishers=_publishers(found) if waits and not may_publish else [],
        consent=consent,
        found=found_in(one.text, known=known),
    )


@bp.post("/<code>/cau-hoi/<uuid:uid>/go")
@requires(Permission.FEEDBACK_PUBLISH)
def unpublish_question(code: str, uid: uuid.UUID) -> Response:
    """Take the masked copy away."""
    found = load(code)
    one = _question(found, uid)
    try:
        screening.unpublish(one, actor=current_user, now=clock.now())
    except NotAllowed:
        abort(403)
    db.session.commit()
    return to_room(found, ROOM, _("Đã gỡ khỏi trang công khai."))
