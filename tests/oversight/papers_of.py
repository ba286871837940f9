"""A body of MTTQ with everybody who has a hand in its papers, and a paper that says one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.accounts.models import User
from app.permissions import Role
from app.units.models import Unit
from dialogues.papers.parts import Section
from oversight import papers as made
from oversight.models import OversightPaper
from oversight.operations import papers
from oversight.rules.papers import PaperType
from tests import factories
from tests.feedback.builders import MONDAY, Province


@dataclass
class Front:
    """MTTQ of the province: who drafts, who signs, who numbers."""

    unit: Unit
    officer: User
    head: User
    records: User


def front_of(province: Province) -> Front:
    """Return the province's MTTQ with its people."""
    user, unit = factories.make_user, province.front
    return Front(
        unit=unit,
        officer=province.front_reader,
        head=user(unit=unit, roles=[(Role.FRONT, None), Role.HEAD], name="Trần Thị Hòa", title="Chủ tịch"),
        records=user(unit=unit, roles=[Role.RECORDS]),
    )


def says(text: str = "Đề nghị sửa đèn đường.") -> Any:
    """Return what makes a paper that says *text*."""
    return lambda _paper: made.Body(name="", about="sửa đèn đường", sections=[Section("request", "", text)], to=("Sở Xây dựng",))


def drafted(front: Front) -> OversightPaper:
    """Return a notice of MTTQ that is being written."""
    return papers.draft(PaperType.SUPERVISION_NOTICE, front.unit, actor=front.officer, now=MONDAY)


def sent(front: Front) -> OversightPaper:
    """Return one that waits for its signature."""
    paper = drafted(front)
    papers.send(paper, actor=front.officer, now=MONDAY)
    return paper


def signed(front: Front) -> OversightPaper:
    """Return one that waits for its number."""
    paper = sent(front)
    papers.sign(paper, actor=front.head, now=MONDAY)
    return paper
