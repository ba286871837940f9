"""What a person gets of themselves: what they sent about an item and what they were told, as a ZIP to read and to take elsewhere.

Never what was said of them: no note, no draft, no name of another person who signed, nothing of other items.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import zipfile
from pathlib import Path
from typing import IO, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import files, typesetting
from app.clock import LOCAL
from app.files.models import Scan
from app.formats import format_datetime
from feedback import public, words
from feedback.models import Feedback, MessageKind, ReceiptKey
from feedback.papers import file_name
from feedback.papers.keeping import issued_pdf
from feedback.personal.queries import consents_of, persons_of
from feedback.personal.recorded import PURPOSES

IN_MEMORY = 8 << 20
PAPER = Path(__file__).parent / "export.typ"
PERSON = {
    "ho_ten": _l("Họ tên"),
    "dien_thoai": _l("Điện thoại"),
    "e_mail": _l("E-mail"),
    "dia_chi": _l("Địa chỉ"),
    "to_chuc": _l("Tổ chức"),
    "ma_so_thue": _l("Mã số thuế"),
}
#: A note is the staff's own.
TOLD = {MessageKind.QUESTION, MessageKind.ANSWER, MessageKind.ADDITION, MessageKind.TOLD}


def facts_of(feedback: Feedback, key: ReceiptKey) -> dict[str, Any]:
    """Return what the holder of *key* sent and was told, by names that say what each is."""
    return {
        "ma_tra_cuu": feedback.code,
        "loai": str(words.KINDS[feedback.kind]),
        "gui_luc": _when(feedback.received_at),
        "noi_dung": feedback.body,
        "dia_ban": feedback.place.full_name if feedback.place else "",
        "cho_cu_the": feedback.place_text,
        "nguoi_bi_noi_toi": feedback.accused_names,
        "linh_vuc": feedback.field.name if feedback.field else "",
        "dong_y_dang_cong_khai": feedback.publish_consent,
        "ai_biet_ten": str(words.IDENTITY_SCOPES[feedback.identity_scope]),
        "nguoi": [
            {
                "ho_ten": person.name or "",
                "dien_thoai": person.phone or "",
                "e_mail": person.email or "",
                "dia_chi": person.address or "",
                "to_chuc": person.organisation or "",
                "ma_so_thue": person.tax_code or "",
            }
            for person in persons_of(feedback, key)
        ],
        "dong_y": [
            {
                "viec": str(PURPOSES[each.purpose]),
                "loi": str(each.words),
                "phien_ban": each.wording,
                "qua": each.form,
                "luc": _when(each.given_at),
                "thoi_luc": _when(each.withdrawn_at) if each.withdrawn_at else "",
            }
            for each in consents_of(feedback, key)
        ],
        "trao_doi": [
            {"luc": _when(each.at), "cua": each.user.unit.name if each.user else "", "noi_dung": each.body}
            for each in feedback.messages
            if each.kind in TOLD
        ],
        "tra_loi": [
            {
                "so": paper.number or "",
                "ngay": paper.numbered_on.isoformat() if paper.numbered_on else "",
                "cua": paper.unit.name,
                "noi_dung": public.words_of(paper),
                "tung_diem": [{"viec": point.title, "tra_loi": point.text} for point in paper.points],
            }
            for paper in public.answers(feedback)
        ],
        "danh_gia": [{"luc": _when(each.at), "diem": each.score, "vi_sao": each.why} for each in feedback.ratings],
        "tep": [each.file.name for each in _sent(feedback)],
    }


def archive(feedback: Feedback, key: ReceiptKey, *, now: dt.datetime) -> IO[bytes]:
    """Return the ZIP, open at its beginning; large ones lie on the disk until they are closed."""
    facts = facts_of(feedback, key)
    papers = [(file_name(paper), issued_pdf(paper, now=now)) for paper in public.answers(feedback)]
    into = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("thong-tin.json", json.dumps(facts, ensure_ascii=False, indent=2))
        made.writestr("thong-tin.pdf", paper(facts))
        for name, data in papers:
            made.writestr(f"tra-loi/{name}", data)
        for number, each in enumerate(_sent(feedback), start=1):
            with made.open(f"tep/{number:02}-{each.file.name}", "w") as member:
                for piece in files.open_stored(each.file):
                    member.write(piece)
    into.seek(0)
    return into


def paper(facts: dict[str, Any]) -> bytes:
    """Return :func:`facts_of` on paper, for who has no computer: whoever helps them prints it."""
    told = [(f"{_day(each['luc'])}, {each['cua'] or _('người gửi')}", each["noi_dung"]) for each in facts["trao_doi"]]
    answers = [(f"{each['cua']}, {each['so']}", _joined(each["noi_dung"], each["tung_diem"])) for each in facts["tra_loi"]]
    parts = [
        (
            _("Đã gửi"),
            [
                (_("Loại"), facts["loai"]),
                (_("Gửi lúc"), _day(facts["gui_luc"])),
                (_("Nơi"), _place(facts)),
                *_accused(facts),
                ("", facts["noi_dung"]),
            ],
        ),
        (_("Người"), [(str(label), each[name]) for each in facts["nguoi"] for name, label in PERSON.items() if each[name]]),
        (_("Đã đồng ý những gì"), [(_day(each["luc"]), _agreed(each)) for each in facts["dong_y"]]),
        (_("Trao đổi"), told),
        (_("Trả lời"), answers),
        (_("Đánh giá"), [(_day(each["luc"]), f"{each['diem']}/5. {each['vi_sao']}") for each in facts["danh_gia"]]),
        (_("Tệp đã gửi"), [("", name) for name in facts["tep"]]),
    ]
    title = _("Thông tin của tôi trong ý kiến %(code)s", code=facts["ma_tra_cuu"])
    said = [{"heading": heading, "lines": lines} for heading, lines in parts if lines]
    return typesetting.pdf(PAPER, {"title": title, "parts": said})


def _joined(body: str, points: list[dict[str, str]]) -> str:
    return "\n".join([body, *(f"{point['viec']}: {point['tra_loi']}" for point in points)]).strip()


def _place(facts: dict[str, Any]) -> str:
    return ", ".join(filter(None, (facts["cho_cu_the"], facts["dia_ban"])))


def _accused(facts: dict[str, Any]) -> list[tuple[str, str]]:
    named = facts["nguoi_bi_noi_toi"]
    return [(_("Người bị nói tới"), ", ".join(named.splitlines()))] if named else []


def _agreed(each: dict[str, Any]) -> str:
    ended = " " + _("Thôi đồng ý %(day)s", day=_day(each["thoi_luc"])) if each["thoi_luc"] else ""
    return f"{each['viec']}. {each['loi']}{ended}"


def _day(moment: str) -> str:
    return format_datetime(dt.datetime.fromisoformat(moment))


def _sent(feedback: Feedback) -> list[Any]:
    return [each for each in feedback.files if each.by_sender and each.file.scan != Scan.INFECTED]


def _when(at: dt.datetime) -> str:
    return at.astimezone(LOCAL).isoformat(timespec="minutes")
