"""The papers the system writes, and the rows of the dossier (Hướng dẫn 04-HD/BDVTU II.2.3)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


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

#: They say what came of a session: out with its result, once somebody read them for names.
RESULTS = frozenset({PaperType.CONCLUSION, PaperType.REPLY})

#: Reports of public opinion start as nội bộ, and so does what repeats what was asked or promised, until somebody has read the print
#: for names; so does every paper of the Party.
STARTS_INTERNAL = frozenset({PaperType.CONCERNS, PaperType.EARLIER_PROMISES, PaperType.YEAR_REPORT, PaperType.OFFICIAL_LETTER}) | RESULTS

#: They name citizens: on no public page, whatever somebody ticks.
ALWAYS_INTERNAL = frozenset({PaperType.INVITATION, PaperType.MINUTES})

#: What came of a session: nothing to be signed before it was held.
AFTERWARDS = frozenset({PaperType.MINUTES, PaperType.CONCLUSION, PaperType.REPLY})

#: Papers of a unit's year; all others are of one session.
OF_YEAR = frozenset({PaperType.YEAR_PLAN, PaperType.YEAR_REPORT})


#: Before the day on which a paper was begun here: what is dated further back is a slip of the finger.
LONG_AGO = dt.timedelta(days=366)


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
