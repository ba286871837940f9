"""The words that papers put around their data: an administrator changes them from a day on; what was begun keeps its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from app.access import require
from app.accounts.models import User
from app.audit import record
from app.calendar.operations import RuleDateInPast
from app.clock import local_date
from app.database import db
from app.permissions import Permission
from dialogues.models import PaperWording
from dialogues.papers import wording
from dialogues.rules import PaperFormat, PaperType


class NotFilled(Exception):
    """What stands in braces is no name that the data fill; *part* says where, *names* what."""

    def __init__(self, part: str, names: list[str]) -> None:
        super().__init__(part, names)
        self.part, self.names = part, names


def change(
    type_: PaperType,
    format_: PaperFormat,
    parts: Mapping[str, str],
    *,
    source: str,
    effective_from: dt.date,
    actor: User,
    now: dt.datetime,
) -> PaperWording:
    """Let papers of a type and format that are begun from a day on say *parts*; what was to hold from that day is written over.

    :raise NotAllowed: :raise RuleDateInPast: :raise NotFilled:
    """
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    if effective_from < local_date(now):
        raise RuleDateInPast
    kept = {name: parts.get(name, text) for name, text in wording.shipped(type_).items()}
    for name, text in kept.items():
        if names := wording.unknown(type_, text):
            raise NotFilled(name, names)
    row = db.session.scalar(
        db.select(PaperWording).where(
            PaperWording.type == type_, PaperWording.format == format_, PaperWording.effective_from == effective_from
        )
    )
    if row is None:
        row = PaperWording(type=type_, format=format_, effective_from=effective_from)
        db.session.add(row)
    row.parts, row.source = kept, source
    db.session.flush()
    record(actor, "wording.changed", row, at=now, type=type_, format=format_, effective_from=effective_from.isoformat())
    return row
