"""Units from the rows of a spreadsheet: saying what is wrong with which row, and making the units.

Checking changes nothing; every bad row is named by its number, its column and what is wrong there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from email_validator import EmailNotValidError, validate_email

from app import audit
from app.access import require
from app.database import db
from app.fold import fold
from app.permissions import Permission, Reach
from app.text import TextTooLong, clean_line
from app.units.models import UnitKind
from app.units.operations import UnitFacts, create_unit
from app.units.queries import communes, unit_by_code, unit_named

LONGEST = {"code": 60, "name": 200, "short_name": 100, "email": 200, "phone": 40, "address": 300, "tax_code": 20}

#: What a kind may be called besides its code, folded.
KINDS = {
    "uy ban nhan dan": UnitKind.GOVERNMENT,
    "ubnd": UnitKind.GOVERNMENT,
    "so ban nganh phong": UnitKind.DEPARTMENT,
    "so": UnitKind.DEPARTMENT,
    "phong": UnitKind.DEPARTMENT,
    "van phong": UnitKind.OFFICE,
    "thanh tra": UnitKind.INSPECTORATE,
    "cong an": UnitKind.POLICE,
    "don vi su nghiep cong lap": UnitKind.SERVICE,
    "don vi su nghiep": UnitKind.SERVICE,
    "doanh nghiep": UnitKind.ENTERPRISE,
    "hoi dong nhan dan": UnitKind.COUNCIL,
    "hdnd": UnitKind.COUNCIL,
    "co quan dang": UnitKind.PARTY,
    "mat tran to quoc": UnitKind.FRONT,
    "mttq": UnitKind.FRONT,
    "to chuc chinh tri xa hoi": UnitKind.MASS,
    "ban chi dao": UnitKind.STEERING,
} | {fold(kind): kind for kind in UnitKind}
LEVELS = {"tinh": "province", "cap tinh": "province", "province": "province", "xa": "commune", "cap xa": "commune", "commune": "commune"}
YES_NO = {"": False, "khong": False, "no": False, "0": False, "false": False, "co": True, "x": True, "yes": True, "1": True, "true": True}

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]*")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell.

    *why* is missing, long, code, taken, repeated, taken_name, repeated_name, kind,
    level, parent, parent_bad, scope, place, two_places, yes_no, email or date.
    """

    row: int
    column: str
    why: str
    value: str


@dataclass
class Report:
    """What the rows of a file would make."""

    rows: list[dict[str, str]]
    good: list[tuple[UnitFacts, str]] = field(default_factory=list)  # with the code of the parent, parents first
    faults: list[Fault] = field(default_factory=list)

    @property
    def bad_rows(self) -> int:
        """How many rows have something wrong."""
        return len({fault.row for fault in self.faults})


def check(rows: Sequence[Mapping[str, str]], *, reach: Reach, today: dt.date) -> Report:
    """Return what *rows* would make and everything that is wrong with them; nothing is changed."""
    report = Report([dict(row) for row in rows])
    places: dict[str, list[int]] = {}
    for place in communes():
        for spelling in {place.code, fold(place.name), fold(place.full_name)}:
            places.setdefault(spelling, []).append(place.id)
    codes = [fold_code(row) for row in rows]
    good: dict[str, tuple[int, UnitFacts, str]] = {}
    names: set[tuple[str, str]] = set()
    for code, row in zip(codes, rows, strict=True):
        reader = _Row(row, report.faults)
        facts = reader.facts(code, places, today)
        reader.check_taken(code, codes, names)
        if reader.parent not in codes:
            reader.check_parent(reach, facts)
        if reader.fine and facts is not None:
            good[code] = (reader.number, facts, reader.parent)
    report.good = list(_parents_first(good, set(codes), report.faults))
    report.faults.sort(key=lambda fault: fault.row)
    return report


def carry_out(report: Report, *, actor: Any, now: dt.datetime) -> int:
    """Make the good units of *report*, parents first; return how many. :raise NotAllowed:."""
    require(actor.reach.may_anywhere(Permission.SETTINGS_MANAGE))
    made = [create_unit(facts, parent=unit_by_code(parent) if parent else None, actor=actor, now=now) for facts, parent in report.good]
    if made:
        audit.record(actor, "units.imported", made[0], at=now, rows=len(made))
    db.session.flush()
    return len(made)


def fold_code(row: Mapping[str, str]) -> str:
    """Return the code of *row*, or one made of its name."""
    return _text(row, "code").lower() or fold(_text(row, "name")).replace(" ", "-")[: LONGEST["code"]].strip("-")


def _text(row: Mapping[str, str], column: str) -> str:
    return str(row.get(column, "") or "").strip()


