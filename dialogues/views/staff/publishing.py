"""Putting the result before everyone: every text that will be public is read for names first."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.calendar.rules import Stage
from app.permissions import Permission
from dialogues import queries, rules
from dialogues.forms.publishing import review_form
from dialogues.models import Session
from dialogues.officials import officials
from dialogues.operations import publishing
from dialogues.queries import raised
from dialogues.rules import DEFERRED
from dialogues.views.staff.pages import MENDED_IN, STEPS_IN, TOO_LATE, add_room, bp, form_page, load, load_to_prepare, press, taken, to_room
from feedback import masking
from feedback.views.staff.publishing import found_in

ROOM = "dialogue_staff.publication"
add_room(ROOM, _l("Công bố"), "after", 3)
MENDED_IN |= {"names_not_reviewed": ROOM}
STEPS_IN |= {rules.Status.PUBLISHED: ROOM}


@bp.get("/<code>/cong-bo")
@requires(Permission.DIALOGUE_READ)
def publication(code: str) -> Any:
    """Show every text that will be public beside its masked copy, and the day by which the result must be out."""
    session = load(code)
    queries.read_items(session)
    return _page(session, review_form(session, _copies(session)))


@bp.post("/<code>/cong-bo")
@requires(Permission.DIALOGUE_PREPARE)
def review_publication(code: str) -> Any:
    """Keep the masked copies that were read."""
    session = load_to_prepare(code)
    if session.status not in rules.REVIEWED_IN:
        return to_room(session, ROOM, TOO_LATE, "warn")
    form = review_form(session, {})

    def do() -> None:
        publishing.review(session, form.copies, actor=current_user, now=clock.now())

    return taken(form, do, done=_("Đã lưu bản công khai."), back=url_for(ROOM, code=code)) or _page(session, form)


@bp.post("/<code>/cong-bo/ra-cong-khai")
@requires(Permission.DIALOGUE_PREPARE)
def publish_session(code: str) -> Response:
    """Put the result before everyone."""
    session = load_to_prepare(code)
    return press(
        session, lambda: publishing.publish(session, actor=current_user, now=clock.now()), done=_("Đã công bố kết quả."), back=ROOM
    )


def _copies(session: Session) -> dict[str, Any]:
    """Return what the form begins with: what was masked before, else the machine's suggestion."""
    keep = officials(session)
    begun: dict[str, Any] = {"conclusion": session.public_conclusion or masking.masked(session.conclusion, keep)}
    for question in publishing.told(session):
        begun[f"text_{question.id}"] = question.result_text or question.public_text or masking.masked(question.text)
        begun[f"answer_{question.id}"] = question.public_answer or masking.masked(question.answer, keep)
    for promise in publishing.instructions(session):
        begun[f"title_{promise.id}"] = promise.public_title or masking.masked(promise.title, keep)
    for vote in session.hand_votes:
        begun[f"hands_{vote.id}"] = vote.public_subject or masking.masked(vote.subject)
    for paper in publishing.papers_to_read(session):
        begun[f"paper_{paper.id}"] = session.names_reviewed_at is not None and not paper.internal
    return begun


def _page(session: Session, form: Any) -> Any:
    due, today = queries.term(Stage.PUBLISH_RESULT, session), clock.today()
    asked, said = [each.text for each in raised(session)], [each.answer for each in raised(session)]
    found = [*found_in(*asked), *found_in(session.conclusion, *said, *(each.title for each in session.promises), keep=officials(session))]
    may_prepare = rules.may_prepare(current_user.reach, queries.standing_of(session))
    return form_page(
        session,
        form,
        title=_("Công bố kết quả"),
        submit=_("Lưu bản công khai"),
        template="dialogues/staff/publication.html",
        questions=publishing.numbered(session),
        untold=len(raised(session)) - len(publishing.told(session)),
        instructions=publishing.instructions(session),
        papers=publishing.papers_to_read(session),
        unread=publishing.unread(session),
        deferred=DEFERRED,
        found=list(dict.fromkeys(found)),
        due=due,
        late=queries.is_late(session, today),
        may_review=may_prepare and session.status in rules.REVIEWED_IN,
        may_publish=may_prepare and session.status == rules.Status.CONCLUDED and session.names_reviewed_at is not None,
        too_early=session.status not in rules.REVIEWED_IN and session.published_at is None,
    )
