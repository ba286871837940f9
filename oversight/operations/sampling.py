"""Each month's sample of what was reported done: drawn at random, its seed kept, so that anybody can draw it again."""

from __future__ import annotations

import datetime as dt
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.access import SYSTEM, Actor, require
from app.accounts.models import User
from app.audit import entries_about, record
from app.calendar.days import ONE_DAY
from app.clock import local_date
from app.database import db
from app.permissions import Permission
from app.versions import Book, in_force
from oversight.checks import checked
from oversight.models import CheckSample, CheckTask, SamplingRule
from oversight.operations import telling_checks
from oversight.rules import drawing

SHIPPED = Path(__file__).parents[1] / "data" / "sampling.toml"
RULES = Book(SamplingRule, "sampling_rule")
CODE = "MONTHLY_SAMPLE"
SEED_BYTES = 16


class NoSamplingRule(Exception):
    """Nothing says how much is drawn."""


class MonthNotOver(Exception):
    """Only what was reported done in a month that is over can be drawn from."""


class ShareOutside(Exception):
    """The minimum is above the maximum."""


def load_shipped(*, now: dt.datetime) -> None:
    """Add the shipped rule where the table lacks it; may run at every start."""
    for each in tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["rule"]:
        RULES.bring(SamplingRule(**each), now=now)


def rule_on(day: dt.date) -> SamplingRule | None:
    """Return the rule that holds on *day*."""
    return next((row for row in RULES.of(CODE) if in_force(row, day)), None)


def rules_after(day: dt.date) -> list[SamplingRule]:
    """Return the versions that begin after *day*, the first first."""
    return [row for row in RULES.of(CODE) if row.effective_from > day]


def change_rule(said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> SamplingRule:
    """Let another version hold from its first day on. :raise NotAllowed: :raise ShareOutside: and what app.versions raises."""
    if said["minimum"] > said["maximum"]:
        raise ShareOutside
    row = SamplingRule(code=CODE, local=True, article="", **said)
    return RULES.follow(row, actor=actor, now=now) if RULES.of(CODE) else RULES.add(row, actor=actor, now=now)


def month_before(day: dt.date) -> dt.date:
    """Return the first day of the month before that of *day*."""
    return (day.replace(day=1) - ONE_DAY).replace(day=1)


def draw_by_hand(month: dt.date, *, actor: User, now: dt.datetime) -> CheckSample:
    """Draw as the job does. :raise NotAllowed: and what :func:`draw` raises."""
    require(actor.reach.may(Permission.OVERSIGHT_VERIFY))
    return draw(month, actor=actor, now=now)


def draw(month: dt.date, *, actor: Actor = SYSTEM, now: dt.datetime) -> CheckSample:
    """Draw from what was reported done in *month*; drawn before, that draw is returned: nobody draws until they like it.

    :raise MonthNotOver: :raise NoSamplingRule:
    """
    first = month.replace(day=1)
    today = local_date(now)
    if first > month_before(today):
        raise MonthNotOver
    if (there := checked.sample_of(first)) is not None:
        return there
    rule = rule_on(today)
    if rule is None:
        raise NoSamplingRule
    try:
        with db.session.begin_nested():  # two at once: the second finds what the first drew
            sample = _drawn(first, rule, actor, now)
    except IntegrityError:
        there = checked.sample_of(first)
        if there is None:
            raise
        return there
    record(
        actor, "check_sample.drawn", sample, at=now, month=f"{first:%Y-%m}", algorithm=sample.algorithm, seed=sample.seed,
        digest=sample.candidates_digest, number=sample.number, size=sample.size,
    )  # fmt: skip
    telling_checks.drawn(sample, now=now)
    return sample


def _drawn(first: dt.date, rule: SamplingRule, actor: Actor, now: dt.datetime) -> CheckSample:
    last = (first + dt.timedelta(days=31)).replace(day=1) - ONE_DAY
    found = checked.candidates(first, last)
    number = sum(len(ids) for ids in found.values())
    size = drawing.Amount(rule.share, rule.minimum, rule.maximum).of(number)
    sample = CheckSample(
        month=first, drawn_at=now, drawn_by_id=actor.id if isinstance(actor, User) else None, algorithm=drawing.ALGORITHM,
        seed=secrets.token_hex(SEED_BYTES), candidates=found, candidates_digest=drawing.digest(found), number=number, size=size,
        share=rule.share, minimum=rule.minimum, maximum=rule.maximum,
    )  # fmt: skip
    db.session.add(sample)
    drawn = drawing.draw(found, size, sample.seed)
    sample.tasks = [CheckTask(assignment_id=id_, position=place, made_at=now) for place, id_ in enumerate(drawn, start=1)]
    db.session.flush()
    return sample


def draws_again(sample: CheckSample) -> bool:
    """Draw *sample* again from its seed; say whether candidates, seed and list are what the audit says was drawn that day."""
    written = next((entry.facts for entry in entries_about(sample) if entry.action == "check_sample.drawn"), {})
    said = {"algorithm": drawing.ALGORITHM, "seed": sample.seed, "digest": drawing.digest(sample.candidates)}
    if {name: written.get(name) for name in said} != said or sample.candidates_digest != said["digest"]:
        return False
    again = drawing.draw(sample.candidates, sample.size, sample.seed)
    drawn = db.select(CheckTask.assignment_id).where(CheckTask.sample_id == sample.id).order_by(CheckTask.position)
    return again == list(db.session.scalars(drawn))
