"""Deadline rules: which term the law, or the province's own regulation, gives to which matter.

The rules themselves are rows of a table, shipped in data/*.toml: this module says what a rule is, which one holds for
a matter on a day, how long it gives, and by how much it may be extended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from app.calendar.days import Extension, Term, TermInvalid, TermUnit


class Stage(StrEnum):
    """What must have been done by the due date."""

    NOTICE = "notice"  # thông báo kết quả xử lý: how the matter is handled
    INITIAL = "initial"  # xử lý ban đầu
    OPENING = "opening"  # thụ lý, or refusal in writing
    OPENING_NOTICE = "opening_notice"  # thông báo việc thụ lý
    FORWARD = "forward"  # chuyển đơn
    REPLY = "reply"  # trả lời nội dung
    SETTLE = "settle"  # giải quyết
    SEND_DECISION = "send_decision"  # gửi quyết định, kết luận
    PUBLISH_DECISION = "publish_decision"  # công khai quyết định, kết luận
    CARRY_OUT = "carry_out"  # xử lý kết luận
    REPORT_ON_DELAY = "report_on_delay"  # báo cáo cấp trên khi quá hạn
    LODGE = "lodge"  # thời hiệu: until when a complaint may be lodged
    TRIAGE = "triage"  # reception: nothing lies in the queue
    TAKE = "take"  # a unit takes what it was given, or returns it
    REROUTE = "reroute"  # what was returned gets another unit
    ANNOUNCE = "announce"  # thông báo trước buổi đối thoại
    PUBLISH_RESULT = "publish_result"  # công bố kết quả đối thoại
    DISCLOSE = "disclose"  # công khai
    POSTED = "posted"  # niêm yết: stays at least so long
    BROADCAST = "broadcast"  # truyền thanh: repeated at least so long
    CONSULT = "consult"  # lấy ý kiến: lasts at least so long
    REMINDER_ANSWER = "reminder_answer"  # trả lời văn bản đôn đốc, nhắc việc
    PETITION_ANSWER = "petition_answer"  # trả lời kiến nghị của MTTQ
    ANSWER_AGAIN = "answer_again"  # trả lời lại, when the sender of a letter calls an answer insufficient
    DECIDE_REOPENING = "decide_reopening"  # what was found not right on the spot is opened again, or not
    REDO = "redo"  # what was opened again is done again
    DATA_REQUEST = "data_request"  # what a person asked about their own data is done
    BREACH_REPORT = "breach_report"  # the authority is told that personal data came into other hands


class StartEvent(StrEnum):
    """The event whose day is day zero. A unit's taking an item is none: it starts no legal clock."""

    RECEIVED = "received"
    CASE_OPENED = "case_opened"  # thụ lý
    DECISION_KNOWN = "decision_known"  # the person received or learned of the decision or act
    DECISION_ISSUED = "decision_issued"
    CONCLUSION_ISSUED = "conclusion_issued"
    TERM_ENDED = "term_ended"  # the first settlement's term ran out
    OVERDUE_NOTICE = "overdue_notice"
    REPORT_REQUESTED = "report_requested"
    OFFERED = "offered"  # the item was given to a unit
    RETURNED = "returned"
    SESSION_DATE = "session_date"
    PUBLISHED = "published"
    POSTED = "posted"
    FIRST_BROADCAST = "first_broadcast"
    LETTER_ISSUED = "letter_issued"  # a reminder or a petition got its number
    ANSWER_INSUFFICIENT = "answer_insufficient"  # its sender said so
    FOUND_NOT_RIGHT = "found_not_right"  # somebody looked on the spot, and it is not as reported
    REOPENED = "reopened"  # the superior decided so
    BREACH_FOUND = "breach_found"  # somebody noticed it


class Trait(StrEnum):
    """What about a matter changes its term: traits choose a rule's variant, and are grounds of an extension."""

    COMPLEX = "complex"  # vụ việc phức tạp
    VERY_COMPLEX = "very_complex"  # đặc biệt phức tạp
    REMOTE = "remote"  # vùng sâu, vùng xa đi lại khó khăn
    MANY_PLACES = "many_places"  # xác minh tại nhiều địa điểm


