"""What an item of feedback may become, who may do what to it, and where it goes. Pure: no database, no web.

Waiting for the sender and suspension are open rows elsewhere, not states; overdue is derived from dates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.assignments.rules import IllegalTransition
from app.permissions import Permission, Reach


class Kind(StrEnum):
    """By content, purpose and request, not by the title of the letter (TT 05/2021/TT-TTCP Điều 6)."""

    REPORT = "report"  # phản ánh
    RECOMMENDATION = "recommendation"  # kiến nghị
    SUGGESTION = "suggestion"  # góp ý
    QUESTION = "question"  # hỏi đáp
    COMPLAINT = "complaint"  # khiếu nại
    # A denunciation (tố cáo) is not feedback: it becomes a SealedCase (feedback/sealed).


DENUNCIATION = "denunciation"


class Channel(StrEnum):
    """How it came in."""

    WEB = "web"
    API = "api"
    PHONE = "phone"
    PAPER = "paper"
    IN_PERSON = "in_person"
    VOTER_MEETING = "voter_meeting"  # kiến nghị cử tri: a source with a clock of its own
    TRADE_UNION = "trade_union"
    FLOOR = "floor"  # a dialogue session


class SenderType(StrEnum):
    """Who says it."""

    PERSON = "person"
    ON_BEHALF = "on_behalf"
    ENTERPRISE = "enterprise"
    INSIDER = "insider"  # an official or worker about their own agency or enterprise
    GROUP = "group"  # many signers
    ANONYMOUS = "anonymous"


class IdentityScope(StrEnum):
    """Who may know the sender's name."""

    UNIT = "unit"
    RECEPTION = "reception"


class Status(StrEnum):
    """Where an item stands."""

    RECEIVED = "received"
    IN_HAND = "in_hand"
    ANSWERED = "answered"
    CLOSED = "closed"
    GUIDED = "guided"  # hướng dẫn
    REFUSED = "refused"
    FORWARDED = "forwarded"  # chuyển cơ quan ngoài hệ thống
    FILED = "filed"  # lưu
    SPLIT = "split"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


S = Status
TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.RECEIVED: frozenset({S.IN_HAND, S.GUIDED, S.REFUSED, S.FORWARDED, S.FILED, S.SPLIT, S.MERGED, S.WITHDRAWN}),
    # Back to received: the unit returned it and it waits for another route.
    S.IN_HAND: frozenset({S.RECEIVED, S.ANSWERED, S.GUIDED, S.REFUSED, S.FORWARDED, S.FILED, S.MERGED, S.WITHDRAWN}),
    # Back in hand: the sender reopens; back at the desk where the unit that answered is no more.
    S.ANSWERED: frozenset({S.CLOSED, S.IN_HAND, S.RECEIVED}),
    S.CLOSED: frozenset({S.IN_HAND, S.RECEIVED}),
    # A merge is reversible: the item waits at its desk again.
    S.MERGED: frozenset({S.RECEIVED}),
    S.GUIDED: frozenset(),
    S.REFUSED: frozenset(),
    S.FORWARDED: frozenset(),
    S.FILED: frozenset(),
    S.SPLIT: frozenset(),
    S.WITHDRAWN: frozenset(),
}
OPEN = frozenset({S.RECEIVED, S.IN_HAND})


def check(old: Status, new: Status) -> None:
    """:raise IllegalTransition: when an item may not go from *old* to *new*."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)


def check_still(status: Status, *expected: Status) -> None:
    """:raise IllegalTransition: when the item has moved on from where this may be done."""
    if status not in expected:
        raise IllegalTransition(status, expected[0])


class PaperType(StrEnum):
    """What a clerk or officer proposes and an authorised leader signs."""

    REPLY = "reply"
    GUIDE = "guide"  # phiếu hướng dẫn
    FORWARD = "forward"  # phiếu chuyển đơn
    REFUSE = "refuse"  # thông báo không thụ lý, từ chối
    FILE = "file"  # lưu đơn: decided by the head, nobody to write to
    OPEN_CASE = "open_case"  # thông báo thụ lý khiếu nại


#: What the item becomes when a paper of that type is issued.
EFFECT: dict[PaperType, Status] = {
    PaperType.REPLY: S.ANSWERED,
    PaperType.GUIDE: S.GUIDED,
    PaperType.FORWARD: S.FORWARDED,
    PaperType.REFUSE: S.REFUSED,
    PaperType.FILE: S.FILED,
    PaperType.OPEN_CASE: S.IN_HAND,
}


class PaperState(StrEnum):
    """Where a paper is on its way: draft → submitted → approved → published; sent back, it is a draft again."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    DISCARDED = "discarded"