class _Row:
    """One row on its way to a unit, collecting what is wrong."""

    def __init__(self, row: Mapping[str, str], faults: list[Fault]) -> None:
        self._row, self._faults = row, faults
        self.number = int(row["row"])
        self.parent = _text(row, "parent")
        self.fine = True

    def fault(self, column: str, why: str) -> None:
        self.fine = False
        self._faults.append(Fault(self.number, column, why, _text(self._row, column)[:80]))

    def check_taken(self, code: str, codes: Sequence[str], names: set[tuple[str, str]]) -> None:
        """Find a fault in a code or name that another row or unit has; *names* are those of the rows before."""
        if codes.count(code) > 1:
            self.fault("code", "repeated")
        elif unit_by_code(code) is not None:
            self.fault("code", "taken")
        name = (self.parent, fold(_text(self._row, "name")))
        if name in names:
            self.fault("name", "repeated_name")
        names.add(name)

    def check_parent(self, reach: Reach, facts: UnitFacts | None) -> None:
        """Find a fault in a parent that is not in the file: unknown, out of reach, or with a unit of that name below it."""
        above = unit_by_code(self.parent) if self.parent else None
        if self.parent and above is None:
            self.fault("parent", "parent")
        elif not reach.may(Permission.SETTINGS_MANAGE, unit_path=above.path if above else None):
            self.fault("parent", "scope")
        elif facts is not None and unit_named(facts.name, parent_id=above.id if above else None) is not None:
            self.fault("name", "taken_name")

    def facts(self, code: str, places: Mapping[str, Sequence[int]], today: dt.date) -> UnitFacts | None:
        """Return the row's facts, or None where something is wrong."""
        texts = {column: self._line(column) for column in LONGEST}
        if not texts["name"]:
            self.fault("name", "missing")
        if not _CODE.fullmatch(code):
            self.fault("code", "code")
        if texts["email"] and not _is_email(texts["email"]):
            self.fault("email", "email")
        kind = self._choice("kind", KINDS)
        level = self._choice("level", LEVELS)
        is_reception = self._choice("is_reception", YES_NO, why="yes_no")
        place_id, valid_from = self._place(places), self._day(today)
        if not self.fine or kind is None or level is None:
            return None
        return UnitFacts(
            code=code,
            name=texts["name"],
            short_name=texts["short_name"] or texts["name"],
            kind=kind,
            level=level,
            place_id=place_id,
            is_reception=bool(is_reception),
            email=texts["email"] or None,
            phone=texts["phone"] or None,
            address=texts["address"] or None,
            tax_code=texts["tax_code"] or None,
            valid_from=valid_from,
        )

    def _line(self, column: str) -> str:
        try:
            return clean_line(_text(self._row, column), LONGEST[column])
        except TextTooLong:
            self.fault(column, "long")
            return ""

    def _choice(self, column: str, choices: Mapping[str, Any], why: str = "") -> Any:
        value = _text(self._row, column)
        if (said := fold(value)) in choices and (said or not value):
            return choices[said]
        self.fault(column, (why or column) if value else "missing")
        return None

    def _place(self, places: Mapping[str, Sequence[int]]) -> int | None:
        value = _text(self._row, "place")
        if not value:
            return None
        found = places.get(value) or places.get(fold(value), ())
        if len(found) != 1:
            self.fault("place", "two_places" if found else "place")
            return None
        return found[0]

    def _day(self, today: dt.date) -> dt.date:
        value = _text(self._row, "valid_from")
        if not value:
            return today
        try:
            match = _DAY_FIRST.fullmatch(value)
            day = dt.date(int(match[3]), int(match[2]), int(match[1])) if match else dt.date.fromisoformat(value[:10])
        except ValueError:
            self.fault("valid_from", "date")
            return today
        if not dt.date(1900, 1, 1) <= day <= dt.date(2100, 12, 31):
            self.fault("valid_from", "date")
        return day


def _is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _parents_first(
    good: dict[str, tuple[int, UnitFacts, str]], in_file: Collection[str], faults: list[Fault]
) -> Iterator[tuple[UnitFacts, str]]:
    """Yield the good rows so that each comes after its parent; a row whose parent's row is bad is bad too."""
    waiting, ready = dict(good), set()
    while True:
        next_ones = [code for code, (_row, _facts, parent) in waiting.items() if parent not in in_file or parent in ready]
        if not next_ones:
            break
        for code in next_ones:
            _row, facts, parent = waiting.pop(code)
            ready.add(code)
            yield facts, parent
    faults.extend(Fault(row, "parent", "parent_bad", parent) for row, _facts, parent in waiting.values())
