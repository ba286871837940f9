"""Which sealed cases a person may know of; nothing else is asked of the register."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

from app import crypto
from app.accounts.models import User
from app.accounts.queries import granted, reach_of
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from feedback import codes
from feedback.sealed import rules
from feedback.sealed.models import SealedCase, SealedCaseStep


def all_is_readable(*, on: dt.date) -> bool:
    """Say whether every case has a reader, whatever unit it is about: two for the whole install, and no top unit is above both."""
    trees = []
    for reader in granted(Permission.SEALED_READ, on=on):
        reach = reach_of(reader, on=on)
        if reach.may(Permission.SEALED_READ):
            trees.append({path.split("/")[1] for path in (reader.unit.path, *reach.serves())})
    return bool(trees) and not set.intersection(*trees)


def open_to(reader: User, *, before: SealedCase | None = None, unopened: bool = False) -> Iterator[SealedCase]:
    """Yield the cases that *reader* may know of, the newest first: those older than *before*, or those nobody has opened."""
    query = db.select(SealedCase).order_by(SealedCase.id.desc())
    if before is not None:
        query = query.where(SealedCase.id < before.id)
    if unopened:
        query = query.where(~SealedCase.steps.any(SealedCaseStep.kind == rules.SealedStep.OPENED))
    cases = db.session.scalars(query).all()
    paths = dict(db.session.execute(db.select(Unit.id, Unit.path)).all()) if cases else {}
    for case in cases:
        if may_open(reader, case, paths.get(case.heading.accused_unit_id)):
            yield case


def may_open(reader: User, case: SealedCase, accused_path: str | None = None) -> bool:
    """Say whether *reader* may know of *case*; the path of the accused unit is looked up unless given."""
    unit_id = case.heading.accused_unit_id
    if accused_path is None and unit_id is not None:
        accused_path = db.session.scalar(db.select(Unit.path).where(Unit.id == unit_id))
    return rules.may_know(reader.reach, accused_path=accused_path, own_path=reader.unit.path)


def by_uid(uid: uuid.UUID, reader: User) -> SealedCase | None:
    """Return that case; None alike where there is none and where *reader* may not know of it."""
    case = db.session.scalar(db.select(SealedCase).where(SealedCase.uid == uid))
    return case if case is not None and may_open(reader, case) else None


def by_code_and_key(code: str, key: str, reader: User) -> SealedCase | None:
    """Return the case whose slip carries both; None alike for a wrong code, a wrong key and a case not for *reader*."""
    try:
        index = crypto.blind_index(f"sealed:{codes.read_code(code)}")
    except codes.CodeInvalid:
        return None
    case = db.session.scalar(db.select(SealedCase).where(SealedCase.code_index == index))
    if case is None or not crypto.digest_matches(codes.read_key(key), case.key_digest):
        return None
    return case if may_open(reader, case) else None
