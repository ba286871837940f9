"""The year, the session, what was asked in it, what was promised, and its papers: one module each."""

from __future__ import annotations

from dialogues.models.asking import ConclusionAssignment, Follower, Petition, Question, Support, Theme
from dialogues.models.dossier import (
    Addendum,
    DossierRow,
    MinutesCorrection,
    MinutesSignature,
    MinutesVersion,
    PaperWording,
    SessionFile,
    SessionPaper,
)
from dialogues.models.live import Attendance, DeviceEvent, Evaluation, HandVote, Speaker
from dialogues.models.preparing import AgendaItem, EarlierPromise, Invitation, Override, PreparationTask, Registration
from dialogues.models.session import Chair, Hall, Session, SessionStaff
from dialogues.models.year import MeetingDuty, PlanLine, ReceptionDay, ReceptionVisit, YearPlan

__all__ = [
    "Addendum",
    "AgendaItem",
    "Attendance",
    "Chair",
    "ConclusionAssignment",
    "DeviceEvent",
    "DossierRow",
    "EarlierPromise",
    "Evaluation",
    "Follower",
    "Hall",
    "HandVote",
    "Invitation",
    "MeetingDuty",
    "MinutesCorrection",
    "MinutesSignature",
    "MinutesVersion",
    "Override",
    "PaperWording",
    "Petition",
    "PlanLine",
    "PreparationTask",
    "Question",
    "ReceptionDay",
    "ReceptionVisit",
    "Registration",
    "Session",
    "SessionFile",
    "SessionPaper",
    "SessionStaff",
    "Speaker",
    "Support",
    "Theme",
    "YearPlan",
]
