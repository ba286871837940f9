"""Which sealed cases a person may know of; nothing else is asked of the register."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, or_
from sqlalchemy.orm import aliased

from app import crypto
from app.accounts.models import User
from app.accounts.queries import granted, people, reach_of
from app.counting import up_to_most
from app.database import db
from app.permissions import Permission, Reach, Scope
from app.units.models import Unit
from feedback import codes
from feedback.sealed import rules, thread
from feedback.sealed.models import SealedCase, SealedCaseStep, SealedGrant, SealedReveal
from feedback.sealed.shadows import Shadows, heads

FOUND = 10  # people shown for one name


def all_is_readable(*, on: dt.date) -> bool:
    """Say whether every case has a reader, whatever unit it is about: two for the whole install, and no top unit is above both."""
    trees = []
    for reader in granted(Permission.SEALED_READ, on=on):
        reach = reach_of(reader, on=on)
        if reach.may(Permission.SEALED_READ) and not reach.doubtful:
            trees.append({path.split("/")[1] for path in reach.paths})
    return bool(trees) and not set.intersection(*trees)


# --- who may know of which case -----------------------------------------------------------------------------------------


def open_to(
    reader: User, *, on: dt.date, before: SealedCase | None = None, unopened: bool = False, among: ColumnElement[bool] | None = None
) -> Iterator[SealedCase]:
    """Yield the cases that *reader* may know of, the newest first: older than *before*, waiting to be read by them, or *among* these."""
    query = db.select(SealedCase).order_by(SealedCase.id.desc())
    if before is not None:
        query = query.where(SealedCase.id < before.id)
    if among is not None:
        query = query.where(among)
    if unopened:
        query = query.where(_is_unopened() | thread.is_unread())
    if not reader.reach.may_anywhere(Permission.SEALED_READ):
        query = query.where(_is_given_to(reader.id, on))
    cases = db.session.scalars(query).all()
    standings = standings_of(cases, reader, on=on)
    # What was handed to a head is no more for intake to read: nothing of it waits for them.
    may = rules.may_open if unopened else rules.may_know
    for case in cases:
        if may(reader.reach, standings[case.id]):
            yield case


def _is_unopened() -> ColumnElement[bool]:
    """Say of a case that nobody opened it, or nobody since it was taken from somebody."""
    taken, look = aliased(SealedCaseStep), aliased(SealedCaseStep)
    opened = db.select(look.id).where(look.case_id == SealedCase.id, look.kind == rules.SealedStep.OPENED)
    back = db.select(taken.id).where(taken.case_id == SealedCase.id, taken.kind == rules.SealedStep.TAKEN_BACK)
    return ~opened.exists() | back.where(~opened.where(look.id > taken.id).correlate(SealedCase, taken).exists()).exists()


def knows_any(reader: User, *, on: dt.date) -> bool:
    """Say whether there is anything here for *reader*: the role of sealed intake, or a case of theirs."""
    return reader.reach.may_anywhere(Permission.SEALED_READ) or next(open_to(reader, on=on), None) is not None


def given(reach: Reach) -> ScalarSelect[int] | None:
    """Return the question how many cases the person `:user` decides on or was granted `:today`, for the menu; one may keep them out yet."""
    if reach.may_anywhere(Permission.SEALED_READ):
        return None
    return up_to_most(db.select(SealedCase.id).where(_is_given_to(bindparam("user"), bindparam("today"))))


def _is_given_to(user_id: Any, on: Any) -> ColumnElement[bool]:
    mine = db.select(SealedGrant.case_id).where(SealedGrant.user_id == user_id, _in_force(on))
    return or_(SealedCase.head_id == user_id, SealedCase.id.in_(mine))


def standing_of(case: SealedCase, reader: User, *, on: dt.date) -> rules.Standing:
    """Return what deciding needs to know of *case* and *reader*."""
    return standings_of([case], reader, on=on)[case.id]


def may_know(reader: User, case: SealedCase, *, on: dt.date) -> bool:
    """Say whether *reader* may know that there is *case*."""
    return rules.may_know(reader.reach, standing_of(case, reader, on=on))


def may_open(reader: User, case: SealedCase, *, on: dt.date) -> bool:
    """Say whether *reader* may read what was written."""
    return rules.may_open(reader.reach, standing_of(case, reader, on=on))


def may_read_copy(reader: User, case: SealedCase, *, on: dt.date) -> bool:
    """Say whether *reader* may read the working copy."""
    return rules.may_read_copy(reader.reach, standing_of(case, reader, on=on))


def somebody_else_opens(user: User, case: SealedCase, *, on: dt.date) -> bool:
    """Say whether anybody but *user* may read what was written."""
    return any(each.id != user.id for each in openers(case, on=on))


def openers(case: SealedCase, *, on: dt.date, may: Callable[[Reach, rules.Standing], bool] = rules.may_open) -> Iterator[User]:
    """Yield who may read what was written, or may do more with it."""
    able = {*granted(Permission.SEALED_READ, on=on), *(each.user for each in grants_in(case, on=on) if each.user.active)}
    if case.head is not None and case.head.active:
        able.add(case.head)
    yield from (each for each in able if may(reach_of(each, on=on), standing_of(case, each, on=on)))


def left_alone(reader: User, *, on: dt.date) -> bool:
    """Say whether a case that *reader* is out of by their own word waits, and nobody is left who may open it."""
    over = SealedCaseStep.kind.in_((*rules.DECISIONS, rules.SealedStep.HANDED_UP))
    out = (SealedCaseStep.kind == rules.SealedStep.CONFLICT) & (SealedCaseStep.user_id == reader.id)
    waits = db.select(SealedCase).where(SealedCase.steps.any(out), ~SealedCase.steps.any(over))
    return any(next(openers(case, on=on), None) is None for case in db.session.scalars(waits).all())


def by_uid(uid: uuid.UUID, reader: User, *, on: dt.date) -> SealedCase | None:
    """Return that case; None alike where there is none and where *reader* may not know of it."""
    case = db.session.scalar(db.select(SealedCase).where(SealedCase.uid == uid))
    return case if case is not None and may_know(reader, case, on=on) else None


def by_code_and_key(code: str, key: str, reader: User, *, on: dt.date) -> SealedCase | None:
    """Return the case whose slip carries both; None alike for a wrong code, a wrong key and a case not for *reader*."""
    try:
        index = crypto.blind_index(f"sealed:{codes.read_code(code)}")
    except codes.CodeInvalid:
        return None
    case = db.session.scalar(db.select(SealedCase).where(SealedCase.code_index == index))
    if case is None or not crypto.digest_matches(codes.read_key(key), case.key_digest) or not case.key_is_ours:
        return None
    return case if may_know(reader, case, on=on) else None


def standings_of(cases: Sequence[SealedCase], reader: User, *, on: dt.date) -> dict[int, rules.Standing]:
    """Return what deciding needs to know of each of *cases* and *reader*, by the case's id."""
    if not cases:
        return {}
    shadows = Shadows(on)
    mine = db.session.scalars(db.select(SealedGrant).where(SealedGrant.user_id == reader.id, _in_force(on)))
    grants = {grant.case_id: grant for grant in mine if grant.is_ours}
    declared = _declared(cases, reader)
    return {case.id: _standing(case, reader, grants.get(case.id), declared[case.id], shadows) for case in cases}


