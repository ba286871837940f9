"""The papers before a session and on its table: notice, letter, invitation, programme, the two reports (Hướng dẫn 04-HD/BDVTU II.2)."""

from __future__ import annotations

import datetime as dt

from app.clock import LOCAL
from dialogues import earlier
from dialogues.models import Session
from dialogues.papers import parts
from dialogues.papers.parts import Body, Section, Words
from dialogues.papers.session import (
    asked_before,
    chairs,
    named,
    on_its_day,
    when,
    where,
    words_of,
)


def notice(session: Session, say: Words) -> Body:
    """Tell everyone that it is held, and how to ask and to come."""
    return Body(
        name="Thông báo",
        about=f"Tổ chức đối thoại với Nhân dân {on_its_day(session)}",
        sections=[
            Section("opening", "", say["opening"]),
            Section("topic", "1. Nội dung, thành phần", _topic(session)),
            Section("place", "2. Thời gian, địa điểm", parts.lines(when(session), where(session))),
            Section("chairs", "3. Chủ trì", chairs(session)),
            Section("asking", "4. Gửi câu hỏi, đăng ký dự", say["asking"]),
            Section("closing", "", say["closing"]),
        ],
    )


def _topic(session: Session) -> str:
    return parts.lines(f"Chủ đề: {session.topic}.", f"Thành phần dự: {session.audience}." if session.audience else "")


def official_letter(session: Session, say: Words) -> Body:
    """Ask those who will have to answer to prepare and to come."""
    asked = asked_before(session)
    rows = [[words_of(question), question.theme.title if question.theme else ""] for question in asked]
    table = parts.table("Câu hỏi đã nhận", ("STT", "Nội dung câu hỏi", "Nhóm vấn đề"), (1, 9, 4), rows)
    return Body(
        name="",
        about=f"chuẩn bị buổi đối thoại với Nhân dân {on_its_day(session)}",
        sections=[
            Section("opening", "", say["opening"]),
            Section("place", "", parts.lines(when(session), where(session), chairs(session))),
            Section("tasks", "", say["tasks"]),
            Section("questions", "", "Những câu hỏi đã nhận trước buổi đối thoại:" if rows else "", table),
            Section("closing", "", say["closing"]),
        ],
    )


def invitation(session: Session, say: Words) -> Body:
    """Ask each guest to come: one page for each."""
    return Body(
        name="Giấy mời",
        about="Dự buổi đối thoại với Nhân dân",
        guests=tuple(named(guest.name, guest.title) for guest in session.invitations) or (parts.TO_WRITE,),
        sections=[
            Section("opening", "", say["opening"]),
            Section("topic", "", say["topic"]),
            Section("place", "", parts.lines(when(session), where(session))),
            Section("chairs", "", chairs(session)),
            Section("closing", "", say["closing"]),
        ],
    )


def programme(session: Session, _: Words) -> Body:
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
    )


def _hour(at: dt.datetime | None, minutes: int) -> str:
    if at is None:
        return f"{minutes} phút"
    begins = at.astimezone(LOCAL)
    return f"{begins:%H:%M} - {begins + dt.timedelta(minutes=minutes):%H:%M}"


def concerns(session: Session, say: Words) -> Body:
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
            Section("proposal", "III. Đề xuất", say["proposal"]),
        ],
    )


def earlier_promises(session: Session, say: Words) -> Body:
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
            Section("closing", "", say["closing"]),
        ],
    )


def _row(promise: earlier.Promise) -> list[str]:
    return [promise.title, promise.unit_name, parts.short_day(promise.due_on) if promise.due_on else ""]
