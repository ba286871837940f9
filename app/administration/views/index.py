"""The front page of administration, the settings of the install, and how long things are kept."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock, navigation
from app import settings as site_settings
from app.access import requires
from app.administration.forms import choices
from app.administration.forms.law import SettingsForm
from app.administration.views import at_hand
from app.administration.views.pages import bp, fault, form_page, install_wide
from app.database import db
from app.permissions import Permission


@bp.get("/")
@requires(Permission.SETTINGS_MANAGE, Permission.ACCOUNT_MANAGE, Permission.AUDIT_READ)
def index() -> Any:
    """Show what may be administered; during set-up, its steps."""
    if current_user.reach.may(Permission.SETTINGS_MANAGE) and not site_settings.get("set_up"):
        return redirect(url_for(".setup"))
    return render_template("administration/index.html", lines=at_hand.at_hand(), sections=navigation.entries("admin"))


@bp.route("/cai-dat", methods=["GET", "POST"])
@install_wide
def settings() -> Any:
    """Change whose site it is."""
    now = site_settings.all_values()
    form = SettingsForm(data=now)
    form.desk_unit_id.choices = [SelectChoice("", _("Chưa chọn")), *choices.receptions(on=clock.today(), chosen=now["desk_unit_id"])]
    form.standing_body_id.choices = [SelectChoice("", _("Không có")), *choices.all_units(on=clock.today())]
    if form.validate_on_submit() and _still_received(form):
        for name in (
            "province_name", "authority_name", "code_prefix", "desk_unit_id", "standing_body_id", "rating_days", "league_least",
            "public_least", "anchor_address", "proof", "proof_sent", "proof_tries",
        ):  # fmt: skip
            if form[name].data != now[name]:
                site_settings.change(name, form[name].data, actor=current_user, now=clock.now())
        db.session.commit()
        flash(_("Đã lưu cài đặt."), "ok")
        return redirect(url_for(".settings"))
    return form_page(
        form,
        title=_("Cài đặt"),
        back=url_for(".index"),
        section="administration.settings",
        more_links=[(_("Vai trò cần xác nhận hai bước"), url_for(".second_factor_roles"))],
    )


def _still_received(form: SettingsForm) -> bool:
    """Say whether somebody receives; an open site without a reception would lose what people send."""
    if form.desk_unit_id.data is None and site_settings.get("set_up"):
        fault(form.desk_unit_id, _("Trang đã mở thì phải có một bộ phận tiếp nhận"))
    return not form.errors