def _declared(cases: Sequence[SealedCase], reader: User) -> dict[int, list[SealedCaseStep]]:
    """Return by case what *reader* declared and did, and who said that an interest of theirs is touched."""
    ids = [case.id for case in cases]
    mine = SealedCaseStep.user_id == reader.id
    # As many as a register has lines do not all fit into one statement; those between the first and the last do.
    query = db.select(SealedCaseStep).where(
        SealedCaseStep.case_id.between(min(ids), max(ids)), or_(mine, SealedCaseStep.kind == rules.SealedStep.CONFLICT)
    )
    steps = defaultdict(list)
    for step in db.session.scalars(query):
        steps[step.case_id].append(step)
    return steps


def _standing(
    case: SealedCase, reader: User, grant: SealedGrant | None, declared: list[SealedCaseStep], shadows: Shadows
) -> rules.Standing:
    head = shadows.head(case.head_id) if case.head_id is not None and case.head_is_ours else None
    leads = head is not None and not rules.is_excluded(head, _apart(case, head.user_id, declared, shadows))
    return replace(
        _apart(case, reader.id, declared, shadows),
        head_id=case.head_id if leads else None,
        extent=rules.Extent(grant.extent) if grant is not None else None,
        # Each grant is declared anew; intake and the head declared once.
        declared=grant.declared_at is not None if grant is not None else any(step.kind == rules.SealedStep.DECLARED for step in declared),
    )


def _apart(case: SealedCase, person_id: int, said: Iterable[SealedCaseStep], shadows: Shadows) -> rules.Standing:
    """Return who is kept out: as accused, by their own word, or because that was changed by hand: nobody knows who gave it, or which."""
    standing, conflict = shadows.standing(case.heading, person_id), rules.SealedStep.CONFLICT
    own = {step.user_id for step in said if step.kind == conflict}
    if any(not step.is_ours for step in said if step.kind == conflict or step.user_id == person_id):
        own.add(person_id)
    return replace(standing, excluded_ids=standing.excluded_ids | own)


def _in_force(on: Any) -> ColumnElement[bool]:
    return SealedGrant.ended_at.is_(None) & (SealedGrant.until >= on)


# --- who is kept out ----------------------------------------------------------------------------------------------------


def excluded(case: SealedCase, users: Iterable[User], *, on: dt.date) -> set[int]:
    """Return the ids of those of *users* who are kept out of *case*."""
    shadows = Shadows(on)
    return {user.id for user in users if rules.is_excluded(reach_of(user, on=on), _apart(case, user.id, case.steps, shadows))}


