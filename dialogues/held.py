"""What is held of whoever took a seat or was asked to come: to be read by them, and to be taken along."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app import consents
from app.formats import format_datetime
from dialogues import words
from dialogues.models import Invitation, Registration
from dialogues.operations import minutes

#: Name in the file → what it is called on the page.
CALLED = {
    "buoi_doi_thoai": _l("Buổi đối thoại"),
    "ho_ten": _l("Họ và tên"),
    "chuc_vu": _l("Chức vụ, đơn vị"),
    "dien_thoai": _l("Số điện thoại"),
    "e_mail": _l("E-mail"),
    "tu_dau_den": _l("Từ đâu đến"),
    "so_nguoi": _l("Số người"),
    "noi_ngoi": _l("Nơi ngồi"),
    "can_ho_tro": _l("Cần hỗ trợ"),
    "tinh_trang": _l("Tình trạng"),
    "nguoi_thay": _l("Ai đi thay: họ tên, chức vụ"),
    "dang_ky_luc": _l("Đăng ký lúc"),
    "da_den_luc": _l("Đã đến lúc"),
    "gop_y_bien_ban": _l("Góp ý biên bản"),
    "dong_y": _l("Đã đồng ý những gì"),
}


def facts(row: Registration | Invitation) -> dict[str, str]:
    """Return what is held, by the names of CALLED; what is empty is left out."""
    there = minutes.present_as(row)
    said = minutes.corrections_by(row.session, there) if there is not None else []
    found: dict[str, Any] = _of_seat(row) if isinstance(row, Registration) else _of_guest(row)
    found |= {
        "buoi_doi_thoai": row.session.code,
        "dien_thoai": row.phone,
        "e_mail": row.email,
        "da_den_luc": there and format_datetime(there.at),
        "gop_y_bien_ban": "\n".join(each.text for each in said),
        "dong_y": "\n".join(_agreed(each) for each in consents.of([row])),
    }
    return {name: str(found[name]) for name in CALLED if found.get(name)}


def _of_seat(seat: Registration) -> dict[str, Any]:
    return {
        "ho_ten": seat.name,
        "tu_dau_den": seat.comes_from,
        "so_nguoi": seat.people,
        "noi_ngoi": seat.hall and seat.hall.name,
        "can_ho_tro": seat.needs and words.needs_said(seat.needs),
        "tinh_trang": words.REGISTRATION_STATES[seat.state],
        "dang_ky_luc": format_datetime(seat.created_at),
    }


def _of_guest(guest: Invitation) -> dict[str, Any]:
    return {
        "ho_ten": guest.name,
        "chuc_vu": guest.title,
        "so_nguoi": guest.seats,
        "tinh_trang": guest.answer and words.GUEST_ANSWERS[guest.answer],
        "nguoi_thay": guest.answer_note,
    }


def _agreed(given: consents.Consent) -> str:
    until = f" – {format_datetime(given.withdrawn_at)}" if given.withdrawn_at else ""
    return f"{given.words} ({format_datetime(given.given_at)}{until})"
