"""What a device of the desk said, as a sentence: for who accepts what came late, and for the dossier."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app.formats import format_datetime
from dialogues import words
from dialogues.live import Event
from dialogues.models import HandVote, Session
from dialogues.rules import CountedIn, unvoiced
from dialogues.rules import EventKind as E

SHORT = 120  # characters of what it is about


def for_the_dossier(session: Session, events: Sequence[Event]) -> list[str]:
    """Return each of *events* as the dossier keeps it: in Vietnamese, with its hour, without the names of people."""
    with force_locale("vi"):
        about = abouts(session, events)
        return [f"{format_datetime(event.at)}. {in_words(event, about, names=False)}" for event in events]


def abouts(session: Session, events: Iterable[Event] = ()) -> dict[uuid.UUID, str]:
    """Return what the subjects of events are called: items and halls by name, questions by their first words, also by those of *events*."""
    asked = {event.subject: event.facts["text"] for event in events if event.kind == E.ASKED}
    asked |= {question.uid: question.text for question in session.questions}
    named = {item.uid: item.title for item in session.agenda} | {hall.uid: hall.name for hall in session.halls}
    hands = {vote.uid: vote.subject for vote in session.hand_votes}
    return named | hands | {subject: text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…" for subject, text in asked.items()}


def in_words(event: Event, about: Mapping[uuid.UUID, str], *, names: bool) -> str:
    """Return *event* as a sentence; *names* says whether people are named."""
    facts = event.facts
    who = ", ".join(part for part in (facts.get("name") if names else "", facts.get("comes_from")) if part) or _("một người dân")
    return str(_WORDS[event.kind](facts, about.get(event.subject, "…"), who))


def _answer(facts: Any) -> str:
    how = str(words.ANSWER_KINDS[facts["kind"]])
    return ". ".join(part for part in (_("%(kind)s (%(who)s)", kind=how, who=facts["by"]) if facts["by"] else how, facts["text"]) if part)


def _rejected(facts: Any, question: str) -> str:
    if facts["taken_back"]:
        return _("Câu hỏi “%(question)s”: người hỏi đồng ý với câu trả lời", question=question)
    if facts["wants"]:
        return _("Câu hỏi “%(question)s”: người hỏi không đồng ý, đề nghị: %(wants)s", question=question, wants=facts["wants"])
    return _("Câu hỏi “%(question)s”: người hỏi không đồng ý", question=question)


def _hands(facts: Any) -> str:
    counts = _counts(facts["counted_in"], facts["agree"], facts["disagree"], facts["present"])
    return _("Giơ tay về “%(about)s”: %(counts)s", about=facts["about"], counts=counts)


def hands(vote: HandVote) -> str:
    """Return how a show of hands came out."""
    return _counts(vote.counted_in, vote.agree, vote.disagree, vote.present)


def _counts(counted_in: str, agree: int, disagree: int | None, present: int | None) -> str:
    counted = _("hộ") if counted_in == CountedIn.HOUSEHOLDS else _("người")
    parts = [_("%(number)s %(counted)s đồng ý", number=agree, counted=counted)]
    if disagree is not None:
        parts.append(_("%(number)s %(counted)s không đồng ý", number=disagree, counted=counted))
    if present is not None:
        parts.append(_("%(number)s %(counted)s có mặt", number=present, counted=counted))
    if rest := unvoiced(agree, disagree, present):
        parts.append(_("%(number)s %(counted)s không biểu quyết", number=rest, counted=counted))
    return ", ".join(parts)


#: Each kind as its words: of what is said, what it is about and who, in that order.
_WORDS: dict[E, Callable[[Any, str, str], str]] = {
    E.ITEM_BEGUN: lambda _facts, of, _who: _("Bắt đầu: %(item)s", item=of),
    E.ITEM_ENDED: lambda _facts, of, _who: _("Xong: %(item)s", item=of),
    E.QUEUED: lambda _facts, _of, who: _("Xin phát biểu: %(who)s", who=who),
    E.CALLED: lambda _facts, of, _who: _("Mời phát biểu: “%(question)s”", question=of),
    E.ASKED: lambda facts, _of, who: _("Câu hỏi của %(who)s: %(text)s", who=who, text=facts["text"]),
    E.TEXT_CHANGED: lambda facts, of, _who: _("Câu hỏi “%(question)s”: sửa lời thành %(text)s", question=of, text=facts["value"]),
    E.ANSWERED: lambda facts, of, _who: _("Câu hỏi “%(question)s”: %(answer)s", question=of, answer=_answer(facts)),
    E.REJECTED: lambda facts, of, _who: _rejected(facts, of),
    E.CAME: lambda facts, _of, who: _("Đến dự: %(who)s, %(people)s người", who=who, people=facts["people"]),
    E.COUNTED: lambda facts, of, _who: _("%(hall)s: đếm được %(people)s người", hall=of, people=facts["people"]),
    E.HANDS: lambda facts, _of, _who: _hands(facts),
    E.WITHDRAWN: lambda _facts, of, _who: _("Bỏ mục ghi nhầm: “%(what)s”", what=of),
}
