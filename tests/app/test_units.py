"""Units: who may change them, what their end does, signing chains, the import, the reference data."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import zipfile
from dataclasses import dataclass
from typing import Any

import openpyxl
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app import reference
from app.access import NotAllowed
from app.accounts.models import User
from app.audit import entries_about
from app.database import db
from app.permissions import Role
from app.units import importing, operations, queries, rules, sheets
from app.units.models import Place, Unit, UnitKind
from app.units.operations import Heir, UnitFacts
from tests.factories import make_field, make_place, make_unit, make_user

TODAY = dt.date(2026, 11, 23)
TOMORROW = TODAY + dt.timedelta(days=1)
NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)


NAMES = {
    "1": "Ủy ban nhân dân phường Kinh Bắc",
    "2": "Ủy ban nhân dân phường Võ Cường",
    "3": "Sở Xây dựng",
    "4": "Phòng Kinh tế, hạ tầng phường Kinh Bắc",
    "5": "Phòng Kinh tế phường Bắc Giang",
} | {str(number): f"Ủy ban nhân dân xã Thứ {number}" for number in range(10, 21)}


@pytest.mark.parametrize(
    ("typed", "same", "near"),
    [
        ("so xay dung", ["3"], ["3"]),
        ("UBND phường Kinh Bắc", ["1"], ["1"]),
        ("phường kinh bắc", [], ["1", "4"]),
        ("Xây dựng tỉnh", [], ["3"]),
        ("Uỷ ban nhân dân xã", [], []),  # eleven are no answer
        ("Trường Hoa Hồng", [], []),
        ("kinh bắc", [], ["1", "4"]),
        ("bắc kinh", [], ["5", "1", "4"]),
        ("ban nhạc", [], []),  # one word of two
        ("?!", [], []),
        ("", [], []),
    ],
)
def test_a_unit_is_found_by_what_a_person_would_write(typed: str, same: list[str], near: list[str]) -> None:
    assert rules.called(typed, NAMES) == same
    assert rules.alike(typed, NAMES) == near


def facts(**over: Any) -> UnitFacts:
    values: dict[str, Any] = {
        "code": "phong-moi",
        "name": "Phòng mới",
        "short_name": "Phòng mới",
        "kind": UnitKind.DEPARTMENT,
        "level": "commune",
        "valid_from": TODAY,
    }
    return UnitFacts(**(values | over))


@pytest.fixture
def chief(app: Flask) -> User:
    return make_user(roles=[(Role.ADMINISTRATOR, None)])


# --- the signing chain -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps",
    [
        ["division_head", "office", "signer", "records"],
        ["office", "signer", "records"],
        ["signer", "records"],
        ["signer"],
        ["office", "signer"],
    ],
)
def test_a_chain_that_ends_signed_is_fine(steps: list[str]) -> None:
    rules.check_chain(steps)


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([], "empty"),
        (["office"], "no_signer"),
        (["office", "records"], "no_signer"),
        (["signer", "signer"], "twice"),
        (["records", "signer"], "order"),
        (["signer", "office"], "order"),
        (["signer", "office", "records"], "order"),
        (["records", "signer", "office"], "order"),
    ],
)
def test_a_chain_that_leads_nowhere_is_refused_by_name(steps: list[str], why: str) -> None:
    with pytest.raises(rules.ChainInvalid) as refusal:
        rules.check_chain(steps)
    assert refusal.value.why == why


def test_a_unit_signs_as_the_one_above_unless_it_has_a_chain_of_its_own(chief: User) -> None:
    top = make_unit()
    middle = make_unit(parent=top)
    below = make_unit(parent=middle)
    assert queries.signing_chain(below) == ["signer", "records"]
    operations.set_signing_chain(top, ["office", "signer", "records"], actor=chief, now=NOW)
    assert queries.signing_chain(below) == ["office", "signer", "records"]
    operations.set_signing_chain(middle, ["signer"], actor=chief, now=NOW)
    assert queries.signing_chain(below) == ["signer"]
    operations.set_signing_chain(middle, [], actor=chief, now=NOW)
    assert queries.signing_chain(below) == ["office", "signer", "records"]
    with pytest.raises(rules.ChainInvalid):
        operations.set_signing_chain(top, [], actor=chief, now=NOW)


# --- which successor takes what ----------------------------------------------------------------------------------------------


@dataclass
class Row:
    name: str
    place_id: int | None
    field_id: int | None
    effective_on: dt.date = TODAY


ALL, AREA, FIELD, BOTH = Row("all", None, None), Row("area", 1, None), Row("field", None, 2), Row("both", 1, 2)


@pytest.mark.parametrize(
    ("rows", "place_id", "field_id", "on", "winner"),
    [
        ([ALL, AREA, FIELD, BOTH], 1, 2, TODAY, "both"),
        ([ALL, AREA, FIELD], 1, 2, TODAY, "area"),
        ([ALL, FIELD], 1, 2, TODAY, "field"),
        ([ALL, AREA, FIELD, BOTH], 7, 8, TODAY, "all"),
        ([ALL, AREA, FIELD, BOTH], None, None, TODAY, "all"),
        ([AREA, FIELD], 7, 8, TODAY, None),
        ([ALL], 1, 2, TODAY - dt.timedelta(days=1), None),
        ([ALL, Row("later", None, None, TOMORROW)], 1, 2, TODAY, "all"),
        ([ALL, Row("later", None, None, TOMORROW)], 1, 2, TOMORROW, "later"),
    ],
)
def test_what_says_most_about_a_matter_takes_it(
    rows: list[Row], place_id: int | None, field_id: int | None, on: dt.date, winner: str | None
) -> None:
    found = rules.successor(rows, place_id=place_id, field_id=field_id, on=on)
    assert (found.name if found else None) == winner


# --- making, changing, moving -------------------------------------------------------------------------------------------------


def test_a_unit_moves_with_all_below_it(chief: User) -> None:
    old, new = make_unit(), make_unit()
    unit = make_unit(parent=old, code="phong-moi")
    below = make_unit(parent=make_unit(parent=unit))
    operations.change_unit(unit, facts(), parent=new, actor=chief, now=NOW)
    assert unit.path == f"{new.path}{unit.id}/"
    assert below.path.startswith(unit.path)
    assert queries.above(below)[-1] is new
    assert "parent_id" in entries_about(unit)[-1].facts["changed"]


def test_a_unit_never_stands_below_itself(chief: User) -> None:
    unit = make_unit(code="phong-moi")
    for parent in (unit, make_unit(parent=make_unit(parent=unit))):
        with pytest.raises(operations.UnitCircle):
            operations.change_unit(unit, facts(), parent=parent, actor=chief, now=NOW)


def test_two_units_never_share_a_code(chief: User) -> None:
    make_unit(code="phong-moi")
    with pytest.raises(operations.CodeTaken):
        operations.create_unit(facts(), parent=None, actor=chief, now=NOW)
    with pytest.raises(operations.CodeTaken):
        operations.change_unit(make_unit(), facts(), parent=None, actor=chief, now=NOW)
    assert operations.code_for("Phòng mới") == "phong-moi-2"


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        ("add below", True),
        ("add at the top", False),
        ("add elsewhere", False),
        ("change below", True),
        ("change itself", False),
        ("change elsewhere", False),
        ("move below away", False),
        ("chain of itself", True),
        ("chain elsewhere", False),
        ("end itself", False),
        ("add a field", False),
    ],
)
def test_an_administrator_of_a_commune_changes_what_is_below_it_only(app: Flask, verb: str, *, allowed: bool) -> None:
    province = make_unit()
    commune, other = make_unit(parent=province), make_unit(parent=province)
    office = make_unit(parent=commune)
    by: dict[str, Any] = {"actor": make_user(unit=commune, roles=[Role.ADMINISTRATOR]), "now": NOW}
    field: dict[str, Any] = {"code": "a", "name": "A", "hint": "", "insider": False, "regulation": False, "copied_to": None}
    acts = {
        "add below": lambda: operations.create_unit(facts(), parent=office, **by),
        "add at the top": lambda: operations.create_unit(facts(), parent=None, **by),
        "add elsewhere": lambda: operations.create_unit(facts(), parent=other, **by),
        "change below": lambda: operations.change_unit(office, facts(), parent=commune, **by),
        "change itself": lambda: operations.change_unit(commune, facts(), parent=province, **by),
        "change elsewhere": lambda: operations.change_unit(other, facts(), parent=province, **by),
        "move below away": lambda: operations.change_unit(office, facts(), parent=other, **by),
        "chain of itself": lambda: operations.set_signing_chain(commune, ["signer"], **by),
        "chain elsewhere": lambda: operations.set_signing_chain(other, ["signer"], **by),
        "end itself": lambda: operations.close_unit(commune, last_day=TODAY, heirs=[Heir(other)], today=TODAY, **by),
        "add a field": lambda: operations.create_field(**field, **by),
    }
    if allowed:
        acts[verb]()
    else:
        with pytest.raises(NotAllowed):
            acts[verb]()


# --- the end of a unit --------------------------------------------------------------------------------------------------------


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int | None, int | None]]:
    seen: list[tuple[int, int | None, int | None]] = []

    def move(row: Any, **_: Any) -> int:
        seen.append((row.to_id, row.place_id, row.field_id))
        return 2

    monkeypatch.setattr(operations, "on_succession", [move])
    return seen


def test_what_is_open_moves_on_the_day_after_the_last_the_most_specific_first(chief: User, moved: list[Any]) -> None:
    unit, rest, part = make_unit(), make_unit(), make_unit()
    place, field = make_place(), make_field()
    heirs = [Heir(rest), Heir(part, place=place), Heir(part, place=place, field=field)]
    assert operations.close_unit(unit, last_day=TODAY, heirs=heirs, actor=chief, today=TODAY, now=NOW) == 0
    assert moved == []
    assert operations.apply_successions(actor=chief, today=TOMORROW, now=NOW) == 6
    assert moved == [(part.id, place.id, field.id), (part.id, place.id, None), (rest.id, None, None)]
    assert operations.apply_successions(actor=chief, today=TOMORROW, now=NOW) == 0

    def answers(place_id: int | None, on: dt.date) -> Unit | None:
        return queries.answering_unit(unit, place_id=place_id, field_id=None, on=on)

    assert answers(place.id, TODAY) is unit
    assert answers(place.id, TOMORROW) is part
    assert answers(None, TOMORROW) is rest
    assert [entry.action for entry in entries_about(unit)] == ["unit.closed", *["unit.succeeded"] * 3]


def test_a_unit_that_ended_yesterday_hands_over_at_once(chief: User, moved: list[Any]) -> None:
    unit, heir = make_unit(), make_unit()
    yesterday = TODAY - dt.timedelta(days=1)
    assert operations.close_unit(unit, last_day=yesterday, heirs=[Heir(heir)], actor=chief, today=TODAY, now=NOW) == 2
    assert not unit.exists_on(TODAY)


def test_the_successor_of_the_successor_answers(chief: User, moved: list[Any]) -> None:
    first, second, third = make_unit(), make_unit(), make_unit()
    for unit, heir in ((first, second), (second, third)):
        operations.close_unit(unit, last_day=TODAY, heirs=[Heir(heir)], actor=chief, today=TODAY, now=NOW)
    assert queries.answering_unit(first, place_id=None, field_id=None, on=TOMORROW) is third


@pytest.mark.parametrize(
    ("case", "refusal"),
    [
        ("units below are still there", operations.UnitStillHasUnits),
        ("it would end before it began", operations.UnitDatesInvalid),
        ("nobody takes the rest", operations.UnitNeedsSuccessor),
        ("it would succeed itself", operations.UnitDatesInvalid),
        ("the successor is gone", operations.UnitDatesInvalid),
        ("the successor has not begun", operations.UnitDatesInvalid),
        ("the successor handed this very part to it", operations.UnitCircle),
    ],
)
def test_an_end_that_would_leave_items_with_nobody_is_refused(chief: User, case: str, refusal: type[Exception], moved: list[Any]) -> None:
    unit, heir, place = make_unit(), make_unit(), make_place()
    heirs, last_day = [Heir(heir)], TODAY
    if case == "units below are still there":
        make_unit(parent=unit)
    elif case == "it would end before it began":
        last_day = unit.valid_from - dt.timedelta(days=1)
    elif case == "nobody takes the rest":
        heirs = [Heir(heir, place=place)]
    elif case == "it would succeed itself":
        heirs = [Heir(unit)]
    elif case == "the successor is gone":
        heir.valid_to = TODAY
    elif case == "the successor has not begun":
        heir.valid_from = TODAY + dt.timedelta(days=2)
    else:
        operations.hand_part_over(heir, Heir(unit, place=place), effective_on=TODAY, actor=chief, today=TODAY, now=NOW)
        heirs = [Heir(make_unit()), Heir(heir, place=place)]
    with pytest.raises(refusal):
        operations.close_unit(unit, last_day=last_day, heirs=heirs, actor=chief, today=TODAY, now=NOW)


def test_the_tree_shows_who_is_there_on_the_day(chief: User) -> None:
    top = make_unit(name="Ủy ban")
    b, a = make_unit(parent=top, name="Đội B"), make_unit(parent=top, name="Đội A")
    gone = make_unit(parent=top, valid_to=TODAY - dt.timedelta(days=1))

    def shown(**how: Any) -> list[tuple[int, int]]:
        return [(unit.id, depth) for unit, depth in queries.tree(on=TODAY, **how) if unit.path.startswith(top.path)]

    assert shown() == [(top.id, 0), (a.id, 1), (b.id, 1)]
    assert (gone.id, 1) in shown(closed=True)
    assert [unit for unit, _depth in queries.matching(queries.tree(on=TODAY), "doi b")] == [b]


def test_fields_keep_their_order_when_one_moves(chief: User) -> None:
    rows = [make_field() for _ in range(3)]
    operations.move_field(rows[2], up=True, actor=chief, now=NOW)
    operations.move_field(rows[0], up=True, actor=chief, now=NOW)
    assert [field for field in queries.fields() if field in rows] == [rows[0], rows[2], rows[1]]


# --- the import -------------------------------------------------------------------------------------------------------------


def sheet(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


HEAD = ["Mã", "Tên", "Loại", "Cấp", "Mã đơn vị cấp trên", "Địa bàn", "Có bộ phận tiếp nhận", "E-mail", "Từ ngày"]


def row(number: int = 2, **over: str) -> dict[str, str]:
    return {"code": f"pb-{number}", "name": f"Phòng {number}", "kind": "phòng", "level": "xã", "row": str(number)} | over


def test_a_sheet_becomes_units_whatever_the_order_of_its_rows(chief: User) -> None:
    place = make_place(name="Tam Sơn Thử", kind="ward")
    content = sheet(
        HEAD,
        ["vp", "Văn phòng", "Văn phòng", "xã", "ubnd-x", "", "có", "vp@x.example", dt.date(2025, 7, 1)],
        ["ubnd-x", "Ủy ban nhân dân phường Tam Sơn Thử", "UBND", "xã", "", "phường Tam Sơn Thử", "không", "", "1/7/2025"],
        [None, None, None, None],
        ["", "Phòng Kinh tế", "department", "commune", "ubnd-x", place.code, "x", "", ""],
    )
    report = importing.check(sheets.read(content), reach=chief.reach, today=TODAY)
    assert report.faults == []
    assert importing.carry_out(report, actor=chief, now=NOW) == 3
    office, committee, division = (queries.unit_by_code(code) for code in ("vp", "ubnd-x", "phong-kinh-te"))
    assert office is not None
    assert committee is not None
    assert division is not None
    assert (office.parent_id, office.is_reception, office.kind) == (committee.id, True, "office")
    assert (committee.place_id, committee.valid_from) == (place.id, dt.date(2025, 7, 1))
    assert (division.place_id, division.valid_from, division.path) == (place.id, TODAY, f"{committee.path}{division.id}/")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_as_spreadsheets_write_it(delimiter: str, encoding: str) -> None:
    text = delimiter.join(["Tên", "Loại", "Cấp"]) + "\r\n" + delimiter.join(["Phòng Văn hóa", "phòng", "xã"]) + "\r\n"
    assert sheets.read(text.encode(encoding)) == [{"name": "Phòng Văn hóa", "kind": "phòng", "level": "xã", "row": "2"}]


@pytest.mark.parametrize(
    ("cells", "column", "why"),
    [
        ({"name": ""}, "name", "missing"),
        ({"name": "x" * 201}, "name", "long"),
        ({"name": "\u200b\u200b"}, "name", "missing"),
        ({"kind": ""}, "kind", "missing"),
        ({"kind": "câu lạc bộ"}, "kind", "kind"),
        ({"level": "huyện"}, "level", "level"),
        ({"parent": "khong-co"}, "parent", "parent"),
        ({"place": "phường Không Có"}, "place", "place"),
        ({"place": "Trùng Tên"}, "place", "two_places"),
        ({"is_reception": "chắc vậy"}, "is_reception", "yes_no"),
        ({"email": "không phải"}, "email", "email"),
        ({"valid_from": "31/2/2026"}, "valid_from", "date"),
        ({"valid_from": "1/1/9999"}, "valid_from", "date"),
        ({"valid_from": "1/1/0001"}, "valid_from", "date"),
        ({"code": "Mã Có Dấu"}, "code", "code"),
        ({"code": "da-co"}, "code", "taken"),
        ({"code": "=1+1"}, "code", "code"),
    ],
)
def test_each_bad_cell_is_named(chief: User, cells: dict[str, str], column: str, why: str) -> None:
    make_unit(code="da-co")
    make_place(name="Trùng Tên", kind="ward")
    make_place(name="Trùng Tên", kind="commune")
    report = importing.check([row(2), row(3, **cells)], reach=chief.reach, today=TODAY)
    assert (3, column, why) in [(fault.row, fault.column, fault.why) for fault in report.faults]
    assert [good.code for good, _parent in report.good] == ["pb-2"]


def test_a_code_twice_in_the_file_is_bad_in_both_rows(chief: User) -> None:
    report = importing.check([row(2, code="hai"), row(3, code="hai"), row(4)], reach=chief.reach, today=TODAY)
    assert [(fault.row, fault.why) for fault in report.faults] == [(2, "repeated"), (3, "repeated")]
    assert report.bad_rows == 2


def test_a_name_twice_below_the_same_unit_is_bad(chief: User) -> None:
    above = make_unit(code="tren")
    make_unit(parent=above, name="Phòng Đã Có")
    rows = [row(2, name="Phòng A"), row(3, name="phòng a"), row(4, name="Phòng Đã Có", parent="tren"), row(5, name="Phòng Đã Có")]
    report = importing.check(rows, reach=chief.reach, today=TODAY)
    assert [(fault.row, fault.why) for fault in report.faults] == [(3, "repeated_name"), (4, "taken_name")]
    assert importing.carry_out(report, actor=chief, now=NOW) == 2


def test_a_row_below_a_bad_row_is_bad_too_and_so_is_a_circle(chief: User) -> None:
    rows = [row(2, code="a", kind="?"), row(3, code="b", parent="a"), row(4, code="c", parent="d"), row(5, code="d", parent="c")]
    report = importing.check(rows, reach=chief.reach, today=TODAY)
    assert [(fault.row, fault.why) for fault in report.faults] == [(2, "kind"), (3, "parent_bad"), (4, "parent_bad"), (5, "parent_bad")]
    assert report.good == []


def test_an_import_stays_below_the_administrators_unit(app: Flask) -> None:
    commune = make_unit(code="xa-minh")
    make_unit(code="xa-khac")
    local = make_user(unit=commune, roles=[Role.ADMINISTRATOR])
    rows = [row(2, parent="xa-minh"), row(3, parent="xa-khac"), row(4)]
    report = importing.check(rows, reach=local.reach, today=TODAY)
    assert [(fault.row, fault.why) for fault in report.faults] == [(3, "scope"), (4, "scope")]
    assert importing.carry_out(report, actor=local, now=NOW) == 1


def bomb() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (sheets.MOST_BYTES_UNPACKED + 1))
    return output.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"x" * (sheets.MOST_BYTES + 1), "large"),
        (b"PK\x03\x04 no archive", "type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old .xls", "type"),
        (b"%PDF-1.7\n\x00\x01", "type"),
        ("Tên,Loại,Cấp\n".encode(), "empty"),
        ("Tên,Địa chỉ\nA,B\n".encode(), "columns"),
        ("Tên,Loại,Cấp\n".encode() + "A,phòng,xã\n".encode() * (sheets.MOST_ROWS + 1), "rows"),
        ("Tên,Loại,Cấp\nA\x00,phòng,xã\n".encode(), "type"),
    ],
)
def test_a_file_that_is_no_list_of_units_is_refused_by_name(content: bytes, why: str) -> None:
    with pytest.raises(sheets.FileUnreadable) as refusal:
        sheets.read(content)
    assert refusal.value.why == why


def test_a_zip_bomb_is_not_unpacked() -> None:
    content = bomb()
    assert len(content) < sheets.MOST_BYTES
    with pytest.raises(sheets.FileUnreadable) as refusal:
        sheets.read(content)
    assert refusal.value.why == "large"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    with contextlib.suppress(sheets.FileUnreadable):
        sheets.read(content)


# --- reference data ----------------------------------------------------------------------------------------------------------


def test_reference_data_loads_once_and_stays(app: Flask) -> None:
    reference.load()
    reference.load_communes("24")
    db.session.commit()
    before = db.session.scalar(db.select(db.func.count()).select_from(Place))
    reference.load()
    reference.load_communes("24")
    assert db.session.scalar(db.select(db.func.count()).select_from(Place)) == before
    assert len(queries.provinces()) == 34
    ward = db.session.scalars(db.select(Place).where(Place.name == "Việt Yên")).one()
    assert (ward.full_name, ward.folded, ward.parent and ward.parent.name) == ("phường Việt Yên", "viet yen", "Bắc Ninh")
    with pytest.raises(reference.ProvinceUnknown):
        reference.load_communes("99")