class PauseGround(StrEnum):
    """Why a clock may stand. Only a rule that names the ground lets it."""

    WAITING_FOR_SENDER = "waiting_for_sender"  # asked for more information: tạm dừng tính hạn, local rules only
    SUSPENDED = "suspended"  # tạm đình chỉ: khiếu nại, tố cáo only


class Evidence(StrEnum):
    """How sure we are of a rule: its text was seen, seen in part or second-hand, or is from memory."""

    SEEN = "seen"
    PARTLY = "partly"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a rule may ask about a matter."""

    kind: str  # report, recommendation, suggestion, question, complaint, denunciation; dialogue, disclosure, consultation
    sender: str = "named"  # or anonymous: an unsigned letter is information
    origin: str = "citizen"  # or voters: kiến nghị cử tri
    recipient: str = "unit"  # or party_head: người đứng đầu cấp ủy
    matter: str = "ordinary"  # or regulation (quy định hành chính), legal_text (văn bản quy phạm pháp luật)
    instance: str = "first"  # or second: khiếu nại lần hai
    channel: str = "web"


class RuleInvalid(ValueError):
    """A rule that makes no sense; *name* is its field at fault. Such a rule is never saved."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class ExtensionStep:
    """A ground on which a term may be extended.

    *times* is how many extensions a clock may have in all once this ground holds. *amount* and *unit* are left out
    where the ground is a variant of the rule: the extension then reaches the variant's amount.
    """

    ground: str
    times: int = 1
    amount: int | None = None
    unit: TermUnit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One deadline rule as it stands. Raises RuleInvalid when its parts do not fit together."""

    code: str
    name: str
    stage: Stage
    start_event: StartEvent
    amount: int  # negative: so many days before the event
    unit: TermUnit
    source: str
    article: str
    evidence: Evidence
    effective_from: dt.date
    effective_to: dt.date | None = None  # last day; None: still in force
    applies_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # fact → values; nothing said: everything
    variants: Mapping[str, int] = field(default_factory=dict)  # traits joined by "+" → amount
    extension_steps: tuple[ExtensionStep, ...] = ()
    pause_grounds: tuple[str, ...] = ()
    progress_every: int | None = None  # once the term is over, a word on progress every so many days, in the rule's unit
    roll_forward: bool = True
    local: bool = False  # the province's own promise, shown as such
    active: bool = True  # a rule may be kept ready and not be in use
    note: str = ""

    def __post_init__(self) -> None:
        variant_traits = {trait for key in self.variants for trait in key.split("+")}
        checks = {
            "code": self.code and self.code.isascii(),
            "amount": self.amount != 0,
            "effective_to": self.effective_to is None or self.effective_from <= self.effective_to,
            "applies_to": self.applies_to.keys() <= FACT_NAMES and all(self.applies_to.values()),
            "variants": variant_traits <= set(Trait) and all(amount > 0 for amount in self.variants.values()),
            "extension_steps": all(_step_fits(step, self.variants) for step in self.extension_steps),
            "pause_grounds": set(self.pause_grounds) <= set(PauseGround),
            "progress_every": self.progress_every is None or self.progress_every > 0,
        }
        # Counted back from an event, nothing can be waited for.
        if self.amount < 0:
            checks["amount"] = not (self.variants or self.extension_steps or self.pause_grounds)
        for name, fine in checks.items():
            if not fine:
                raise RuleInvalid(name)

    def in_force(self, on: dt.date) -> bool:
        """Say whether the rule is used for a clock that starts on the day *on*."""
        return self.active and self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def fits(self, facts: Facts) -> bool:
        """Say whether the rule is about such a matter."""
        return all(getattr(facts, name) in values for name, values in self.applies_to.items())

    def to_json(self) -> dict[str, Any]:
        """Return the rule as plain JSON: the snapshot a clock keeps."""
        data = {name: getattr(self, name) for name in FIELDS}
        data["extension_steps"] = [asdict(step) for step in self.extension_steps]
        data["effective_from"] = self.effective_from.isoformat()
        data["effective_to"] = self.effective_to and self.effective_to.isoformat()
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rule:
        """Return the rule that *data* tells: a snapshot, a table's row or a row of TOML. Raises RuleInvalid."""
        for name in data.keys() ^ FIELDS.keys():
            if name in data or FIELDS[name]:
                raise RuleInvalid(name)
        values = dict(data)
        for name, read in READERS.items():
            if name in values:
                try:
                    values[name] = read(values[name])
                except (TypeError, ValueError, AttributeError) as error:
                    raise RuleInvalid(name) from error
        return cls(**values)


