"""The papers before a session and on its table: notice, letter, invitation, programme, the two reports (Hướng dẫn 04-HD/BDVTU II.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from app.clock import LOCAL
from app.units.models import Unit
from dialogues import earlier
from dialogues.models import Session
from dialogues.papers import parts
from dialogues.papers.parts import Body, Section
from dialogues.papers.session import (
    address,
    asked_before,
    chairs,
    copies,
    grounds,
    lower_first,
    named,
    on_its_day,
    when,
    where,
    words_of,
)
from dialogues.rules import GuestKind


def notice(session: Session, unit: Unit) -> Body:
    """Tell everyone that it is held, and how to ask and to come."""
    until = session.questions_until
    by = f" trước {parts.clock_time(until)}, {parts.day(until.astimezone(LOCAL).date())}" if until else ""
    return Body(
        name="Thông báo",
        about=f"Tổ chức đối thoại với Nhân dân {on_its_day(session)}",
        grounds=grounds(session, unit),
        sections=[
            Section("opening", "", f"{unit.name} thông báo tổ chức buổi đối thoại với Nhân dân như sau:"),
            Section("topic", "1. Nội dung, thành phần", _topic(session)),
            Section("place", "2. Thời gian, địa điểm", parts.lines(when(session), where(session))),
            Section("chairs", "3. Chủ trì", chairs(session)),
            Section(
                "asking",
                "4. Gửi câu hỏi, đăng ký dự",
                f"Nhân dân gửi câu hỏi và đăng ký dự{by} tại trang {address(session)} hoặc tại trụ sở {unit.name}.\n"
                "Câu hỏi không trả lời tại buổi đối thoại được trả lời bằng văn bản.",
            ),
            Section("closing", "", f"{unit.name} thông báo để các cơ quan, tổ chức và Nhân dân biết, tham gia./."),
        ],
        copies=copies(session, unit, *_units(session)),
    )


def _topic(session: Session) -> str:
    return parts.lines(f"Chủ đề: {session.topic}.", f"Thành phần dự: {session.audience}." if session.audience else "")


def _units(session: Session) -> Iterable[str]:
    return dict.fromkeys(guest.name for guest in session.invitations if guest.kind == GuestKind.UNIT)


def official_letter(session: Session, unit: Unit) -> Body:
    """Ask those who will have to answer to prepare and to come."""
    asked = asked_before(session)
    rows = [[words_of(question), question.theme.title if question.theme else ""] for question in asked]
    table = parts.table("Câu hỏi đã nhận", ("STT", "Nội dung câu hỏi", "Nhóm vấn đề"), (1, 9, 4), rows)
    return Body(
        name="",
        about=f"chuẩn bị buổi đối thoại với Nhân dân {on_its_day(session)}",
        to=tuple(_units(session)) or ("Các cơ quan, đơn vị liên quan",),
        sections=[
            Section("opening", "", f"{unit.name} tổ chức buổi đối thoại với Nhân dân về {lower_first(session.topic)}."),
            Section("place", "", parts.lines(when(session), where(session), chairs(session))),
            Section(
                "tasks",
                "",
                f"{unit.name} đề nghị các cơ quan, đơn vị:\n"
                "1. Cử lãnh đạo dự đúng thành phần, đúng giờ.\n"
                "2. Chuẩn bị trả lời những câu hỏi thuộc lĩnh vực phụ trách; ghi rõ đã làm gì, chưa làm gì, vì sao, bao giờ xong.\n"
                f"3. Gửi nội dung trả lời về {unit.name} chậm nhất ba ngày trước buổi đối thoại.",
            ),
            Section("questions", "", "Những câu hỏi đã nhận trước buổi đối thoại:" if rows else "", table),
            Section("closing", "", f"{unit.name} đề nghị các cơ quan, đơn vị phối hợp thực hiện./."),
        ],
        copies=copies(session, unit, "Như trên"),
    )


def invitation(session: Session, unit: Unit) -> Body:
    """Ask each guest to come: one page for each."""
    return Body(
        name="Giấy mời",
        about="Dự buổi đối thoại với Nhân dân",
        guests=tuple(named(guest.name, guest.title) for guest in session.invitations) or (parts.TO_WRITE,),
        sections=[
            Section("opening", "", f"{unit.name} trân trọng kính mời:"),
            Section("topic", "", f"Dự buổi đối thoại với Nhân dân về {lower_first(session.topic)}."),
            Section("place", "", parts.lines(when(session), where(session))),
            Section("chairs", "", chairs(session)),
            Section("closing", "", "Đề nghị có mặt trước giờ bắt đầu 15 phút để làm thủ tục vào hội trường./."),
        ],
        copies=copies(session, unit, "Như trên"),
    )


def programme(session: Session, unit: Unit) -> Body:
    """The items with their hours, and the rules of the session."""
    rows, at = [], session.starts_at
    for item in session.agenda:
        rows.append([_hour(at, item.minutes), item.title, item.presenter])
        at = at + dt.timedelta(minutes=item.minutes) if at else None
    table = parts.table("Chương trình", ("STT", "Thời gian", "Nội dung", "Người thực hiện"), (1, 3, 7, 4), rows)
    return Body(
        name="Chương trình, nội quy",
        about=f"Buổi đối thoại với Nhân dân {on_its_day(session)}",
        sections=[
            Section("topic", "", parts.lines(_topic(session), when(session), where(session), chairs(session))),
            Section("programme", "I. Chương trình", "" if rows else parts.TO_WRITE, table),
            Section("rules", "II. Nội quy", session.house_rules or parts.TO_WRITE, fixed=True),
        ],
        copies=copies(session, unit),
    )


def _hour(at: dt.datetime | None, minutes: int) -> str:
    if at is None:
        return f"{minutes} phút"
    begins = at.astimezone(LOCAL)
    return f"{begins:%H:%M} - {begins + dt.timedelta(minutes=minutes):%H:%M}"


def concerns(session: Session, unit: Unit) -> Body:
    """Báo cáo những vấn đề mà dư luận xã hội và Nhân dân quan tâm."""
    rows = [[words_of(each), each.theme.title if each.theme else "", str(len(each.supports))] for each in asked_before(session)]
    table = parts.table("Câu hỏi gửi trước", ("STT", "Câu hỏi", "Nhóm vấn đề", "Cùng quan tâm"), (1, 8, 4, 2), rows)
    sent = f"Đã nhận {len(rows)} câu hỏi:" if rows else "Chưa có câu hỏi nào gửi trước."
    return Body(
        name="Báo cáo",
        about=f"Những vấn đề dư luận xã hội và Nhân dân quan tâm, phục vụ buổi đối thoại {on_its_day(session)}",
        sections=[
            Section("concerns", "I. Vấn đề dư luận xã hội và Nhân dân quan tâm", session.concerns or parts.TO_WRITE, fixed=True),
            Section("questions", "II. Câu hỏi gửi trước buổi đối thoại", sent, table),
            Section("proposal", "III. Đề xuất", "Đề nghị chủ trì trả lời hoặc giao cơ quan trả lời từng vấn đề, có thời hạn./."),
        ],
        copies=copies(session, unit),
    )


def earlier_promises(session: Session, unit: Unit) -> Body:
    """Say of each thing promised before whether it was done.

    "nêu rõ những nội dung công việc đã thực hiện hoặc chưa (không) thực hiện (nêu rõ lý do)"
    """
    promises = earlier.promises(session)
    done = [[*_row(each), parts.short_day(each.done_on)] for each in promises if each.done]
    left = [[*_row(each), each.why_not or parts.TO_WRITE] for each in promises if not each.done]
    count = f"Tổng số {len(done) + len(left)} việc: đã thực hiện {len(done)}, chưa thực hiện {len(left)}."
    none = "Chưa có việc nào được giao tại các buổi đối thoại trước."
    head = ("STT", "Việc", "Đơn vị thực hiện", "Thời hạn")
    kept = parts.table("Việc đã thực hiện", (*head, "Xong ngày"), (1, 6, 4, 3, 3), done)
    broken = parts.table("Việc chưa thực hiện", (*head, "Lý do"), (1, 5, 3, 3, 5), left)
    return Body(
        name="Báo cáo",
        about="Kết quả giải quyết kiến nghị của Nhân dân tại các buổi đối thoại trước",
        sections=[
            Section("summary", "I. Kết quả chung", count if promises else none),
            Section("done", "II. Việc đã thực hiện", "" if done else "Không có.", kept),
            Section("open", "III. Việc chưa thực hiện và lý do", "" if left else "Không có.", broken),
            Section("closing", "", f"{unit.name} báo cáo để Nhân dân biết, giám sát./."),
        ],
        copies=copies(session, unit),
    )


def _row(promise: earlier.Promise) -> list[str]:
    return [promise.title, promise.unit_name, parts.short_day(promise.due_on) if promise.due_on else ""]
