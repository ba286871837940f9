"""Where somebody is signed in, and the end of it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import ngettext
from flask_login import current_user

from app import clock
from app.access import signed_in
from app.accounts import sessions, signing_in
from app.accounts.models import SignIn
from app.accounts.views import bp
from app.accounts.words import browser
from app.database import db


@bp.get("/tai-khoan/thiet-bi")
@signed_in
def devices() -> str:
    """Show where one is signed in."""
    now = clock.now()
    rows = [row for row in sessions.of(current_user) if not signing_in.is_over(row, now)]
    return render_template("accounts/devices.html", rows=rows, here=current_user.sign_in, browser=browser)


@bp.post("/tai-khoan/thiet-bi/<int:row_id>/ket-thuc")
@signed_in
def end_device(row_id: int) -> Any:
    """Sign out there."""
    return _ended([row for row in sessions.of(current_user) if row.id == row_id])


@bp.post("/tai-khoan/thiet-bi/khac/ket-thuc")
@signed_in
def end_other_devices() -> Any:
    """Sign out everywhere but here."""
    return _ended([row for row in sessions.of(current_user) if row.id != current_user.sign_in.id])


def _ended(rows: list[SignIn]) -> Any:
    if rows:
        sessions.end(current_user, *rows, now=clock.now())
        db.session.commit()
    flash(ngettext("Đã đăng xuất khỏi %(num)d máy.", "Đã đăng xuất khỏi %(num)d máy.", len(rows)), "ok")
    return redirect(url_for(".devices"))
