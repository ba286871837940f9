"""What the pages share: the blueprint, the doors of the whole install, and the page that is one form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from app.access import require, requires
from app.accounts.addresses import row_id as row_id
from app.permissions import Permission

bp = Blueprint("administration", __name__, url_prefix="/quan-tri")


def install_wide(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a page for administrators of the whole install; those of a commune look after what is below it only."""

    @requires(Permission.SETTINGS_MANAGE)
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        require(current_user.reach.may(Permission.SETTINGS_MANAGE))
        return view(*args, **kwargs)

    return guarded


def form_page(
    form: FlaskForm,
    *,
    title: str,
    back: str,
    section: str,
    submit: str = "",
    intro: Sequence[str] = (),
    danger: bool = False,
    template: str = "administration/form.html",
    **more: Any,
) -> tuple[str, int]:
    """Return the page that is *form*, and 422 where it was refused. *danger*: the button ends something."""
    body = render_template(
        template, form=form, title=title, back=back, section=section, submit=submit or _("Lưu"), intro=intro, danger=danger, **more
    )
    return body, 422 if form.errors else 200


def fault(field: Any, sentence: str) -> None:
    """Let *field* say what an operation refused."""
    field.errors = [*field.errors, sentence]
