"""Putting the result before everyone: every text that will be public is read for names first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.access import requires
from app.calendar.rules import Stage
from app.database import db
from app.permissions import Permission
from dialogues import queries, rules
from dialogues.forms.publishing import LookForm, review_form
from dialogues.models import Session
from dialogues.officials import officials
from dialogues.operations import publishing
from dialogues.queries import raised
from dialogues.rules import DEFERRED
from dialogues.views.staff.looking import looked_at, marker
from dialogues.views.staff.pages import (
    MENDED_IN,
    STEPS_IN,
    TOO_LATE,
    add_room,
    bp,
    form_page,
    load,
    load_to_prepare,
    taken,
    to_room,
)
from feedback import masking
from feedback.models import Person
from feedback.views.staff.publishing import found_in, ways_to_know

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
    """Keep the masked copies that were read; where the result is out already, the page that everyone will read is looked at first."""
    session = load_to_prepare(code)
    if session.status not in rules.REVIEWED_IN:
        return to_room(session, ROOM, TOO_LATE, "warn")
    form = review_form(session, {})

    def do() -> None:
        publishing.review(session, form.copies, actor=current_user, now=clock.now())

    if session.status == rules.Status.PUBLISHED and request.form.get("do") != "back" and form.validate():
        hidden = [(each.name, "y" if each.data is True else each.data or "") for each in form if each.name not in {"csrf_token", "seen"}]
        return _looked_at(session, form, do, done=_("Đã lưu bản công khai."), hidden=[each for each in hidden if each[1]], back="back")
    if request.form.get("do") == "back":
        return _page(session, form)
    return taken(form, do, done=_("Đã lưu bản công khai."), back=url_for(ROOM, code=code)) or _page(session, form)


@bp.post("/<code>/cong-bo/ra-cong-khai")
@requires(Permission.DIALOGUE_PREPARE)
def publish_session(code: str) -> Any:
    """Show the page as everyone will read it; put the result before everyone once that page was looked at."""
    session = load_to_prepare(code)
    return _looked_at(
        session,
        LookForm(),
        lambda: publishing.publish(session, actor=current_user, now=clock.now()),
        done=_("Đã công bố kết quả."),
        hidden=[],
    )


def _looked_at(session: Session, form: LookForm, do: Callable[[], Any], *, done: str, hidden: list[tuple[str, str]], back: str = "") -> Any:
    rows, keep, known = list(_shown(session)), officials(session), _known(session)
    way = {"back": back, "back_url": url_for(ROOM, code=session.code)}
    return looked_at(
        session,
        form,
        do,
        standing=lambda: [session.names_reviewed_at, session.published_at],
        mark=marker(rows, keep, known),
        done=done,
        hidden=hidden,
        **way,
    )


def _known(session: Session) -> tuple[str, ...]:
    """Return by what those who asked in *session* are known, to find it in what becomes public."""
    asked = raised(session)
    people = db.session.scalars(db.select(Person).where(Person.feedback_id.in_({each.feedback_id for each in asked} - {None})))
    found = [*ways_to_know(people), *(way for each in asked for way in (each.asker, each.phone) if way)]
    return tuple(dict.fromkeys(found))


def _shown(session: Session) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield what the page of *session* says that people wrote: the rows, and which of their columns."""
    yield session, ("public_conclusion",)
    yield from ((each, ("public_text", "public_answer")) for each in publishing.told(session))
    yield from ((each, ("public_title",)) for each in publishing.instructions(session))
    yield from ((each, ("public_subject",)) for each in session.hand_votes)


def _copies(session: Session) -> dict[str, Any]:
    """Return what the form begins with: what was masked before, else the machine's suggestion."""
    keep, known = officials(session), _known(session)
    begun: dict[str, Any] = {"conclusion": session.public_conclusion or masking.masked(session.conclusion, keep, known=known)}
    for question in publishing.told(session):
        begun[f"text_{question.id}"] = question.result_text or question.public_text or masking.masked(question.text, known=known)
        begun[f"answer_{question.id}"] = question.public_answer or masking.masked(question.answer, keep, known=known)
    for promise in publishing.instructions(session):
        begun[f"title_{promise.id}"] = promise.public_title or masking.masked(promise.title, keep, known=known)
    for vote in session.hand_votes:
        begun[f"hands_{vote.id}"] = vote.public_subject or masking.masked(vote.subject, known=known)
    for paper in publishing.papers_to_read(session):
        begun[f"paper_{paper.id}"] = session.names_reviewed_at is not None and not paper.internal
    return begun


def _page(session: Session, form: Any) -> Any:
    due, today = queries.term(Stage.PUBLISH_RESULT, session), clock.today()
    known = _known(session)
    asked, said = [each.text for each in raised(session)], [each.answer for each in raised(session)]
    found = [
        *found_in(*asked, known=known),
        *found_in(session.conclusion, *said, *(each.title for each in session.promises), keep=officials(session), known=known),
    ]
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
