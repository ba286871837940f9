"""Who hears of a letter and its answers: whoever leads the unit that answers, and who wrote and signed the letter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from app.access import Actor
from app.accounts.models import User
from app.accounts.queries import holders
from app.clock import local_date
from app.outbox import notify_users
from app.permissions import Permission
from oversight import letters
from oversight.models import LetterAssignment


def of_unit(duty: LetterAssignment, now: dt.datetime) -> list[User]:
    """Return who leads the unit that answers, or who answers where nobody does; nobody above it, who does not open it."""
    return letters.answerers(duty.unit, local_date(now))


def of_sender(duty: LetterAssignment, now: dt.datetime) -> list[User]:
    """Return who wrote the letter, and who signs for its body."""
    letter = duty.letter
    heads = holders(Permission.OVERSIGHT_SIGN, letter.unit, on=local_date(now))
    return [*([letter.drafted_by] if letter.drafted_by is not None else []), *heads]


def tell(people: Collection[User], duty: LetterAssignment, hand: str, actor: Actor, now: dt.datetime) -> None:
    """Tell *people*, but not who did it, what happened to what a letter asks: *hand* is a word of notices/_letter.txt."""
    letter, others = duty.letter, {user.id: user for user in people if user.id != actor.id}
    notify_users(
        others.values(), "oversight/notices/letter", duty, f"{hand}:{now.isoformat()}", now=now,
        assignment_id=duty.id, kind=letter.kind, hand=hand, number=letter.paper.number, sender=letter.unit.short_name,
        unit=duty.unit.short_name, due_on=duty.due_on,
    )  # fmt: skip
