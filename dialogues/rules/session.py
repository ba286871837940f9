"""Of a session: its parts in the order of the guidance, who chairs and helps, who is asked to come and who registers."""

from __future__ import annotations

from enum import StrEnum

from dialogues.rules.states import S


class Part(StrEnum):
    """The order of a session (Hướng dẫn 04-HD/BDVTU II.2.2)."""

    INTRODUCTION = "introduction"  # giới thiệu đại biểu, chương trình, nội quy, chủ trì
    REPORT = "report"  # vấn đề dư luận quan tâm; kết quả giải quyết kiến nghị kỳ trước
    FLOOR = "floor"  # Nhân dân phát biểu
    ANSWERS = "answers"  # chủ trì trả lời hoặc phân công trả lời
    FLOOR_AGAIN = "floor_again"  # tiếp tục trao đổi, nếu có
    CONCLUSION = "conclusion"


class Form(StrEnum):
    """How people meet: "trực tiếp, trực tuyến" or both."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    MIXED = "mixed"  # a main hall and satellite halls (điểm cầu)


class PaperFormat(StrEnum):
    """Whose rules a paper's look follows; the issuing body decides."""

    STATE = "state"  # NĐ 30/2020/NĐ-CP
    PARTY = "party"  # Hướng dẫn 36-HD/VPTW


class ChairPart(StrEnum):
    """What a body is to the session."""

    CHAIR = "chair"
    CO_ORGANISER = "co_organiser"  # MTTQ, as a rule


class StaffDuty(StrEnum):
    """What somebody of the organising unit does for it."""

    SECRETARY = "secretary"
    DOOR = "door"
    TECHNICIAN = "technician"


class GuestKind(StrEnum):
    """Who is asked to come."""

    PERSON = "person"
    UNIT = "unit"
    GROUP = "group"  # the households of a street


class GuestAnswer(StrEnum):
    """What a guest answers."""

    COMING = "coming"
    DEPUTY = "deputy"  # somebody else comes for them
    NOT_COMING = "not_coming"


class RegistrationState(StrEnum):
    """A citizen's seat."""

    SEATED = "seated"
    WAITING = "waiting"  # moves up when somebody cancels
    CANCELLED = "cancelled"


class Need(StrEnum):
    """What somebody who comes must find there."""

    WHEELCHAIR = "wheelchair"
    SIGN_LANGUAGE = "sign_language"
    INTERPRETER = "interpreter"


#: One registration brings so many people, whoever registers among them.
MOST_PEOPLE = 5

#: As long as the session stands there, people are asked to come; citizens register once it is announced.
INVITING = frozenset({S.DRAFT, S.PLANNED, S.ANNOUNCED, S.READY, S.POSTPONED})

REGISTERING = frozenset({S.ANNOUNCED, S.READY})

#: The door is open before the session begins, and what a door without network wrote down may come when it is over.
DOOR_OPEN = frozenset({S.READY, S.IN_SESSION, S.HELD})