#: Name of each field of a rule → whether it must be given.
FIELDS = {each.name: each.default is MISSING and each.default_factory is MISSING for each in fields(Rule)}
FACT_NAMES = frozenset(each.name for each in fields(Facts))


def _date(value: str | dt.date | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _step(value: Mapping[str, Any]) -> ExtensionStep:
    known = dict(value)
    if known.get("unit"):
        known["unit"] = TermUnit(known["unit"])
    return ExtensionStep(**known)


READERS = {
    "stage": Stage,
    "start_event": StartEvent,
    "unit": TermUnit,
    "evidence": Evidence,
    "amount": int,
    "effective_from": _date,
    "effective_to": _date,
    "applies_to": lambda value: {name: tuple(accepted) for name, accepted in value.items()},
    "variants": lambda value: {traits: int(amount) for traits, amount in value.items()},
    "extension_steps": lambda value: tuple(_step(step) for step in value),
    "pause_grounds": tuple,
}


def _step_fits(step: ExtensionStep, variants: Mapping[str, int]) -> bool:
    if step.ground not in set(Trait) or step.times < 1:
        return False
    if step.amount is None:
        return step.unit is None and step.ground in variants and step.times == 1
    return step.amount > 0 and step.unit is not None


def choose(rules: Iterable[Rule], facts: Facts, stage: Stage, on: dt.date) -> Rule | None:
    """Return the rule that holds for a matter of *facts* when its clock for *stage* starts on the day *on*, or None.

    A local promise never displaces the law. Among equals the rule that says most about the matter holds, then the one
    in force since latest; the code settles what is left, so that the answer is always the same.
    """
    fitting = [rule for rule in rules if rule.stage is stage and rule.in_force(on) and rule.fits(facts)]
    return min(
        fitting,
        key=lambda rule: (rule.local, -len(rule.applies_to), -rule.effective_from.toordinal(), rule.code),
        default=None,
    )


def term_for(rule: Rule, traits: Collection[str] = ()) -> Term:
    """Return the term *rule* gives to a matter with these *traits*: its most specific variant, else its amount."""
    return Term(_amount(rule, traits), rule.unit, roll_forward=rule.roll_forward)


def extension_allowed(rule: Rule, granted: int, ground: str, traits: Collection[str] = ()) -> Extension | None:
    """Return the extension that *ground* gives a clock that has had *granted* extensions, or None.

    *traits* are those from which the clock's term was taken: a matter counted as complex from its start cannot be
    extended for being complex.
    """
    # Luật Tố cáo 2018, Điều 30 khoản 2-3 (wording from memory): "Đối với vụ việc phức tạp thì có thể gia hạn giải quyết
    # tố cáo một lần nhưng không quá 30 ngày. Đối với vụ việc đặc biệt phức tạp thì có thể gia hạn … hai lần, mỗi lần
    # không quá 30 ngày": two extensions in all, not one and then two more; hence `granted` counts those of every ground.
    step = next((step for step in rule.extension_steps if step.ground == ground), None)
    if step is None or granted >= step.times:
        return None
    if step.amount is not None and step.unit is not None:
        return Extension(step.amount, step.unit, ground)
    # Luật Khiếu nại 2011, Điều 28 (wording from memory): "đối với vụ việc phức tạp thì thời hạn giải quyết có thể kéo dài
    # hơn nhưng không quá 45 ngày, kể từ ngày thụ lý": the extension is what is missing to the longer term.
    try:
        return Extension(_amount(rule, {*traits, ground}) - _amount(rule, traits), rule.unit, ground)
    except TermInvalid:
        return None


def _amount(rule: Rule, traits: Collection[str]) -> int:
    variants: Sequence[tuple[int, int]] = [
        (len(needed), amount) for key, amount in rule.variants.items() if (needed := set(key.split("+"))) <= set(traits)
    ]
    return max(variants, default=(0, rule.amount))[1]
