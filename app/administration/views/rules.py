"""Deadline rules: what each says, where it comes from, how sure we are; a rule in force is ended or followed, never edited."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.administration import words
from app.administration.forms.law import EndRuleForm, RuleForm
from app.administration.views.pages import bp, fault, form_page, install_wide
from app.administration.views.versions import begins_anew
from app.calendar import operations, uses
from app.calendar.days import TermUnit
from app.calendar.models import DeadlineRule
from app.calendar.queries import all_rules
from app.calendar.rules import Evidence, Rule, RuleInvalid, Stage, StartEvent
from app.database import db

SECTION = "administration.rules"


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
    if form.validate_on_submit() and (wanted := _rule(form, None)) is not None:
        try:
            row = operations.add_rule(wanted, actor=current_user, now=clock.now())
        except operations.RuleAlreadyThere:
            fault(form.code, _("Mã này đã có; mở quy định ấy để lập bản mới"))
        else:
            return _saved(row)
    return form_page(form, title=_("Thêm quy định về hạn"), back=url_for(".rules"), section=SECTION)


@bp.route("/thoi-han/<int:rule_id>/ban-moi", methods=["GET", "POST"])
@install_wide
def change_rule(rule_id: int) -> Any:
    """Let a new version follow a rule from a day on."""
    row = db.get_or_404(DeadlineRule, rule_id)
    form = RuleForm(obj=row, kinds=list(row.applies_to.get("kind", ())))
    begins_anew(form)
    del form.code
    if form.validate_on_submit() and (wanted := _rule(form, row.rule)) is not None:
        try:
            new = operations.change_rule(row, wanted, actor=current_user, now=clock.now())
        except operations.RuleDateInPast:
            fault(form.effective_from, _("Bản mới áp dụng sớm nhất từ hôm nay; việc đã qua giữ quy định lúc đó"))
        except operations.RuleAlreadyThere:
            fault(form.effective_from, _("Đã có bản áp dụng từ ngày này hoặc sau đó"))
        else:
            return _saved(new)
    return form_page(
        form,
        title=_("Bản mới của %(code)s", code=row.name),
        back=url_for(".rule", rule_id=row.id),
        section=SECTION,
        submit=_("Lưu bản mới"),
        intro=[_("Bản đang áp dụng sẽ kết thúc ngày liền trước. Việc đang chạy giữ quy định lúc bắt đầu tính.")],
    )


@bp.route("/thoi-han/<int:rule_id>/ket-thuc", methods=["GET", "POST"])
@install_wide
def end_rule(rule_id: int) -> Any:
    """Let a rule end without another in its place."""
    row = db.get_or_404(DeadlineRule, rule_id)
    form = EndRuleForm()
    if form.validate_on_submit() and form.last_day.data is not None:
        try:
            operations.end_rule(row, form.last_day.data, actor=current_user, now=clock.now())
        except operations.RuleDateInPast:
            fault(form.last_day, _("Ngày cuối cùng sớm nhất là hôm qua, và không trước ngày bắt đầu áp dụng"))
        except operations.RuleAlreadyThere:
            fault(form.last_day, _("Ngày cuối cùng phải trước ngày bản mới áp dụng"))
        else:
            db.session.commit()
            flash(_("Đã ghi ngày kết thúc của %(code)s.", code=row.name), "ok")
            return redirect(url_for(".rules"))
    return form_page(
        form,
        title=_("Kết thúc quy định %(code)s", code=row.name),
        back=url_for(".rule", rule_id=row.id),
        section=SECTION,
        submit=_("Kết thúc quy định"),
        intro=[_("Sau ngày này việc mới không có hạn theo quy định này. Việc đang chạy giữ hạn đã tính.")],
        danger=True,
    )


def _rule(form: RuleForm, before: Rule | None) -> Rule | None:
    """Return the rule *form* tells, the rest as in *before*; None after saying in the form what does not fit."""
    kinds = tuple(form.kinds.data or ())
    rest = {name: values for name, values in before.applies_to.items() if name != "kind"} if before else {}
    said: dict[str, Any] = {
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
        "applies_to": ({"kind": kinds} if kinds else {}) | rest,
        "pause_grounds": tuple(form.pause_grounds.data or ()),
        "local": form.local.data,
        "note": form.note.data or "",
        "active": True,
    }
    try:
        return replace(before, **said) if before else Rule(code=form.code.data or "", **said)
    except RuleInvalid as error:
        said_in = {field.name: field for field in form}
        fault(said_in.get(error.name, form.amount), str(words.RULE_FAULTS.get(error.name, error.name)))
        return None


def _saved(row: DeadlineRule) -> Any:
    db.session.commit()
    flash(_("Đã lưu quy định %(code)s.", code=row.name), "ok")
    return redirect(url_for(".rule", rule_id=row.id))
