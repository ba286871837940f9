"""How a dialogue session goes from the yearly plan to the archived dossier, and what each step needs. Pure: no database, no web.

The order of a session and the papers of its dossier are those of Hướng dẫn 04-HD/BDVTU (Kon Tum, 20/9/2019), II.2. Late is derived
from dates; whether the head meets the people often enough is a duty of the unit, not a state of a session.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.assignments.rules import IllegalTransition
from app.permissions import Permission, Reach


class Status(StrEnum):
    """Where a session stands."""

    DRAFT = "draft"
    PLANNED = "planned"
    ANNOUNCED = "announced"
    READY = "ready"
    IN_SESSION = "in_session"
    HELD = "held"
    CONCLUDED = "concluded"
    PUBLISHED = "published"
    ARCHIVED = "archived"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


S = Status
TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.DRAFT: frozenset({S.PLANNED, S.CANCELLED}),
    S.PLANNED: frozenset({S.ANNOUNCED, S.POSTPONED, S.CANCELLED}),
    S.ANNOUNCED: frozenset({S.READY, S.POSTPONED, S.CANCELLED}),
    S.READY: frozenset({S.IN_SESSION, S.POSTPONED, S.CANCELLED}),
    # Once begun it can be broken off, and then it was held; what was said is not unsaid.
    S.IN_SESSION: frozenset({S.HELD}),
    S.HELD: frozenset({S.CONCLUDED}),
    S.CONCLUDED: frozenset({S.PUBLISHED}),
    S.PUBLISHED: frozenset({S.ARCHIVED}),
    S.ARCHIVED: frozenset(),  # what comes later is an addendum
    # A new day is a new announcement: those who were told the old one are told the new one.
    S.POSTPONED: frozenset({S.PLANNED, S.CANCELLED}),
    S.CANCELLED: frozenset(),
}

#: While what is prepared for a session may still be changed.
EDITABLE = frozenset({S.DRAFT, S.PLANNED, S.ANNOUNCED, S.READY, S.POSTPONED})


#: While it is written down what was said and given out; the minutes may be corrected until the dossier is closed.
RECORDED_IN = frozenset({S.IN_SESSION, S.HELD})
MINUTES_IN = frozenset({S.HELD, S.CONCLUDED, S.PUBLISHED})
#: What was published may be masked better afterwards.
REVIEWED_IN = frozenset({S.CONCLUDED, S.PUBLISHED})
#: Once its day is over the public is owed the result, whether or not anybody wrote down that it was held.
RESULT_OWED = frozenset({S.ANNOUNCED, S.READY, S.IN_SESSION, S.HELD, S.CONCLUDED})


class Trigger(StrEnum):
    """Why a session is held that no plan names. Luật Tổ chức chính quyền địa phương 72/2025/QH15 Điều 43."""

    VOTERS = "voters"  # at least 10 % of the commune's voters ask for it
    HOT_TOPIC = "hot_topic"  # "khi cần thiết"
    SUPERIOR = "superior"


class Part(StrEnum):
    """The order of a session (Hướng dẫn 04-HD/BDVTU II.2.2)."""

    INTRODUCTION = "introduction"  # giới thiệu đại biểu, chương trình, nội quy, chủ trì
    REPORT = "report"  # vấn đề dư luận quan tâm; kết quả giải quyết kiến nghị kỳ trước
    FLOOR = "floor"  # Nhân dân phát biểu
    ANSWERS = "answers"  # chủ trì trả lời hoặc phân công trả lời
    FLOOR_AGAIN = "floor_again"  # tiếp tục trao đổi, nếu có
    CONCLUSION = "conclusion"


class AnswerKind(StrEnum):
    """What a question on the floor got: from the chair, from a delegate, in writing later, or from a higher authority."""

    BY_CHAIR = "by_chair"
    BY_DELEGATE = "by_delegate"
    IN_WRITING = "in_writing"
    FORWARDED = "forwarded"


#: What stays to be answered after the session, and so needs a unit, a day and a form of public answer.
DEFERRED = frozenset({AnswerKind.IN_WRITING, AnswerKind.FORWARDED})


class Form(StrEnum):
    """How people meet: "trực tiếp, trực tuyến" or both."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    MIXED = "mixed"  # a main hall and satellite halls (điểm cầu)


class PlanState(StrEnum):
    """A yearly plan. Once approved it is followed by a new version, never edited."""

    DRAFT = "draft"
    APPROVED = "approved"
    REPLACED = "replaced"


class ReceptionState(StrEnum):
    """A day on which the head receives citizens."""

    PLANNED = "planned"
    HELD = "held"
    MOVED = "moved"
    CANCELLED = "cancelled"


class VisitState(StrEnum):
    """A citizen's booking for such a day."""

    BOOKED = "booked"
    CAME = "came"
    STAYED_AWAY = "stayed_away"
    CANCELLED = "cancelled"


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


