"""The register as files: the part and the columns that are seen, no formula, nobody's name."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from app.administration import sentences
from app.audit import AuditEntry
from app.database import db
from app.permissions import Role
from oversight import register as queries
from oversight import words
from oversight.register import columns
from tests.factories import make_user, sign_in
from tests.feedback import builders
from tests.oversight.test_register import promised as promised
from tests.oversight.test_register import register as register

SHEET = "/can-bo/viec-da-cam-ket/bang-tinh"


def sheet(client, query):
    with client.get(f"{SHEET}.xlsx?{query}") as answer:
        return openpyxl.load_workbook(io.BytesIO(answer.data)).active


def table(client, query):
    with client.get(f"{SHEET}.csv?{query}") as answer:
        text = answer.data.decode()
    assert text.startswith("\ufeff"), "Excel reads Vietnamese only behind this mark"
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_the_spreadsheet_holds_the_same_rows_to_work_with_and_to_print_and_no_formula(client, register):
    sign_in(client, make_user(roles=[(Role.FRONT, None)]))

    made = sheet(client, "xem=all&viec=answer&cot=han,viec,don-vi,tinh-trang,giao,so-khac")

    assert (made["A1"].value, made["A2"].value.split(".")[0]) == ("Sổ theo dõi việc đã hứa", "Tất cả; trả lời")
    heads = {cell.value: cell.column for cell in made[3]}
    rows = [{head: made.cell(line, column) for head, column in heads.items()} for line in (4, 5)]
    assert made.max_row == 5
    assert all(cell.data_type != "f" for row in made for cell in row)
    assert all("Đường hỏng" in row["Việc"].value and row["Việc"].alignment.wrap_text for row in rows)
    assert {row["Số ở hệ thống khác"].value for row in rows} == {"PAKN.Việt Yên", "PAKN.Kinh Bắc"}
    assert all(row["Giao ngày"].is_date for row in rows)
    assert (made.freeze_panes, made.auto_filter.ref, made.print_title_rows) == ("C4", "A3:M5", "$3:$3")
    assert (made.page_setup.orientation, made.column_dimensions["C"].width > 30) == ("landscape", True)


def test_both_files_hold_the_chosen_columns_of_the_seen_part_in_its_order(client, register):
    sign_in(client, make_user(roles=[(Role.FRONT, register["Việt Yên"])]))
    query = "xem=all&xep=newest&cot=tuoi,chuyen"

    rows, made = table(client, query), sheet(client, query)

    heads = ["Mã", "Việc", "Ý kiến về việc", "Xã, phường", "Lĩnh vực", "Số văn bản trả lời", "Ngày văn bản trả lời",
             "Số ngày từ khi giao", "Số lần chuyển"]  # fmt: skip
    assert list(rows[0]) == heads == [cell.value for cell in made[3]]
    assert [row["Việc"] for row in rows] == ["'=Đường hỏng ở Việt Yên"], "what looks like a formula is shown, and the rest is not theirs"
    assert made.max_row == 4


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_who_takes_the_register_away_is_recorded(client, ending):
    taker = make_user(roles=[(Role.FRONT, None)])
    sign_in(client, taker)
    who = taker.id
    client.get(f"{SHEET}.{ending}").close()
    (entry,) = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "register.exported"))
    assert (entry.actor_id, entry.facts) == (who, {"ending": ending})
    assert sentences.tell([entry])[0].text == f"tải sổ theo dõi việc đã hứa về máy (tệp {ending})"


@pytest.mark.parametrize(
    ("codes", "seen"),
    [
        ([], list(columns.DEFAULT)),
        (["khong-co"], list(columns.DEFAULT)),
        (["tre,giao"], ["viec", "giao", "tre"]),
        (["tre", "giao", "viec"], ["viec", "giao", "tre"]),
        (["viec"], ["viec"]),
    ],
)
def test_an_address_chooses_columns_and_says_them_in_one_way(codes, seen):
    chosen = columns.chosen(codes)

    assert [column.code for column in chosen] == seen
    assert columns.chosen([columns.argument(chosen)]) == chosen


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_names_somebody_is_masked_in_the_file_that_leaves_the_site(client, promised, ending):
    sign_in(client, promised[0].front_reader)

    cells = str(list(sheet(client, "xem=all").values)) if ending == "xlsx" else str(table(client, "xem=all"))

    assert "[…] phản ánh đèn tắt" in cells
    assert "Hoa" not in cells


def test_a_file_longer_than_a_batch_holds_each_promise_once(client, promised, monkeypatch):
    province, _feedback = promised
    monkeypatch.setattr("oversight.register.BATCH", 2)
    for _ in range(3):
        builders.answered(province)
    db.session.commit()
    sign_in(client, province.front_reader)

    for query in ("xem=all", "xem=all&xep=late"):
        lines = [(row["Mã"], row["Việc"]) for row in table(client, query)]
        assert len(set(lines)) == len(lines) == 5


def test_who_takes_out_a_long_file_is_told_how_much_comes(client, register, monkeypatch):
    sign_in(client, make_user(roles=[(Role.FRONT, None)]))
    assert "Tệp dài" not in client.get("/can-bo/viec-da-cam-ket?xem=all").text

    numbers = {duty: dict.fromkeys(words.VIEWS, number) for duty, number in (("answer", 238_000), ("act", 801))}
    monkeypatch.setattr(queries, "counts", lambda *_asked: numbers)
    assert "bảng tính chừng 18 MB, CSV chừng 58 MB" in client.get("/can-bo/viec-da-cam-ket?xem=all").text
