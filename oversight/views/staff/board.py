"""The picture of the register, and the views of it that a person keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.permissions import Permission
from app.replica import from_copy
from oversight import words
from oversight.board import picture as queries
from oversight.board import saved
from oversight.forms.saved import SavedViewForm
from oversight.models import SavedView
from oversight.operations import saved as operations
from oversight.register import cuts
from oversight.rules import saved as rules
from oversight.views.staff.asked import Asked, asked
from oversight.views.staff.pages import REFUSALS, bp, one_form, press
from oversight.views.staff.register import around

REFUSALS |= {
    rules.NameTaken: _l("Đã có một cách xem khác mang tên này. Đặt tên khác."),
    rules.TooManyViews: _l("Đã lưu đủ 60 cách xem. Xóa bớt cách không dùng nữa rồi lưu."),
}
HOME = "oversight.saved_views"


@bp.get("/viec-da-cam-ket/buc-tranh")
@requires(Permission.REGISTER_READ)
@from_copy
def picture() -> str:
    """Show one table: the promises by a dimension, each duty apart, every number leading to its cases."""
    wanted, today = asked(), clock.today()
    wanted = replace(wanted, cut=replace(wanted.cut, view="all"))  # its columns are the views
    rows = queries.rows(wanted.by, wanted.cut, current_user.reach, today)
    return render_template(
        "oversight/staff/picture.html",
        rows=[(words.of_dimension(wanted.by, row.thing), row) for row in rows],
        sums=queries.sums(rows, wanted.cut),
        by=words.DIMENSIONS[wanted.by],
        counted=queries.COUNTED,
        duties=[wanted.cut.duty] if wanted.cut.duty else list(words.DUTY_HEADS),
        duty_heads=words.DUTY_HEADS,
        heads=words.SHORT_VIEWS,
        list_url=wanted.url(),
        **around(wanted, today),
    )


@bp.get("/viec-da-cam-ket/cach-xem")
@requires(Permission.REGISTER_READ)
def saved_views() -> str:
    """Show what is kept: their own, and what colleagues share."""
    views = [(view, url_of(view), _said(view), view.user_id == current_user.id) for view in saved.of(current_user)]
    return render_template("oversight/staff/saved_views.html", views=views)


@bp.get("/viec-da-cam-ket/cach-xem/<int:view_id>")
@requires(Permission.REGISTER_READ)
def open_view(view_id: int) -> Response:
    """Lead to the register as a kept view shows it."""
    view = next((each for each in saved.of(current_user) if each.id == view_id), None)
    if view is None:
        abort(404)
    return redirect(url_of(view))


@bp.route("/viec-da-cam-ket/cach-xem/luu", methods=["GET", "POST"])
@requires(Permission.REGISTER_READ)
def keep_view() -> Any:
    """Keep the address that one came from under a name."""
    wanted, page = asked(), request.args.get("trang", "")
    page = page if page in rules.PAGES else rules.PAGES[0]
    form, is_picture = SavedViewForm(), page == "picture"

    def keep() -> None:
        operations.keep(
            page=page, address=wanted.query(picture=is_picture), name=form.name.data, shared=form.shared.data, actor=_me(), now=clock.now()
        )

    return one_form(
        form, keep, done=_("Đã lưu cách xem."), back=wanted.url(f"oversight.{page}"), crumb=_("Sổ theo dõi việc đã hứa"),
        title=_("Lưu cách xem này"), submit=_("Lưu"), intro=[_shown(wanted, is_picture)],
    )  # fmt: skip


@bp.route("/viec-da-cam-ket/cach-xem/<int:view_id>/sua", methods=["GET", "POST"])
@requires(Permission.REGISTER_READ)
def change_view(view_id: int) -> Any:
    """Give a kept view another name, share it or share it no more."""
    view = _own(view_id)
    form = SavedViewForm(data={"name": view.name, "shared": view.shared})
    return one_form(
        form, lambda: operations.change(view, name=form.name.data, shared=form.shared.data, actor=_me()),
        done=_("Đã sửa cách xem."), back=url_for(HOME), crumb=_("Cách xem đã lưu"),
        title=_("Sửa tên cách xem"), submit=_("Lưu"), intro=[_said(view)],
    )  # fmt: skip


@bp.post("/viec-da-cam-ket/cach-xem/<int:view_id>/xoa")
@requires(Permission.REGISTER_READ)
def drop_view(view_id: int) -> Response:
    """Keep a view no longer."""
    view = _own(view_id)
    return press(lambda: operations.drop(view, actor=_me()), done=_("Đã xóa cách xem."), back=url_for(HOME))


def _own(view_id: int) -> SavedView:
    view = saved.own(view_id, current_user)
    if view is None:
        abort(404)
    return view


def _me() -> Any:
    return current_user._get_current_object()  # noqa: SLF001 - flask-login's own way to the person behind the proxy


def _read(view: SavedView) -> Asked:
    return asked(MultiDict(parse_qsl(view.address)))


def url_of(view: SavedView) -> str:
    """Return the address of a kept view, as it is understood today."""
    return _read(view).url(f"oversight.{view.page}")


def _said(view: SavedView) -> str:
    return _shown(_read(view), view.page == "picture")


def _shown(wanted: Asked, is_picture: bool) -> str:  # noqa: FBT001 - what the page is, in words
    said = cuts.said(wanted.cut)
    return _("Bức tranh theo %(by)s: %(cut)s", by=str(words.DIMENSIONS[wanted.by]).lower(), cut=said) if is_picture else said