#: While people may ask beforehand, while others may support what was asked, and while it is sorted.
ASKED_IN = frozenset({Status.ANNOUNCED, Status.READY})
SUPPORTED_IN = ASKED_IN | {Status.IN_SESSION}
SCREENED_IN = SUPPORTED_IN | {Status.POSTPONED, Status.PLANNED}

#: What the public may read of, once it was masked.
SHOWN = frozenset({QuestionState.ACCEPTED, QuestionState.LIKE_ANOTHER})

#: Who asks there asks before everybody; whoever wrote beforehand is read by everybody only with their consent.
IN_THE_HALL = frozenset({Origin.FLOOR, Origin.SEAT})

#: Nothing of a conclusion is public before the result is.
OUT = frozenset({Status.PUBLISHED, Status.ARCHIVED})

#: What must have been answered before the session counts as held.
RAISED = frozenset({QuestionState.ACCEPTED})


class PublicForm(StrEnum):
    """How the public gets the answer that was promised: "thời hạn trả lời công khai với nhân dân"."""

    SITE = "site"
    POSTED = "posted"  # niêm yết tại trụ sở
    BROADCAST = "broadcast"  # truyền thanh
    LETTER = "letter"  # to the asker, its number on the site
    NEXT_SESSION = "next_session"


class EventKind(StrEnum):
    """What a device of the secretary's desk may say."""

    ITEM_BEGUN = "item_begun"
    ITEM_ENDED = "item_ended"
    QUEUED = "queued"  # somebody asks for the floor
    CALLED = "called"  # the chair gives the floor
    ASKED = "asked"
    ANSWERED = "answered"
    TEXT_CHANGED = "text_changed"
    REJECTED = "rejected"  # the asker does not accept the answer
    CAME = "came"
    COUNTED = "counted"  # people in a satellite hall
    HANDS = "hands"
    WITHDRAWN = "withdrawn"  # recorded by mistake


class EventState(StrEnum):
    """What the server made of it."""

    APPLIED = "applied"
    LATE = "late"  # came after the session was held: waits to be accepted
    REFUSED = "refused"
    CONFLICT = "conflict"  # another device said otherwise: shown side by side
    ADDENDUM = "addendum"  # came after archiving


#: While somebody may be looking at its live pages.
LIVE = frozenset({S.READY, S.IN_SESSION, S.HELD, S.CONCLUDED, S.PUBLISHED})

#: While the secretary's desk is at work.
AT_DESK = frozenset({S.READY, S.IN_SESSION})

#: What becomes of an event that is received at each status; at any other there is nothing to record yet, or nothing more.
RECEIVED: dict[Status, EventState] = {
    **dict.fromkeys(AT_DESK, EventState.APPLIED),
    S.HELD: EventState.LATE,
    S.CONCLUDED: EventState.LATE,
    S.PUBLISHED: EventState.LATE,
    S.ARCHIVED: EventState.ADDENDUM,
}


class CountedIn(StrEnum):
    """What a show of hands counts."""

    PEOPLE = "people"
    HOUSEHOLDS = "households"


class PaperType(StrEnum):
    """The papers the system writes (Hướng dẫn 04-HD/BDVTU II.2.3, and those that its work needs)."""

    YEAR_PLAN = "year_plan"
    NOTICE = "notice"
    OFFICIAL_LETTER = "official_letter"
    INVITATION = "invitation"
    PROGRAMME = "programme"  # nội quy, chương trình
    CONCERNS = "concerns"
    EARLIER_PROMISES = "earlier_promises"
    CONCLUSION = "conclusion"
    MINUTES = "minutes"
    REPLY = "reply"
    YEAR_REPORT = "year_report"


#: Tên loại văn bản, viết tắt (NĐ 30/2020/NĐ-CP, Phụ lục III): numbers run in each series of a unit's year.
SERIES: dict[PaperType, str] = {
    PaperType.YEAR_PLAN: "KH",
    PaperType.NOTICE: "TB",
    PaperType.OFFICIAL_LETTER: "CV",
    PaperType.INVITATION: "GM",
    PaperType.PROGRAMME: "CTr",
    PaperType.CONCERNS: "BC",
    PaperType.EARLIER_PROMISES: "BC",
    PaperType.CONCLUSION: "TB",
    PaperType.MINUTES: "BB",
    PaperType.REPLY: "CV",
    PaperType.YEAR_REPORT: "BC",
}

