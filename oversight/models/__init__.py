"""What oversight keeps: one module a matter."""

from __future__ import annotations

from oversight.models.board import SavedView as SavedView
from oversight.models.checklists import Checklist as Checklist
from oversight.models.checks import CheckSample as CheckSample
from oversight.models.checks import CheckTask as CheckTask
from oversight.models.checks import ReopeningClock as ReopeningClock
from oversight.models.checks import ReopeningQuestion as ReopeningQuestion
from oversight.models.checks import SamplingRule as SamplingRule
from oversight.models.checks import SpotCheck as SpotCheck
from oversight.models.checks import SpotCheckPhoto as SpotCheckPhoto
from oversight.models.letters import Letter as Letter
from oversight.models.letters import LetterAbout as LetterAbout
from oversight.models.letters import LetterAnswer as LetterAnswer
from oversight.models.letters import LetterAnswerFile as LetterAnswerFile
from oversight.models.letters import LetterAssignment as LetterAssignment
from oversight.models.letters import LetterTo as LetterTo
from oversight.models.papers import OversightPaper as OversightPaper
from oversight.models.reports import Report as Report
from oversight.models.reports import ReportDuty as ReportDuty
from oversight.models.reports import ReportStep as ReportStep
from oversight.models.reports import Target as Target
from oversight.models.reports import TargetDeclaration as TargetDeclaration
from oversight.models.sums import PromiseSum as PromiseSum
from oversight.models.supervision import Campaign as Campaign
from oversight.models.supervision import CampaignAnswer as CampaignAnswer
from oversight.models.supervision import CampaignFile as CampaignFile
from oversight.models.supervision import CampaignMember as CampaignMember
from oversight.models.supervision import CampaignQuestion as CampaignQuestion
from oversight.models.supervision import CampaignTarget as CampaignTarget
from oversight.models.supervision import FindingAssignment as FindingAssignment
from oversight.models.supervision import SupervisionFinding as SupervisionFinding
from oversight.models.supervision import SupervisionLine as SupervisionLine
from oversight.models.supervision import SupervisionPlan as SupervisionPlan
from oversight.models.watching import Subscription as Subscription
from oversight.models.watching import Watch as Watch
from oversight.models.watching import WatchNote as WatchNote
from oversight.models.watching import WeeklyNews as WeeklyNews
