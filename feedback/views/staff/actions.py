"""Which steps a person may take with an item as it stands now: what has a button, and what its address lets through.

The rules say who may; the state of the item says what there is to do. Operations check both again under a lock.
"""

from __future__ import annotations

from app import clock
from app.accounts.models import User
from app.assignments.models import ExtensionRequest
from app.assignments.rules import Duty, State
from app.calendar.rules import Rule, Stage, extension_allowed
from app.database import db
from app.permissions import Permission
from feedback import queries, rules, steps, whole
from feedback.models import Feedback, FeedbackAssignment, Paper
from feedback.operations import clocks, papers
from feedback.rules import EFFECT, Kind, PaperState, PaperType, Status

#: The permission behind each step: who holds it where the item is or was is told "too late", everybody else "not yours".
PERMISSION: dict[str, Permission] = {
    **dict.fromkeys(
        ("classify", "route", "take_back", "split", "propose_merge", "merge", "unmerge", "link", "reference", "seal"),
        Permission.FEEDBACK_TRIAGE,
    ),
    **dict.fromkeys(("take", "return", "ask", "tell", "ask_extension", "take_promise", "keep_promise"), Permission.FEEDBACK_HANDLE),
    **dict.fromkeys(("hand", "transfer", "decide_extension"), Permission.FEEDBACK_LEAD),
    **dict.fromkeys(("publish", "unpublish"), Permission.FEEDBACK_PUBLISH),
    **dict.fromkeys(("paper_agree", "paper_send_back"), Permission.FEEDBACK_APPROVE),
    "paper_number": Permission.FEEDBACK_NUMBER,
}


def possible(item: Feedback, user: User) -> frozenset[str]:
    """Return the names of the steps *user* may take with *item* now; papers to begin are `draft_` and their type."""
    return now(item, user)[0]


def now(item: Feedback, user: User) -> tuple[frozenset[str], list[type[steps.Refused]]]:
    """Return the steps *user* may take with *item* now, and what keeps them from others that would be theirs, each once."""
    refused = {step: steps.refusal(step, item, user.id) for step in sorted(_within_reach(item, user))}
    may = frozenset(step for step, refusal in refused.items() if refusal is None)
    return may, list(dict.fromkeys(refusal for refusal in refused.values() if refusal is not None))


def _within_reach(item: Feedback, user: User) -> set[str]:
    standing, reach = queries.standing_of(item), user.reach
    found: set[str] = set()
    if rules.may_triage(reach, standing):
        found |= _at_desk(item) | {"seal"}
    if rules.may_handle(reach, standing):
        found |= _in_unit(item)
    if rules.may_lead(reach, standing):
        found |= {"hand", "transfer"} | ({"decide_extension"} if pending_extension(item) else set())
    if rules.may_note(reach, standing):
        found.add("note")
    if rules.may_tell(reach, standing):
        found.add("tell")
    if rules.may_publish(reach, standing) and item.publish_consent:
        found |= {"publish"} | ({"unpublish"} if item.published_at else set())
    if rules.may_see_identity(reach, standing) and any(person.erased_at is None for person in item.writers):
        found.add("identity")
    for duty in item.assignments:
        if duty.duty == Duty.ACT and duty.is_open and reach.may(Permission.FEEDBACK_HANDLE, unit_path=duty.unit.path):
            found.add("take_promise" if duty.state == State.OFFERED else "keep_promise")
    return found | {f"draft_{type_}" for type_ in PaperType if _may_begin(item, type_, user)}


def is_business_of(item: Feedback, user: User, action: str) -> bool:
    """Say whether *action* was the person's to take while there was time for it."""
    standing = queries.standing_of(item)
    if action == "identity" or standing.concerns(*user.reach.paths):  # whoever may not know a name never might
        return False
    paths = [path for path in (standing.desk_path, *standing.unit_paths) if path]
    wanted = [PERMISSION[action]] if action in PERMISSION else [Permission.FEEDBACK_HANDLE, Permission.FEEDBACK_TRIAGE]
    return any(user.reach.may(permission, unit_path=path) for permission in wanted for path in paths)


def _at_desk(item: Feedback) -> set[str]:
    found = {"link", "reference"}
    if item.status in rules.OPEN:
        found |= {"classify"} | (set() if item.merged else {"propose_merge"})
        if item.merge_proposed_into_id is not None:
            found.add("merge")
    if item.status == Status.RECEIVED:
        found |= {"route"} | ({"split"} if item.parent_id is None and not item.merged else set())
    if item.open_answer is not None and item.open_answer.state == State.OFFERED:
        found.add("take_back")
    if item.status == Status.MERGED:
        found.add("unmerge")
    return found


def _in_unit(item: Feedback) -> set[str]:
    duty = item.open_answer
    if duty is None:
        return set()
    found = {"return"} | ({"take"} if duty.state == State.OFFERED else set())
    if duty.state == State.TAKEN and item.open_question is None:
        found.add("ask")
    if extension_grounds(item) and pending_extension(item) is None:
        found.add("ask_extension")
    return found


def extension_grounds(item: Feedback) -> list[str]:
    """Return the grounds on which the running clock's rule still allows more time."""
    running = clocks.governing(item)
    if running is None or running.is_late(clock.today()):
        return []
    rule = Rule.from_json(running.rule)
    return [step.ground for step in rule.extension_steps if extension_allowed(rule, len(running.extensions), step.ground, running.variants)]


def pending_extension(item: Feedback) -> ExtensionRequest | None:
    """Return the request for more time that nobody has decided yet."""
    duty = item.open_answer
    if duty is None or not whole.may_have(item, "extension"):
        return None
    return db.session.scalar(
        db.select(ExtensionRequest).where(ExtensionRequest.assignment_id == duty.id, ExtensionRequest.granted.is_(None))
    )


def promise(item: Feedback, assignment_id: int, user: User, state: State) -> FeedbackAssignment | None:
    """Return that duty to act of *item* if it stands so and is of the person's unit."""
    return next(
        (
            duty
            for duty in item.assignments
            if duty.id == assignment_id
            and duty.duty == Duty.ACT
            and duty.state == state
            and user.reach.may(Permission.FEEDBACK_HANDLE, unit_path=duty.unit.path)
        ),
        None,
    )


def open_paper(item: Feedback) -> Paper | None:
    """Return the paper that is drafted or on its way."""
    return next((paper for paper in item.papers if paper.state not in {PaperState.PUBLISHED, PaperState.DISCARDED}), None)


def _may_begin(item: Feedback, type_: PaperType, user: User) -> bool:
    status = Status(item.status)
    if status not in rules.OPEN or open_paper(item) is not None:
        return False
    if type_ is PaperType.OPEN_CASE:
        if item.kind != Kind.COMPLAINT or item.clock(Stage.SETTLE) is not None:
            return False
    elif EFFECT[type_] not in rules.TRANSITIONS[status]:
        return False
    return papers.may_draft(user.reach, item, type_)


def paper_steps(paper: Paper, user: User) -> frozenset[str]:
    """Return what *user* may do with *paper* now: write, discard, agree, send_back, number."""
    found: set[str] = set()
    drafts = papers.may_draft(user.reach, paper.feedback, PaperType(paper.type))
    refused = steps.refusal(f"draft_{paper.type}", paper.feedback, user.id)
    if drafts and refused is None and paper.state == PaperState.DRAFT:
        found |= {"write", "discard"}
    if papers.may_act_on(user.reach, paper):
        found |= {"number", "send_back"} if paper.waiting_for == "records" else {"agree", "send_back"}
    return frozenset(found)
