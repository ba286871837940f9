"""A paper of a made-up session, to see how words look on it. Nothing of it is stored."""

from __future__ import annotations

import datetime as dt

from app.clock import LOCAL
from app.units.models import Unit, UnitKind
from dialogues.models import AgendaItem, Chair, Hall, Invitation, PlanLine, Session, SessionPaper, YearPlan
from dialogues.papers.parts import TO_WRITE
from dialogues.rules import OF_YEAR, ChairPart, Form, GuestKind, PaperFormat, PaperState, PaperType, PlanState


def paper(type_: PaperType, format_: PaperFormat, *, now: dt.datetime, province: str) -> SessionPaper:
    """Return a draft of that type and format, begun *now*, whose names stand for whatever the data will say."""
    party = format_ == PaperFormat.PARTY
    name, title = (
        ("Đảng ủy phường A", "Bí thư Đảng ủy phường A") if party else ("Ủy ban nhân dân phường A", "Chủ tịch Ủy ban nhân dân phường A")
    )
    above = Unit(name=f"Đảng bộ {province}" if party else province, kind=UnitKind.PARTY if party else UnitKind.GOVERNMENT, level="province")
    unit = Unit(name=name, kind=above.kind, level="commune", parent=above)
    front = Unit(name="Ủy ban Mặt trận Tổ quốc Việt Nam phường A", kind=UnitKind.FRONT, level="commune")
    plan = YearPlan(unit=unit, year=now.year, version=1, state=PlanState.APPROVED, number="01/KH", created_at=now)
    line = PlanLine(
        position=1, quarter=1, topic="Giải phóng mặt bằng đường B", audience="Các hộ dân tổ dân phố 4", form=Form.IN_PERSON, head=title
    )
    plan.lines.append(line)
    begins = dt.datetime.combine(now.astimezone(LOCAL).date() + dt.timedelta(days=30), dt.time(8), LOCAL)
    session = Session(
        code="MẪU", unit=unit, plan_line=line, topic=line.topic, audience=line.audience, form=line.form, paper_format=format_,
        starts_at=begins, ends_at=begins + dt.timedelta(hours=3), questions_until=begins - dt.timedelta(days=3),
        held_at=begins + dt.timedelta(hours=3),
        house_rules=TO_WRITE, concerns=TO_WRITE, conclusion=TO_WRITE, created_at=now,
    )  # fmt: skip
    session.chairs += [
        Chair(position=1, part=ChairPart.CHAIR, unit=unit, name="Nguyễn Văn A", title=title),
        Chair(position=2, part=ChairPart.CO_ORGANISER, unit=front, name="Trần Thị B", title="Chủ tịch Ủy ban MTTQ Việt Nam phường A"),
    ]
    session.halls.append(Hall(position=1, name="Hội trường phường A", address=""))
    session.invitations.append(Invitation(position=1, kind=GuestKind.UNIT, name="Sở Xây dựng", title=""))
    session.agenda.append(AgendaItem(position=1, title="Giới thiệu đại biểu", minutes=10, presenter="Thư ký"))
    return SessionPaper(
        session=None if type_ in OF_YEAR else session, plan=plan if type_ in OF_YEAR else None, unit=unit, type=type_, format=format_,
        state=PaperState.DRAFT, words={}, signer="Nguyễn Văn A", signer_title=title, signed_for="", giver_title="", created_at=now,
    )  # fmt: skip
