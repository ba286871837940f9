"""How a dialogue session goes from the yearly plan to the archived dossier, and what each step needs. Pure: no database, no web.

The order of a session and the papers of its dossier are those of Hướng dẫn 04-HD/BDVTU (Kon Tum, 20/9/2019), II.2. Late is derived
from dates; whether the head meets the people often enough is a duty of the unit, not a state of a session.
"""

from __future__ import annotations

from dialogues.rules.desk import AT_DESK as AT_DESK
from dialogues.rules.desk import LIVE as LIVE
from dialogues.rules.desk import RECEIVED as RECEIVED
from dialogues.rules.desk import CountedIn as CountedIn
from dialogues.rules.desk import EventKind as EventKind
from dialogues.rules.desk import EventState as EventState
from dialogues.rules.desk import unvoiced as unvoiced
from dialogues.rules.guards import GUARDS as GUARDS
from dialogues.rules.guards import Facts as Facts
from dialogues.rules.guards import Guard as Guard
from dialogues.rules.guards import StepRefused as StepRefused
from dialogues.rules.guards import check as check
from dialogues.rules.guards import lacks as lacks
from dialogues.rules.papers import AFTERWARDS as AFTERWARDS
from dialogues.rules.papers import ALWAYS_INTERNAL as ALWAYS_INTERNAL
from dialogues.rules.papers import DOSSIER as DOSSIER
from dialogues.rules.papers import LONG_AGO as LONG_AGO
from dialogues.rules.papers import OF_YEAR as OF_YEAR
from dialogues.rules.papers import PAPER_TRANSITIONS as PAPER_TRANSITIONS
from dialogues.rules.papers import RESULTS as RESULTS
from dialogues.rules.papers import SERIES as SERIES
from dialogues.rules.papers import STARTS_INTERNAL as STARTS_INTERNAL
from dialogues.rules.papers import CorrectionState as CorrectionState
from dialogues.rules.papers import DossierEntry as DossierEntry
from dialogues.rules.papers import FilePurpose as FilePurpose
from dialogues.rules.papers import PaperState as PaperState
from dialogues.rules.papers import PaperType as PaperType
from dialogues.rules.papers import Signer as Signer
from dialogues.rules.questions import ASKED_IN as ASKED_IN
from dialogues.rules.questions import DEFERRED as DEFERRED
from dialogues.rules.questions import GONE as GONE
from dialogues.rules.questions import IN_THE_HALL as IN_THE_HALL
from dialogues.rules.questions import RAISED as RAISED
from dialogues.rules.questions import SCREENED_IN as SCREENED_IN
from dialogues.rules.questions import SHOWN as SHOWN
from dialogues.rules.questions import SUPPORTED_IN as SUPPORTED_IN
from dialogues.rules.questions import AnswerKind as AnswerKind
from dialogues.rules.questions import Origin as Origin
from dialogues.rules.questions import PublicForm as PublicForm
from dialogues.rules.questions import QuestionState as QuestionState
from dialogues.rules.session import DOOR_OPEN as DOOR_OPEN
from dialogues.rules.session import INVITING as INVITING
from dialogues.rules.session import MOST_PEOPLE as MOST_PEOPLE
from dialogues.rules.session import REGISTERING as REGISTERING
from dialogues.rules.session import ChairPart as ChairPart
from dialogues.rules.session import Form as Form
from dialogues.rules.session import GuestAnswer as GuestAnswer
from dialogues.rules.session import GuestKind as GuestKind
from dialogues.rules.session import Need as Need
from dialogues.rules.session import PaperFormat as PaperFormat
from dialogues.rules.session import Part as Part
from dialogues.rules.session import RegistrationState as RegistrationState
from dialogues.rules.session import StaffDuty as StaffDuty
from dialogues.rules.standing import Standing as Standing
from dialogues.rules.standing import may_keep_door as may_keep_door
from dialogues.rules.standing import may_lead as may_lead
from dialogues.rules.standing import may_number as may_number
from dialogues.rules.standing import may_prepare as may_prepare
from dialogues.rules.standing import may_publish as may_publish
from dialogues.rules.standing import may_read as may_read
from dialogues.rules.standing import may_record as may_record
from dialogues.rules.states import CLOSED as CLOSED
from dialogues.rules.states import EDITABLE as EDITABLE
from dialogues.rules.states import MINUTES_IN as MINUTES_IN
from dialogues.rules.states import NOT_OVER as NOT_OVER
from dialogues.rules.states import OUT as OUT
from dialogues.rules.states import RECORDED_IN as RECORDED_IN
from dialogues.rules.states import RESULT_OWED as RESULT_OWED
from dialogues.rules.states import REVIEWED_IN as REVIEWED_IN
from dialogues.rules.states import TRANSITIONS as TRANSITIONS
from dialogues.rules.states import Status as Status
from dialogues.rules.year import PlanState as PlanState
from dialogues.rules.year import ReceptionState as ReceptionState
from dialogues.rules.year import Trigger as Trigger
from dialogues.rules.year import VisitState as VisitState