def heads_for(case: SealedCase, *, on: dt.date) -> list[tuple[User, Unit]]:
    """Return the heads who may decide on *case*; none where the highest is accused: then it goes to the superior, by hand."""
    every = heads(on=on)
    paths, _ids = Shadows(on).of(case.heading)
    out = excluded(case, {user for user, _unit in every}, on=on)
    # A top unit that is accused, or whose head is, leaves nobody above to decide here.
    if any(path.count("/") == 2 for path in paths) or "/" in paths:  # noqa: PLR2004 - /1/ is a top unit
        return []
    # Who changed by hand what was done with it may have taken somebody out of those who were accused.
    if len(case.taken) < len(case.steps):
        return []
    # Who was accused once never decides, though two people took that back.
    units, people_ = _ever_accused(case)
    out |= people_ | {user.id for user, unit in every if unit.id in units}
    return [(user, unit) for user, unit in every if user.id not in out and not rules.lies_below([unit.path], paths)]


def _ever_accused(case: SealedCase) -> tuple[set[int], set[int]]:
    """Return the units and people whom the sender named or somebody confirmed, whatever was said later."""
    before = [json.loads(step.said) for step in case.steps if step.kind == rules.SealedStep.CONFIRMED]
    units = {case.heading.accused_unit_id, *(each["unit_id"] for each in before)}
    return {each for each in units if each}, {*case.heading.accused_ids, *(id_ for each in before for id_ in each["user_ids"])}


def named(words: str) -> list[User]:
    """Return active people whose name or e-mail has every word."""
    if not words.strip():
        return []
    return list(db.session.scalars(people([Scope(everywhere=True)], words=words, active=True).limit(FOUND)))


# --- grants, and who asks who wrote -------------------------------------------------------------------------------------


def grant_of(case: SealedCase, user: User, *, on: dt.date) -> SealedGrant | None:
    """Return what *user* was granted of *case*, if that is not over."""
    return next((grant for grant in grants_in(case, on=on) if grant.user_id == user.id), None)


def involved(*, on: dt.date) -> Sequence[User]:
    """Return who decides on some case, and who was granted one."""
    heads_ = db.select(SealedCase.head_id).where(SealedCase.head_id.is_not(None))
    granted_ = db.select(SealedGrant.user_id).where(_in_force(on))
    return db.session.scalars(db.select(User).where(User.active, or_(User.id.in_(heads_), User.id.in_(granted_))).order_by(User.id)).all()


def grants_in(case: SealedCase, *, on: dt.date) -> Sequence[SealedGrant]:
    """Return the grants of *case* that are not over, the oldest first."""
    rows = db.session.scalars(db.select(SealedGrant).where(SealedGrant.case_id == case.id, _in_force(on)).order_by(SealedGrant.id))
    return [row for row in rows if row.is_ours]


def reveals_of(case: SealedCase) -> Sequence[SealedReveal]:
    """Return who asked to learn who wrote, the latest first."""
    rows = db.session.scalars(db.select(SealedReveal).where(SealedReveal.case_id == case.id).order_by(SealedReveal.id.desc()))
    return [row for row in rows if row.is_ours]


# --- the auditor --------------------------------------------------------------------------------------------------------


def steps_for(auditor: User, *, on: dt.date, before: uuid.UUID | None, limit: int) -> list[tuple[SealedCaseStep, str]]:
    """Return the newest *limit* steps older than *before*, each with the number by which an auditor knows its case.

    Not those of a case about a unit or a person of the auditor's. Whose auditor they are decides whose steps they see.
    """
    query = db.select(SealedCaseStep).order_by(SealedCaseStep.id.desc())
    if before is not None:
        query = query.where(SealedCaseStep.id < db.select(SealedCaseStep.id).where(SealedCaseStep.uid == before).scalar_subquery())
    shadows, kept_out, rows = Shadows(on), dict[int, bool](), list[tuple[SealedCaseStep, str]]()
    for step in db.session.scalars(query).yield_per(limit):
        if step.case_id not in kept_out:
            kept_out[step.case_id] = rules.is_excluded(auditor.reach, shadows.standing(step.case.heading, auditor.id))
        if not kept_out[step.case_id] and auditor.reach.may(Permission.AUDIT_READ, unit_path=step.user.unit.path):
            rows.append((step, neutral_number(step.case)))
        if len(rows) == limit:
            break
    return rows


def asked_who(auditor: User, *, since: dt.datetime, on: dt.date) -> list[SealedReveal]:
    """Return who asked to learn who wrote since then, or waits: by the rule of :func:`steps_for`."""
    query = db.select(SealedReveal).where(or_(SealedReveal.asked_at >= since, SealedReveal.decided_at.is_(None)))
    shadows = Shadows(on)
    return [
        row
        for row in db.session.scalars(query.order_by(SealedReveal.id))
        if auditor.reach.may(Permission.AUDIT_READ, unit_path=row.asked_by.unit.path)
        if not rules.is_excluded(auditor.reach, shadows.standing(row.case.heading, auditor.id))
    ]


def neutral_number(case: SealedCase) -> str:
    """Return what stands for *case* where neither its code nor how many there are may be told."""
    return crypto.blind_index(f"sealed-number:{case.uid}")[:8].upper()
