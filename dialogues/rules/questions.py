"""A question: where it came from, what became of it before it was put, what it got for an answer."""

from __future__ import annotations

from enum import StrEnum

from dialogues.rules.states import Status


class AnswerKind(StrEnum):
    """What a question on the floor got: from the chair, from a delegate, in writing later, or from a higher authority."""

    BY_CHAIR = "by_chair"
    BY_DELEGATE = "by_delegate"
    IN_WRITING = "in_writing"
    FORWARDED = "forwarded"


#: What stays to be answered after the session, and so needs a unit, a day and a form of public answer.
DEFERRED = frozenset({AnswerKind.IN_WRITING, AnswerKind.FORWARDED})


class Origin(StrEnum):
    """Where a question came from."""

    WEB = "web"
    CLERK = "clerk"  # written down from paper or the telephone
    PROXY = "proxy"  # for somebody who cannot
    FEEDBACK = "feedback"  # an item sent earlier
    FLOOR = "floor"
    SEAT = "seat"  # by phone from the hall


class QuestionState(StrEnum):
    """What became of a question before it was put."""

    WAITING = "waiting"  # to be screened
    ACCEPTED = "accepted"
    LIKE_ANOTHER = "like_another"  # answered together with another of the same content
    TURNED = "turned"  # a complaint or a denunciation: it goes that way
    REFUSED = "refused"  # with a reason that the asker reads
    WITHDRAWN = "withdrawn"  # by whoever asked, before it was put


#: While people may ask beforehand, while others may support what was asked, and while it is sorted.
ASKED_IN = frozenset({Status.ANNOUNCED, Status.READY})

SUPPORTED_IN = ASKED_IN | {Status.IN_SESSION}

SCREENED_IN = SUPPORTED_IN | {Status.POSTPONED, Status.PLANNED}

#: What the public may read of, once it was masked.
SHOWN = frozenset({QuestionState.ACCEPTED, QuestionState.LIKE_ANOTHER})

#: They have left the session: nobody takes them up there again.
GONE = frozenset({QuestionState.TURNED, QuestionState.WITHDRAWN})

#: Who asks there asks before everybody; whoever wrote beforehand is read by everybody only with their consent.
IN_THE_HALL = frozenset({Origin.FLOOR, Origin.SEAT})

#: What must have been answered before the session counts as held.
RAISED = frozenset({QuestionState.ACCEPTED})


class PublicForm(StrEnum):
    """How the public gets the answer that was promised: "thời hạn trả lời công khai với nhân dân"."""

    SITE = "site"
    POSTED = "posted"  # niêm yết tại trụ sở
    BROADCAST = "broadcast"  # truyền thanh
    LETTER = "letter"  # to the asker, its number on the site
    NEXT_SESSION = "next_session"
