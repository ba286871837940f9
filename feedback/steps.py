"""What holds an item back from a step, whoever may take it: the one table that both the pages and the operations read.

Who may take a step at all, feedback.rules says of a person and a unit; this says it of an item as it stands now.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.assignments.rules import Duty, State
from feedback.rules import Kind, PaperState, PaperType

if TYPE_CHECKING:
    from feedback.models import Feedback


class Refused(Exception):
    """What holds an item back from a step, each by its own name."""


class PaperSigned(Refused):
    """A paper is signed and waits for its number: until văn thư sends it back, nothing else decides on the item."""


class GivenToAnother(Refused):
    """It was given to a colleague, who takes it; whoever leads the unit may give it to somebody else."""


class TakenUp(Refused):
    """The unit took it: from then on the unit gives it back, and the desk does not fetch it."""


class AnsweredBefore(Refused):
    """They gave or signed the answer that the sender opened again: another one looks at it now."""


class AccusedNotPlaced(Refused):
    """It names people, and nobody has said yet of which unit they are: that unit would be given it, or read it."""


class NotTakenAnew(Refused):
    """The sender opened it again and has no other way left: it ends without an answer only by who took it up anew."""


def settled_by_accused(item: Feedback) -> bool:
    """Say whether the unit that *item* complains of is the one to settle it.

    Luật Khiếu nại 2011 Điều 7 (wording from memory): người khiếu nại khiếu nại lần đầu đến người đã ra quyết định hành chính hoặc cơ
    quan có người có hành vi hành chính; lần hai đến Thủ trưởng cấp trên trực tiếp. Điều 17-21: who that is, from the commune's
    chairman up. Whoever writes about their own agency keeps the protection that the form promised.
    """
    return item.kind == Kind.COMPLAINT and not item.is_insider and item.round == 1 and item.repeat_of_id is None


def nobody_placed(item: Feedback) -> bool:
    """Say whether *item* names people whom nobody has placed."""
    return is_unplaced(item.accused_names, item.accused_unit_id, outside=item.accused_outside)


def is_unplaced(names: str | None, unit_id: int | None, *, outside: bool) -> bool:
    """Say whether people are named and nobody has said of which unit they are, nor that they are of none, or not known (*outside*).

    A name keeps nobody out by itself: two people share one, and an item that nobody could read would be lost.
    """
    return bool(names) and unit_id is None and not outside


def answered_before(item: Feedback) -> set[int]:
    """Return the ids of those who handled or drafted the answers of earlier rounds."""
    if item.round == 1:
        return set()
    handled = {each.officer_id for each in item.assignments if each.duty == Duty.ANSWER and each.round < item.round}
    drafted = {
        each.drafted_by_id
        for each in item.papers
        if each.type == PaperType.REPLY and each.state == PaperState.PUBLISHED and each.round < item.round
    }
    return {id_ for id_ in handled | drafted if id_ is not None}


def signed_before(item: Feedback) -> set[int]:
    """Return the ids of those who signed the answers of earlier rounds."""
    replies = [each for each in item.papers if each.type == PaperType.REPLY and each.round < item.round]
    return {each.signed_by_id for each in replies if each.signed_by_id is not None}


def looked_before(item: Feedback) -> set[int]:
    """Return the ids of those who had a part in the answer that the sender opened again."""
    return answered_before(item) | signed_before(item)


def given_to(item: Feedback) -> int | None:
    """Return the id of the officer who was given the duty to answer and is still in service."""
    duty = item.open_answer
    return duty.officer_id if duty is not None and duty.officer is not None and duty.officer.active else None


def _is(item: Feedback, state: State) -> bool:
    return item.open_answer is not None and item.open_answer.state == state


#: Whether a refusal holds for an item and the id of a person.
HOLDS: dict[type[Refused], Callable[[Feedback, int], bool]] = {
    PaperSigned: lambda item, _user_id: any(paper.state == PaperState.APPROVED for paper in item.papers),
    GivenToAnother: lambda item, user_id: _is(item, State.OFFERED) and given_to(item) not in {None, user_id},
    # Whoever leads the unit gave it to them all the same, with a reason, since the unit has nobody else.
    AnsweredBefore: lambda item, user_id: user_id in looked_before(item) and given_to(item) != user_id,
    TakenUp: lambda item, _user_id: not _is(item, State.OFFERED),
    AccusedNotPlaced: lambda item, _user_id: nobody_placed(item),
    NotTakenAnew: lambda item, user_id: item.round > 1 and not (_is(item, State.TAKEN) and given_to(item) == user_id),
}

#: Step → what refuses it, in the order in which it is said.
REFUSED: dict[str, tuple[type[Refused], ...]] = {
    "take": (GivenToAnother, AnsweredBefore),
    "take_back": (TakenUp, PaperSigned),
    **dict.fromkeys((f"draft_{type_}" for type_ in PaperType), (AnsweredBefore,)),
    **dict.fromkeys((f"draft_{type_}" for type_ in (PaperType.REFUSE, PaperType.FILE)), (AnsweredBefore, NotTakenAnew)),
    **dict.fromkeys(("return", "ask", "ask_extension"), (AnsweredBefore, PaperSigned)),
    "transfer": (PaperSigned,),
    **dict.fromkeys(("route", "split", "propose_merge", "merge"), (PaperSigned, AccusedNotPlaced)),
}


def refusal(step: str, item: Feedback, user_id: int) -> type[Refused] | None:
    """Return what refuses that step of *item* to that person now, by the name that has its sentence."""
    return next((each for each in REFUSED.get(step, ()) if HOLDS[each](item, user_id)), None)


def check(step: str, item: Feedback, user_id: int) -> None:
    """:raise PaperSigned: :raise GivenToAnother: :raise AnsweredBefore: :raise NotTakenAnew: :raise AccusedNotPlaced: when it is now."""
    refused = refusal(step, item, user_id)
    if refused is not None:
        raise refused
