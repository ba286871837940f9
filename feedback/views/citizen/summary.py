"""What was sent, as rows of a summary list: before it is sent (with a way to mend each), and after."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from app.database import db
from app.formats import format_date, format_datetime, upper_first, vi
from app.units.models import Place
from feedback import words
from feedback.forms.citizen import WHOLE_PROVINCE, SendForm
from feedback.models import Feedback, Person, PersonRole
from feedback.rules import IdentityScope, SenderType

LAST_DIGITS = 3


def of_form(form: SendForm) -> list[dict[str, Any]]:
    """Return the rows of the review page; `field` is where "Sửa" leads."""
    rows = [
        _row(_("Loại"), _kind(form.kind.data), "kind-0"),
        _row(_("Chuyện xảy ra"), vi(form.body.data), "body"),
        _row(_("Lĩnh vực"), vi(_chosen(form.field_id)) if form.field_id.data else _("Để cán bộ chọn giúp"), "field_id"),
        _row(_("Ở đâu"), ", ".join(filter(None, [_place(form), form.place_text.data])), "place_id"),
        _row(_("Từ khi nào"), _when(form.happened.data, form.happened_on.data) if form.happened.data else _("Không ghi"), "happened-0"),
        _row(_("Ảnh, giấy tờ"), ", ".join(file.name for file in form.files.data) or _("Không có"), "files"),
        _row(_("Người gửi"), _sender(form), "sender-0"),
    ]
    if form.sender_type is SenderType.GROUP:
        names = [row.name.data + (f" ({_('người đại diện')})" if row.representative.data else "") for row in form.filled_signers]
        rows.append(_row(_("Cùng ký"), "\n".join(names), "signers-0-name"))
    if form.sender_type is not SenderType.ANONYMOUS:
        rows.append(_row(_("Ai biết tên"), upper_first(str(words.IDENTITY_SCOPES[form.identity_scope.data])), "identity_scope-0"))
    if form.accused_unit_id.data:
        rows.append(_row(_("Nói về"), _chosen(form.accused_unit_id), "accused_unit_id"))
    if form.accused_names.data:
        rows.append(_row(_("Người bị nói tới"), form.accused_names.data, "accused_names"))
    rows.append(
        _row(
            _("Đăng công khai"),
            _("Đồng ý, sau khi bỏ tên và chỗ ở") if form.publish_consent.data else pgettext("đăng công khai", "Không đồng ý"),
            "publish_consent",
        )
    )
    return rows


def of_item(item: Feedback, *, kind: str = "") -> list[dict[str, Any]]:
    """Return the rows of the receipt, for the sender's eyes: what was written, names and numbers shortened.

    *kind*: what a question is called that was not chosen among the kinds but asked elsewhere.
    """
    rows = [
        _row(_("Loại"), kind or _kind(item.kind)),
        _row(_("Câu hỏi") if kind else _("Chuyện xảy ra"), vi(item.body)),
        _row(_("Ở đâu"), ", ".join(filter(None, [upper_first(item.place.full_name) if item.place else _("Cả tỉnh"), item.place_text]))),
    ]
    if item.happened not in {"", "unknown"}:
        rows.append(_row(_("Từ khi nào"), _when(item.happened, item.happened_on)))
    if item.field:
        rows.insert(2, _row(_("Lĩnh vực"), vi(item.field.name)))
    mine = [each for each in item.files if each.by_sender and each.message_id is None]
    if mine:
        pictures = sum(each.file.is_picture for each in mine)
        text = ngettext("%(num)d tệp", "%(num)d tệp", len(mine))
        rows.append(_row(_("Ảnh, giấy tờ"), text + (_("; đã xóa nơi chụp lưu trong ảnh") if pictures else "")))
    sender = sender_of(item)
    if sender is None or item.is_anonymous:
        rows.append(_row(_("Người gửi"), _("Không ghi tên")))
    elif sender.erased_at is not None:
        rows.append(_row(_("Người gửi"), _("Đã xóa %(day)s.", day=format_datetime(sender.erased_at))))
    else:
        reach = [_masked(sender.phone) if sender.phone else "", sender.email or ""]
        who = ", ".join(filter(None, [sender.name, sender.organisation, *reach]))
        scope = words.IDENTITY_SCOPES[IdentityScope.RECEPTION if item.sender_type == SenderType.INSIDER else item.identity_scope]
        rows.append(_row(_("Người gửi"), f"{who}; {scope}"))
    return rows


def sender_of(item: Feedback) -> Person | None:
    """Return who is answered."""
    return next((person for person in item.people if person.role in {PersonRole.SENDER, PersonRole.REPRESENTATIVE}), None)


def _row(key: str, value: Any, field: str = "") -> dict[str, Any]:
    return {"key": key, "value": value, "field": field}


def _kind(kind: str) -> str:
    return f"{words.KIND_CHOICES[kind][0]} ({words.KINDS[kind]})"


def _chosen(field: Any) -> str:
    return next((str(choice.label) for choice in field.iter_choices() if str(choice.value) == field.data), "")


def _place(form: SendForm) -> str:
    """Return the place with its kind, as in an address."""
    chosen = next(choice for choice in form.place_id.choices or () if str(choice.value) == form.place_id.data)
    place = None if form.place_id.data == WHOLE_PROVINCE else db.session.get(Place, int(str(chosen.value)))
    return upper_first(place.full_name) if place else str(chosen.label)


def _when(happened: str, day: Any) -> str:
    return upper_first(format_date(day)) if happened == "date" and day else str(words.HAPPENED[happened])


def _sender(form: SendForm) -> str:
    if form.sender_type is SenderType.ANONYMOUS:
        reach = ", ".join(filter(None, [form.phone.data, form.email.data]))
        return _("Không ghi tên") + (f", {reach}" if reach else "")
    parts = [form.name.data, form.phone.data, form.email.data, form.address.data]
    if form.sender_type is SenderType.ENTERPRISE:
        parts = [form.organisation.data, _("mã số thuế %(code)s", code=form.tax_code.data), *parts]
    if form.sender_type is SenderType.ON_BEHALF:
        parts.append(_("gửi hộ %(name)s", name=form.principal_name.data))
    return ", ".join(part for part in parts if part)


def _masked(phone: str) -> str:
    return f"{phone[:4]} *** {phone[-LAST_DIGITS:]}"
