"""Deadline rules: what each says, where it comes from, how sure we are; a rule in force is ended or followed, never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.administration import words
from app.administration.forms.law import RuleForm
from app.administration.views.pages import bp, install_wide
from app.administration.views.versions import Table
from app.calendar import operations, uses
from app.calendar.days import TermUnit
from app.calendar.models import DeadlineRule
from app.calendar.queries import all_rules
from app.calendar.rules import Evidence, Rule, RuleInvalid, Stage, StartEvent
from app.database import db


def _invalid(error: RuleInvalid) -> tuple[str, str]:
    name = error.name if error.name in RuleForm.__dict__ else "amount"
    return name, str(words.RULE_FAULTS.get(error.name, error.name))


TABLE = Table(
    operations.BOOK,
    ".rules",
    "administration.rules",
    _l("Sau ngày này việc mới không có hạn theo quy định này. Việc đang chạy giữ hạn đã tính."),
    refusals={RuleInvalid: _invalid},
    shown=lambda row: url_for(".rule", rule_id=row.id),
)


@bp.get("/thoi-han")
@install_wide
def rules() -> str:
    """Show every rule: in force, to come, and past."""
    today = clock.today()
    rows = all_rules()
    current = [row for row in rows if row.active and (row.effective_to is None or row.effective_to >= today)]
    unused = {row.id: reason for row in rows if (reason := _unused(row))}
    return render_template(
        "administration/rules.html",
        current=[row for row in current if row.id not in unused],
        waiting=[row for row in current if row.id in unused],
        past=[row for row in rows if not row.active or (row.effective_to is not None and row.effective_to < today)],
        today=today,
        words=words,
        unused=unused,
    )


def _unused(row: DeadlineRule) -> Any:
    """Return why no clock can follow the rule, in words; empty where one can."""
    return (lacks := uses.lacking(row)) and words.UNUSED.get(lacks, words.UNUSED_OTHERWISE)


@bp.get("/thoi-han/<int:rule_id>")
@install_wide
def rule(rule_id: int) -> str:
    """Show one version of a rule with everything it says, and the other versions."""
    row = db.get_or_404(DeadlineRule, rule_id)
    versions = [each for each in all_rules() if each.code == row.code]
    return render_template(
        "administration/rule.html",
        row=row,
        versions=versions,
        today=clock.today(),
        words=words,
        newest=versions[0].id == row.id,
        unused=_unused(row),
        kinds=[str(words.KINDS.get(kind, kind)) for kind in row.applies_to.get("kind", ())],
    )


@bp.route("/thoi-han/moi", methods=["GET", "POST"])
@install_wide
def new_rule() -> Any:
    """Add a rule under a code of its own."""
    form = RuleForm(local=True, evidence=Evidence.SEEN)
    return TABLE.add(
        form,
        lambda: operations.add_rule(Rule(code=form.code.data or "", **_said(form, {})), actor=current_user, now=clock.now()),
        title=_("Thêm quy định về hạn"),
    )


@bp.route("/thoi-han/<int:rule_id>/ban-moi", methods=["GET", "POST"])
@install_wide
def change_rule(rule_id: int) -> Any:
    """Let a new version follow a rule from a day on."""
    row = db.get_or_404(DeadlineRule, rule_id)
    form = RuleForm(obj=row, kinds=list(row.applies_to.get("kind", ())))
    del form.code
    return TABLE.follow(
        row,
        form,
        lambda: operations.change_rule(row, replace(row.rule, **_said(form, row.rule.applies_to)), actor=current_user, now=clock.now()),
        intro=[_("Việc đang chạy giữ quy định lúc bắt đầu tính.")],
    )


@bp.route("/thoi-han/<int:rule_id>/ket-thuc", methods=["GET", "POST"])
@install_wide
def end_rule(rule_id: int) -> Any:
    """Let a rule end without another in its place."""
    return TABLE.end(rule_id)


def _said(form: RuleForm, applied_to: Mapping[str, Any]) -> dict[str, Any]:
    """Return what *form* says of a rule; what a person cannot say of whom it applies to stays as it was."""
    kinds = tuple(form.kinds.data or ())
    return {
        "name": form.name.data,
        "stage": Stage(form.stage.data),
        "start_event": StartEvent(form.start_event.data),
        "amount": form.amount.data,
        "unit": TermUnit(form.unit.data),
        "source": form.source.data,
        "article": form.article.data or "",
        "evidence": Evidence(form.evidence.data),
        "effective_from": form.effective_from.data,
        "effective_to": None,
        "applies_to": ({"kind": kinds} if kinds else {}) | {name: values for name, values in applied_to.items() if name != "kind"},
        "pause_grounds": tuple(form.pause_grounds.data or ()),
        "local": form.local.data,
        "note": form.note.data or "",
        "active": True,
    }