#: Reports of public opinion start as nội bộ, and so does the letter that repeats what was asked; so does every paper of the Party.
STARTS_INTERNAL = frozenset({PaperType.CONCERNS, PaperType.YEAR_REPORT, PaperType.OFFICIAL_LETTER})
#: They name citizens: on no public page, whatever somebody ticks.
ALWAYS_INTERNAL = frozenset({PaperType.INVITATION, PaperType.MINUTES})
#: Papers and dossier stand as they are.
CLOSED = frozenset({Status.ARCHIVED, Status.CANCELLED})
#: Papers of a unit's year; all others are of one session.
OF_YEAR = frozenset({PaperType.YEAR_PLAN, PaperType.YEAR_REPORT})


class PaperState(StrEnum):
    """A paper of a session."""

    DRAFT = "draft"
    SENT = "sent"  # to be signed: its facts stand
    NUMBERED = "numbered"


PAPER_TRANSITIONS: dict[PaperState, frozenset[PaperState]] = {
    PaperState.DRAFT: frozenset({PaperState.SENT}),
    PaperState.SENT: frozenset({PaperState.DRAFT, PaperState.NUMBERED}),  # back to be changed; signed and numbered
    PaperState.NUMBERED: frozenset(),
}


class FilePurpose(StrEnum):
    """What an uploaded file is to the session."""

    OPENING_SPEECH = "opening_speech"
    CLOSING_SPEECH = "closing_speech"
    AGENDA = "agenda"
    PHOTO = "photo"
    PROOF = "proof"
    OTHER = "other"


class Signer(StrEnum):
    """Who signs the minutes."""

    CHAIR = "chair"
    SECRETARY = "secretary"


class CorrectionState(StrEnum):
    """What became of a correction that somebody present proposed."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True)
class DossierEntry:
    """A row of the dossier: what fills it, a paper of that type or files of that purpose."""

    code: str
    stage: str  # before, during, after
    paper: PaperType | None = None
    purpose: FilePurpose | None = None


#: Hướng dẫn 04-HD/BDVTU II.2.3: the papers of the dossier in their order.
DOSSIER = (
    DossierEntry("year_plan", "before", PaperType.YEAR_PLAN),
    DossierEntry("notice", "before", PaperType.NOTICE),
    DossierEntry("official_letter", "before", PaperType.OFFICIAL_LETTER),
    DossierEntry("invitation", "before", PaperType.INVITATION),
    DossierEntry("programme", "before", PaperType.PROGRAMME),
    DossierEntry("opening_speech", "during", purpose=FilePurpose.OPENING_SPEECH),
    DossierEntry("concerns", "during", PaperType.CONCERNS),
    DossierEntry("earlier_promises", "during", PaperType.EARLIER_PROMISES),
    DossierEntry("closing_speech", "during", purpose=FilePurpose.CLOSING_SPEECH),
    DossierEntry("minutes", "during", PaperType.MINUTES),
    DossierEntry("conclusion", "after", PaperType.CONCLUSION),
    DossierEntry("other", "after", purpose=FilePurpose.OTHER),
)


@dataclass(frozen=True)
class Facts:
    """What the guards look at, counted by queries.py."""

    today: dt.date
    day: dt.date | None = None
    in_approved_plan: bool = False
    trigger: Trigger | None = None
    described: bool = False  # head, audience, area and form are set
    programme_issued: bool = False
    house_rules_issued: bool = False
    invitation_issued: bool = False
    staff_assigned: bool = False
    announce_by: dt.date | None = None  # rule DT_ANNOUNCE, counted back from the day
    concerns_reported: bool = False
    promises_without_word: int = 0  # of earlier sessions: neither done nor a reason why not
    chair_present: bool = False
    secretary_present: bool = False
    questions_without_answer: int = 0
    deferred_without_promise: int = 0  # lacks unit, day or form of public answer
    minutes_signed: bool = False
    conclusion_numbered: bool = False
    personal_data_reviewed: bool = False
    dossier_rows_empty: int = 0  # neither a paper nor "không có" with a reason


@dataclass(frozen=True)
class Guard:
    """One thing a step needs; with *may_override* the head may go on without it, for a reason that is kept."""

    name: str
    holds: Callable[[Facts], bool]
    may_override: bool = False


GUARDS: dict[Status, tuple[Guard, ...]] = {
    S.PLANNED: (
        Guard("no_plan_no_trigger", lambda facts: facts.in_approved_plan or facts.trigger is not None),
        Guard("not_described", lambda facts: facts.described),
    ),
    S.ANNOUNCED: (
        Guard("no_day", lambda facts: facts.day is not None),
        Guard("no_programme", lambda facts: facts.programme_issued),
        Guard("no_house_rules", lambda facts: facts.house_rules_issued),
        Guard("no_invitation", lambda facts: facts.invitation_issued),
        Guard("no_staff", lambda facts: facts.staff_assigned),
        # Luật 72/2025/QH15 Điều 43: "chậm nhất 07 ngày" before the day. What cannot wait is held all the same, and shown as announced late.
        Guard("announced_late", lambda facts: facts.announce_by is not None and facts.today <= facts.announce_by, may_override=True),
    ),
    S.READY: (
        Guard("no_report_of_concerns", lambda facts: facts.concerns_reported),
        # "nêu rõ những nội dung công việc đã thực hiện hoặc chưa (không) thực hiện (nêu rõ lý do)": nobody may leave that out.
        Guard("promises_without_word", lambda facts: facts.promises_without_word == 0),
    ),
    S.IN_SESSION: (
        Guard("not_the_day", lambda facts: facts.day == facts.today, may_override=True),
        Guard("no_chair", lambda facts: facts.chair_present),
        Guard("no_secretary", lambda facts: facts.secretary_present),
    ),
    S.HELD: (Guard("questions_without_answer", lambda facts: facts.questions_without_answer == 0),),
    S.CONCLUDED: (
        Guard("questions_without_answer", lambda facts: facts.questions_without_answer == 0),  # one may be added after the session
        # "chỉ đạo các cơ quan liên quan có trách nhiệm trả lời, thời hạn trả lời công khai với nhân dân"
        Guard("deferred_without_promise", lambda facts: facts.deferred_without_promise == 0),
        Guard("minutes_not_signed", lambda facts: facts.minutes_signed),
        Guard("conclusion_without_number", lambda facts: facts.conclusion_numbered),
    ),
    S.PUBLISHED: (Guard("names_not_reviewed", lambda facts: facts.personal_data_reviewed),),
    S.ARCHIVED: (
        Guard("minutes_not_signed", lambda facts: facts.minutes_signed),  # corrected after the conclusion, they are signed anew
        Guard("dossier_rows_empty", lambda facts: facts.dossier_rows_empty == 0),
    ),
}


class StepRefused(Exception):
    """Something is missing for the step; `lacks` names what."""

    def __init__(self, lacks: tuple[str, ...]) -> None:
        super().__init__(", ".join(lacks))
        self.lacks = lacks


def lacks(to: Status, facts: Facts) -> list[Guard]:
    """Return the guards of the step to *to* that do not hold."""
    return [guard for guard in GUARDS.get(to, ()) if not guard.holds(facts)]


def check(old: Status, new: Status, facts: Facts, *, overridden: frozenset[str] = frozenset()) -> None:
    """:raise IllegalTransition: no such step; :raise StepRefused: a guard does not hold and is not *overridden*, or may not be."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)
    missing = tuple(guard.name for guard in lacks(new, facts) if not (guard.may_override and guard.name in overridden))
    if missing:
        raise StepRefused(missing)