PAPER_TRANSITIONS: dict[PaperState, frozenset[PaperState]] = {
    PaperState.DRAFT: frozenset({PaperState.SUBMITTED, PaperState.DISCARDED}),
    PaperState.SUBMITTED: frozenset({PaperState.APPROVED, PaperState.DRAFT, PaperState.DISCARDED}),
    # Discarded though signed: the item left the unit, or was withdrawn, before văn thư gave the number.
    PaperState.APPROVED: frozenset({PaperState.PUBLISHED, PaperState.DRAFT, PaperState.DISCARDED}),
    PaperState.PUBLISHED: frozenset(),
    PaperState.DISCARDED: frozenset(),
}


def check_paper(old: PaperState, new: PaperState) -> None:
    """:raise IllegalTransition: when a paper may not go from *old* to *new*."""
    if new not in PAPER_TRANSITIONS[old]:
        raise IllegalTransition(old, new)


class Outcome(StrEnum):
    """What a point of an answer says came of the matter."""

    DONE = "done"  # with proof
    PROMISED = "promised"  # by a day: becomes an *act* assignment
    EXPLAINED = "explained"  # a question answered, a reason given
    CANNOT = "cannot"  # and why


class RefusalReason(StrEnum):
    """Why an item is refused; a complaint by Luật Khiếu nại 2011 Điều 11, the rest by what can be processed at all."""

    NOT_PERSONAL = "not_personal"  # không liên quan trực tiếp quyền, lợi ích của người khiếu nại
    NO_CAPACITY = "no_capacity"
    NO_MANDATE = "no_mandate"  # người đại diện không hợp pháp
    NO_SIGNATURE = "no_signature"
    TIME_BARRED = "time_barred"  # hết thời hiệu
    SECOND_DECISION = "second_decision"  # đã có quyết định giải quyết lần hai
    IN_COURT = "in_court"
    INTERNAL = "internal"  # quyết định nội bộ
    ANSWERED_BEFORE = "answered_before"  # đã trả lời, không có tình tiết mới
    NOT_CLEAR = "not_clear"  # không rõ nội dung, đã hỏi mà không bổ sung
    UNLAWFUL_CONTENT = "unlawful_content"


#: The ones that only a complaint can meet.
COMPLAINT_REFUSALS = frozenset(
    {
        RefusalReason.NOT_PERSONAL,
        RefusalReason.NO_CAPACITY,
        RefusalReason.NO_MANDATE,
        RefusalReason.NO_SIGNATURE,
        RefusalReason.TIME_BARRED,
        RefusalReason.SECOND_DECISION,
        RefusalReason.IN_COURT,
        RefusalReason.INTERNAL,
    }
)


def contact_required(kind: Kind, sender: SenderType) -> bool:
    """Say whether name, address and a way to answer are asked for.

    Luật Khiếu nại 2011 Điều 8 and TT 05/2021 Điều 6: a complaint names its sender with address; kiến nghị, phản ánh as a
    letter do too, but a report without a name is still information the head may act on. Góp ý and hỏi đáp need none.
    """
    return kind is Kind.COMPLAINT or (kind is Kind.RECOMMENDATION and sender is not SenderType.ANONYMOUS) or sender is SenderType.ENTERPRISE


def may_be_anonymous(kind: Kind) -> bool:
    """Say whether the form takes it without a name: never a complaint (Luật Khiếu nại 2011 Điều 11)."""
    return kind is not Kind.COMPLAINT


# --- who may do what to which item ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What deciding needs to know of one item."""

    status: Status
    kind: Kind
    place_id: int | None
    desk_path: str | None  # the reception desk it belongs to
    unit_paths: tuple[str, ...]  # units with an open or past assignment on it
    open_unit_paths: tuple[str, ...]  # the unit that has to answer it now
    officer_ids: frozenset[int]  # people it was given to
    identity_scope: IdentityScope
    insider: bool
    accused_unit_path: str | None
    copied_path: str | None  # standing body that reads every item of this field
    entered_by_id: int | None
    act_unit_paths: tuple[str, ...] = ()  # units that have to do what an answer promised

    def concerns(self, *paths: str) -> bool:
        """Say whether one of the units of those paths is the accused one or below it; of a person they are all of `Reach.paths`.

        A desk that is itself not accused may have the whole authority above it accused: somebody must pass the item on. Nor
        does it hold of a complaint that was given to the accused to settle (feedback.steps.settled_by_accused).
        """
        accused = self.accused_unit_path
        if accused is None or (self.kind is Kind.COMPLAINT and any(path.startswith(accused) for path in self.unit_paths)):
            return False
        return any(path.startswith(accused) and not path == self.desk_path != accused for path in paths)


