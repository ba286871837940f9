"""What a page of the staff does by a form or by the press of a button: it is done and stored, or why not is said.

Each area has one :class:`Steps`, with its own table of refusals; what differs from page to page is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.access import NotAllowed
from app.assignments.rules import IllegalTransition
from app.database import db

UNPROCESSABLE = 422
TOO_LATE = _l("Việc này vừa được người khác xử lý hoặc đã sang bước sau. Trang dưới đây là tình trạng lúc này.")


@dataclass(frozen=True)
class Steps:
    """How the steps of one area are taken.

    *refusals*: every refusal of an operation, as the sentence that says what to do, which may name what the exception holds; or
    what writes several at the form: a function of form and exception. *template*: its page that is one form.
    """

    refusals: dict[type[Exception], Any]
    template: str

    def attempt(self, form: Any, do: Callable[[], Any]) -> bool:
        """Run the operation *do* and commit. Refused, its sentence stands at the form, nothing is stored and False returned.

        :raise IllegalTransition: :raise NotAllowed: when somebody else was faster.
        """
        try:
            do()
            db.session.commit()
        except tuple(self.refusals) as refusal:
            db.session.rollback()
            said = self.refusals[type(refusal)]
            if callable(said):
                said(form, refusal)
            else:
                form.form_errors.append(self.sentence_of(refusal))
        except (IllegalTransition, NotAllowed):
            db.session.rollback()
            raise
        else:
            return True
        return False

    def sentence_of(self, refusal: Exception) -> str:
        """Return the one sentence of a refusal."""
        return str(self.refusals[type(refusal)]) % vars(refusal)

    def taken(self, form: FlaskForm, do: Callable[[], Any], **way: Any) -> Response | None:
        """Return where to go once *form* was sent and *do* is done; None while the form is to be shown. *way* is what `_done` takes."""
        return self._done(form, do, **way) if form.validate_on_submit() else None

    def press(self, do: Callable[[], Any], *, back: str, **way: Any) -> Response:
        """Do one thing by the press of a button: :meth:`taken`, and where it is refused that is said at the address *back*."""
        button = FlaskForm()
        if (gone := self._done(button, do, back=back, **way)) is not None:
            return gone
        flash(" ".join(button.form_errors), "warn")
        return redirect(back, 303)

    def one_form(
        self, form: FlaskForm, do: Callable[[], Any], *, done: Any, back: str, to: Callable[[], str] | None = None, **page: Any
    ) -> Any:
        """Show *form*, or do what it is for: :meth:`taken`. *page* is what :meth:`page_of` takes."""
        return self.taken(form, do, done=done, back=back, to=to) or self.page_of(form, back=back, **page)

    def page_of(self, form: FlaskForm, *, title: Any, submit: Any, template: str = "", **more: Any) -> tuple[str, int]:
        """Return the page that is *form*, 422 where it was refused; *more* is named in the template one_form.html of the core."""
        first = getattr(form, "field_order", ())
        fields = sorted(form, key=lambda field: first.index(field.short_name) if field.short_name in first else len(first))
        body = render_template(template or self.template, form=form, fields=fields, title=title, submit=submit, **more)
        return body, UNPROCESSABLE if form.errors or form.form_errors else 200

    def _done(self, form: Any, do: Callable[[], Any], *, done: Any, back: str, to: Callable[[], str] | None = None) -> Response | None:
        """Do it, say *done* and go *to* the next page, or *back*, where it is also said that it is too late; None where it is refused.

        *done* may be a function, as *to* is one: of what there is only once it is done.
        """
        try:
            if not self.attempt(form, do):
                return None
        except (IllegalTransition, NotAllowed):
            flash(str(TOO_LATE), "warn")
            return redirect(back, 303)
        if sentence := str(done() if callable(done) else done):
            flash(sentence, "ok")
        return redirect(to() if to is not None else back, 303)