# --- who may do what to a session ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Where a session belongs: the unit that holds it, those that chair or organise it along, and its area."""

    unit_path: str
    other_paths: tuple[str, ...] = ()
    place_id: int | None = None


def may_read(reach: Reach, standing: Standing) -> bool:
    """Say whether a session, before it is public, may be read: by its unit and those above, its co-chairs, MTTQ."""
    paths = (standing.unit_path, *standing.other_paths)
    return any(reach.may(Permission.DIALOGUE_READ, unit_path=path, place_id=standing.place_id) for path in paths)


def may_prepare(reach: Reach, standing: Standing) -> bool:
    """Say whether a session may be planned, prepared, recorded and written up: by the unit that holds it."""
    return reach.may(Permission.DIALOGUE_PREPARE, unit_path=standing.unit_path, place_id=standing.place_id)


def may_lead(reach: Reach, standing: Standing) -> bool:
    """Say whether a step may be taken although something is missing, and the plan approved: by the head of the unit."""
    return reach.may(Permission.DIALOGUE_LEAD, unit_path=standing.unit_path, place_id=standing.place_id)


def may_publish(reach: Reach, standing: Standing) -> bool:
    """Say whether a masked copy of a question may be put before everyone: by who publishes for the unit."""
    return reach.may(Permission.FEEDBACK_PUBLISH, unit_path=standing.unit_path, place_id=standing.place_id)


def may_number(reach: Reach, standing: Standing) -> bool:
    """Say whether numbers and dates of papers may be entered: by the unit's văn thư."""
    return reach.may(Permission.FEEDBACK_NUMBER, unit_path=standing.unit_path, place_id=standing.place_id)


def may_keep_door(reach: Reach, standing: Standing, *, assigned: bool) -> bool:
    """Say whether somebody may mark who came: who prepares the session, and whoever is *assigned* to it."""
    return may_prepare(reach, standing) or (assigned and may_read(reach, standing))


def may_record(reach: Reach, standing: Standing, *, assigned: bool) -> bool:
    """Say whether somebody may record at the desk: who prepares the session, and whoever is *assigned* to it as secretary."""
    return may_prepare(reach, standing) or (assigned and may_read(reach, standing))