def _holds(reach: Reach, permission: Permission, paths: Iterable[str | None], place_id: int | None = None) -> bool:
    return any(reach.may(permission, unit_path=path, place_id=place_id) for path in paths if path)


def may_read(reach: Reach, item: Standing) -> bool:
    """The desk it belongs to, the units that have or had it, the copied body, MTTQ and the steering committee; never the accused."""
    if item.concerns(*reach.paths):
        return False
    paths = (item.desk_path, item.copied_path, *item.unit_paths)
    return reach.user_id in item.officer_ids or _holds(reach, Permission.FEEDBACK_READ, (*paths, "/"), item.place_id)


def may_see_identity(reach: Reach, item: Standing) -> bool:
    """Say whether the sender's name and contact are shown: the desk always, the unit only when the sender lets it."""
    if item.concerns(*reach.paths):
        return False
    if _holds(reach, Permission.IDENTITY_READ, (item.desk_path,)):
        return True
    if item.insider or item.identity_scope is IdentityScope.RECEPTION:
        return False
    return _holds(reach, Permission.FEEDBACK_HANDLE, item.unit_paths) or reach.user_id in item.officer_ids


def may_ask_for_original(reach: Reach, item: Standing) -> bool:
    """Say whether a file may be asked for as it came, which tells where and by which phone it was made: who may know who wrote."""
    return may_see_identity(reach, item)


def needs_two_for_original(item: Standing) -> bool:
    """Say whether nobody opens an original alone: who wrote is kept from the unit."""
    return item.insider or item.identity_scope is IdentityScope.RECEPTION


def may_triage(reach: Reach, item: Standing) -> bool:
    """Classify, route, split, merge, propose a paper: reception of the desk it belongs to."""
    return not item.concerns(*reach.paths) and _holds(reach, Permission.FEEDBACK_TRIAGE, (item.desk_path,))


def may_handle(reach: Reach, item: Standing) -> bool:
    """Take, ask, draft: officers of the unit that has to answer it now."""
    return not item.concerns(*reach.paths) and _holds(reach, Permission.FEEDBACK_HANDLE, item.open_unit_paths)


def may_draft(reach: Reach, item: Standing, type_: PaperType) -> bool:
    """Draft a paper: the unit that has to answer it now; while it lies at its desk the desk does, anything but the answer."""
    if may_handle(reach, item):
        return True
    return type_ is not PaperType.REPLY and item.status is Status.RECEIVED and may_triage(reach, item)


def may_note(reach: Reach, item: Standing) -> bool:
    """Leave an internal note: the desk, and officers of a unit that has to answer it or to do what was promised."""
    return may_triage(reach, item) or may_tell(reach, item)


def may_tell(reach: Reach, item: Standing) -> bool:
    """Tell the sender how it goes: officers of a unit that has to answer it or to do what was promised."""
    return not item.concerns(*reach.paths) and _holds(reach, Permission.FEEDBACK_HANDLE, (*item.open_unit_paths, *item.act_unit_paths))


def may_lead(reach: Reach, item: Standing) -> bool:
    """Hand out, reassign, transfer, decide on extensions: whoever leads the unit that has to answer it now."""
    return not item.concerns(*reach.paths) and _holds(reach, Permission.FEEDBACK_LEAD, item.open_unit_paths)


def may_publish(reach: Reach, item: Standing) -> bool:
    """Publish a masked copy: the desk, or the head of the unit that answered."""
    return not item.concerns(*reach.paths) and _holds(reach, Permission.FEEDBACK_PUBLISH, (item.desk_path, *item.unit_paths))


# --- what the sender may do -------------------------------------------------------------------------------------------


def sender_may_add(status: Status) -> bool:
    """Add a note or a paper: as long as somebody will read it."""
    return status in OPEN or status is S.ANSWERED


def sender_may_withdraw(status: Status) -> bool:
    """Withdraw: before an answer."""
    return status in OPEN


def sender_may_rate(status: Status, *, rated_round: int | None, round_: int, within: bool) -> bool:
    """Rate an answer, once a round, within the days set for it."""
    return status in {S.ANSWERED, S.CLOSED} and rated_round != round_ and within


def sender_may_reopen(status: Status, *, before: bool, within: bool) -> bool:
    """Reopen: once (*before*: they have), with a reason, within the days set for it."""
    return status in {S.ANSWERED, S.CLOSED} and not before and within
