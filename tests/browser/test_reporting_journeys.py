"""What goes up and what goes out: a unit's report to the unit above, and the open data that a journalist takes home."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from oversight.operations import report_duties
from tests import factories
from tests.axe import violations
from tests.browser.conftest import PHONE, NewPerson, Seat, Site, follow, issue, press, said
from tests.feedback import builders
from tests.oversight import cases, looks

REPORTS = "/can-bo/bao-cao"
HALF_YEAR = "Báo cáo 6 tháng"


def june(day: int) -> dt.datetime:
    """Return a morning of the month in which the half-year's reports are due."""
    return dt.datetime(2026, 6, day, 9, 0, tzinfo=LOCAL)


def write(page: Page) -> None:
    """Begin the half-year's report from data, and write what data cannot say."""
    page.goto(REPORTS)
    page.get_by_role("row", name=HALF_YEAR).get_by_role("button").click()
    expect(page.locator(".flashes")).to_contain_text("Đọc lại từng phần rồi trình ký.")
    for box in page.locator("textarea").all():
        if "…" in box.input_value():
            box.fill("Đã quán triệt, còn chậm ở khâu trả lời.")


def test_a_units_report_goes_up_is_consolidated_and_who_is_late_is_seen(site: Site, seat: Seat) -> None:
    site.now = june(9)
    with site.office() as province:
        report_duties.load_shipped(now=dt.datetime(2026, 1, 1, tzinfo=LOCAL))
        looks.standing_body(province)
        province.head.title = "Giám đốc"
        builders.answered(province, june(3))
        chairman = looks.superior(province)
        chairman.title = "Chủ tịch"
        clerk = factories.make_user(unit=province.root, roles=[Role.RECORDS])
        db.session.flush()
        made = {"head": province.head, "records": province.records, "chairman": chairman, "clerk": clerk, "front": province.front_reader}
        ids = {who: user.id for who, user in made.items()}

    # The unit drafts it from its data, its head signs, văn thư numbers; then it goes up.
    head = seat(ids["head"])
    write(head)
    assert violations(head) == []
    issue(site, head, head, seat(ids["records"]))
    head.goto(REPORTS)
    head.get_by_role("region", name="Đã soạn").get_by_role("link").click()
    with head.expect_download() as download:
        follow(head, "Bảng số liệu (XLSX)")
    assert Path(download.value.path()).stat().st_size > 0
    press(head, "Nộp cho Ủy ban nhân dân tỉnh")
    said(head, "Đã nộp báo cáo.")

    # The unit above accepts it, and its own report says who handed up and who did not.
    site.now = june(11)
    above = seat(ids["chairman"])
    above.goto(REPORTS)
    assert violations(above) == []
    above.get_by_role("region", name="Chờ tiếp nhận").get_by_role("link").click()
    press(above, "Tiếp nhận")
    said(above, "Đã tiếp nhận báo cáo.")
    write(above)
    units = above.locator("textarea", has_text="đơn vị đã nộp báo cáo")
    expect(units).to_have_value(re.compile("Chưa nộp: .*Sở Y tế"))
    expect(units).not_to_have_value(re.compile("Sở Xây dựng"))
    issue(site, above, above, seat(ids["clerk"]))
    above.goto(REPORTS)
    above.get_by_role("region", name="Đã soạn").get_by_role("link").click()
    press(above, "Nộp cho Ban Chỉ đạo thực hiện dân chủ ở cơ sở")
    said(above, "Đã nộp báo cáo.")

    # Once the day is over, MTTQ sees who is late.
    site.now = june(16)
    front = seat(ids["front"], width=PHONE)
    front.goto(f"{REPORTS}/ai-cham")
    expect(front.get_by_role("row", name="Sở Y tế").filter(has_text=HALF_YEAR)).to_contain_text("Quá hạn")
    expect(front.get_by_role("row", name="Sở Xây dựng").filter(has_text=HALF_YEAR)).to_contain_text("Đã tiếp nhận")
    assert violations(front) == []


def downloaded(page: Page, name: str) -> bytes:
    """Press the link of that name; return the file it gives."""
    with page.expect_download() as download:
        follow(page, name)
    return Path(download.value.path()).read_bytes()


def test_a_journalist_takes_the_open_data_and_nothing_is_left_with_them(site: Site, new_person: NewPerson) -> None:
    site.now = dt.datetime(2026, 11, 20, 9, 30, tzinfo=LOCAL)
    with site.office():
        scene = cases.make_scene()
        cases.write(scene, [cases.Case(unit=unit, opened=280, closed=6, state="done") for unit in (1, 1, 1, 4, 4) for _ in range(6)])
        cases.write(scene, [cases.Case(unit=3, opened=280, closed=6, state="done")])  # so few that they could be guessed
    page = new_person(width=PHONE)
    page.goto("/minh-bach")
    assert violations(page) == []
    row = page.get_by_role("row", name="Sở Xây dựng")
    expect(row).to_contain_text("18")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"ẩn[^.]*: Sở Y tế"))
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sở Xây dựng")
    assert violations(page) == []
    follow(page, "Số liệu của mọi đơn vị")
    follow(page, "Tải dữ liệu về")
    assert violations(page) == []
    table = list(csv.DictReader(io.StringIO(downloaded(page, "so-lieu.csv").decode("utf-8-sig"))))
    data = json.loads(downloaded(page, "so-lieu.json"))
    with page.expect_response("**/datapackage.json") as answer:
        follow(page, "datapackage.json")
    package = answer.value.json()
    described = {each["name"]: [field["name"] for field in each["schema"]["fields"]] for each in package["resources"]}
    assert described["so-lieu"] == list(table[0])
    assert len(data["rows"]) == len(table)
    assert page.context.cookies() == []
