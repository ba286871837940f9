"""Before something of a session comes out, its public page is looked at as it will be (app.previews)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm.attributes import set_committed_value

from app import previews
from app.access import NotAllowed
from app.assignments.rules import IllegalTransition
from dialogues import rules, words
from dialogues.forms.publishing import LookForm
from dialogues.models import Session
from dialogues.views.citizen import sessions as pages
from dialogues.views.staff.pages import OVERVIEW, REFUSALS, TOO_LATE, UNPROCESSABLE, sentence_of, taken
from feedback.views.staff.publishing import marked

REFUSALS[previews.NotAsSeen] = previews.CHANGED


def marker(rows: Collection[tuple[Any, tuple[str, ...]]], keep: Collection[str], known: Collection[str]) -> Callable[[], None]:
    """Return what marks, in these columns of *rows* as they are shown, what may name a person."""

    def mark() -> None:
        for row, names in rows:
            for name in names:
                set_committed_value(row, name, marked(getattr(row, name) or "", keep, known) or None)

    return mark


def looked_at(
    session: Session,
    form: LookForm,
    do: Callable[[], Any],
    *,
    standing: Callable[[], Any],
    mark: Callable[[], None],
    done: str,
    hidden: list[tuple[str, str]],
    back_url: str,
    back: str = "",
) -> Any:
    """Do what brings something of *session* out, if its page was looked at and is the same still; else show it as it will be.

    *back*: the value of the button that goes back to what was typed, *hidden*; without it, *back_url* is a link.
    """
    code, publication = session.code, previews.Publication(session, standing, do, lambda: pages.page_of(session))
    if form.seen.data:
        gone = taken(form, lambda: publication.do_as_seen(form.seen.data), done=done, back=back_url)
        if gone is not None:
            return gone
    try:
        shown, seen = publication.look(mark)
    except (IllegalTransition, NotAllowed):
        flash(str(TOO_LATE), "warn")
        return redirect(back_url, 303)
    except tuple(REFUSALS) as refusal:
        lacks = [str(words.LACKS[name]) for name in refusal.lacks] if isinstance(refusal, rules.StepRefused) else [sentence_of(refusal)]
        flash(" ".join(lacks), "warn")
        return redirect(back_url, 303)
    body = render_template(
        "look.html",
        form=form,
        hidden=[*hidden, ("seen", seen)],
        action=request.path,
        code=code,
        code_url=url_for(OVERVIEW, code=code),
        found="<mark>" in shown,
        more="",
        back=back,
        back_url=back_url,
        shown=Markup(shown),  # noqa: S704 - a page of ours
    )
    return body, UNPROCESSABLE if form.form_errors else 200
