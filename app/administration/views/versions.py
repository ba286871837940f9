"""What the pages of every table of rules in versions share: one adds a rule, follows it by another version, ends it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app import clock
from app.administration.forms.law import EndRuleForm
from app.administration.views.pages import fault, form_page
from app.database import db
from app.versions import Book, Followed, RuleAlreadyThere, RuleDateInPast

Said = tuple[str, Any]  # the field at fault, and the sentence that says what to do
#: Refusal → what is said of it, or how to tell that from the refusal.
Refusals = dict[type[Exception], Said | Callable[[Any], Said]]

_ADDED: Refusals = {RuleAlreadyThere: ("code", _l("Mã này đã có; mở quy định ấy để lập bản mới"))}
_FOLLOWED: Refusals = {
    RuleDateInPast: ("effective_from", _l("Bản mới áp dụng sớm nhất từ hôm nay; việc đã qua giữ quy định lúc đó")),
    RuleAlreadyThere: ("effective_from", _l("Đã có bản áp dụng từ ngày này hoặc sau đó")),
}
_ENDED: Refusals = {
    RuleDateInPast: ("last_day", _l("Ngày cuối cùng sớm nhất là hôm qua, và không trước ngày bắt đầu áp dụng")),
    Followed: ("last_day", _l("Đã có bản mới của quy định này. Ngày cuối cùng phải trước ngày bản mới áp dụng")),
}


@dataclass(frozen=True)
class Table:
    """A table of rules as its pages name it."""

    book: Book
    list_: str  # endpoint
    section: str  # entry of the menu
    ends: Any  # what it means that one ends
    refusals: Refusals = field(default_factory=dict)  # the table's own
    called: Callable[[Any], str] = attrgetter("name")  # what a rule is called
    shown: Callable[[Any], str] | None = None  # the address of a version, if it has a page of its own

    def add(self, form: FlaskForm, do: Callable[[], Any], *, title: Any) -> Any:
        """Show *form*, or add a rule under a code of its own."""
        return self._one(form, do, self.refusals | _ADDED, back=url_for(self.list_), title=title)

    def follow(self, row: Any, form: FlaskForm, do: Callable[[], Any], *, intro: Sequence[Any] = ()) -> Any:
        """Show *form*, which asks for no code, or let a new version follow *row*."""
        begins_anew(form)
        begins = _l("Bản đang áp dụng sẽ kết thúc ngày liền trước.")
        page = {"title": _l("Bản mới của %(code)s", code=self.called(row)), "submit": _l("Lưu bản mới"), "intro": [begins, *intro]}
        return self._one(form, do, self.refusals | _FOLLOWED, back=self._at(row), **page)

    def end(self, id_: int) -> Any:
        """Ask for the last day of a version, or end it: no other comes in its place."""
        row, form = db.get_or_404(self.book.model, id_), EndRuleForm()
        page = {"title": _l("Kết thúc quy định %(code)s", code=self.called(row)), "submit": _l("Kết thúc quy định"), "intro": [self.ends]}

        def ended() -> Any:
            last_day = form.last_day.data or dt.date.max  # a form that validated has a day
            self.book.end(row, last_day, actor=current_user, now=clock.now())
            return row

        return self._one(form, ended, _ENDED, back=self._at(row), danger=True, **page)

    def check(self, id_: int) -> Response:
        """Write down that the text itself was read."""
        row = db.get_or_404(self.book.model, id_)
        self.book.check_against_text(row, actor=current_user, now=clock.now())
        return self.saved(row)

    def saved(self, row: Any) -> Response:
        """Commit, and lead to the version or to the list, where it is said."""
        db.session.commit()
        flash(str(_l("Đã lưu quy định %(code)s.", code=self.called(row))), "ok")
        return redirect(self._at(row), 303)

    def _at(self, row: Any) -> str:
        return url_for(self.list_) if self.shown is None else self.shown(row)

    def _one(self, form: FlaskForm, do: Callable[[], Any], refusals: Refusals, **page: Any) -> Any:
        if form.validate_on_submit():
            try:
                return self.saved(do())
            except tuple(refusals) as refusal:
                said = next(said for kind, said in refusals.items() if isinstance(refusal, kind))
                name, sentence = said if isinstance(said, tuple) else said(refusal)
                fault(form[name], str(sentence))
        return form_page(form, section=self.section, **page)


def begins_anew(form: FlaskForm) -> None:
    """Let a form that shows the version before ask for a first day of its own."""
    if not form.is_submitted():
        form.effective_from.data = None


def listed(rows: Sequence[Any], today: dt.date) -> dict[str, Any]:
    """Return what the list of a table is drawn from: the versions in force or to come, those that are over, the newest of each code."""
    return {
        "current": [row for row in rows if row.effective_to is None or row.effective_to >= today],
        "past": [row for row in rows if row.effective_to is not None and row.effective_to < today],
        "newest": {row.code: row.id for row in sorted(rows, key=lambda row: row.effective_from)},
        "today": today,
    }
