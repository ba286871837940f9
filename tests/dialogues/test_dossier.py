"""The dossier: complete or not at a glance, archived once as a ZIP that can be verified, added to and never changed."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from pypdf import PdfReader

from app.access import NotAllowed
from app.assignments.rules import IllegalTransition
from app.database import db
from app.files import open_stored, store_ours
from app.files.content import PDF, ZIP
from app.permissions import Role
from dialogues import archiving, filing, lists, queries, verify
from dialogues.models import ConclusionAssignment, EarlierPromise
from dialogues.operations import dossier, papers, promises
from dialogues.operations.steps import ReasonMissing
from dialogues.rules import DOSSIER, PaperType, Status, StepRefused
from tests import factories
from tests.app.files.samples import pdf as sample_pdf
from tests.dialogues import builders
from tests.feedback.builders import MONDAY, at
from tests.feedback.pages import post, token

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

ADDRESS = "/can-bo/doi-thoai"
ENTRIES = {entry.code: entry for entry in DOSSIER}


def stored(name="bai-phat-bieu.pdf"):
    """Return a file that was uploaded."""
    return store_ours(sample_pdf(), name, PDF, MONDAY)


@pytest.fixture
def session(province, head):
    """A session whose result is out, with four papers numbered, a report written, the year's plan cited and six rows open."""
    session = builders.session_at(province, head, Status.PUBLISHED)
    for paper in session.papers:
        paper.signer, paper.signer_title = "Nguyễn Thị Bình", "Chủ tịch Ủy ban nhân dân phường"
    return session


def fill(session, actor):
    """Fill what is open: a speech by a file, the rest by the word that there is none."""
    dossier.add_file(session, ENTRIES["opening_speech"], stored(), caption="Khai mạc", actor=actor, now=MONDAY)
    for code in queries.empty_rows(session):
        dossier.say_absent(session, ENTRIES[code], "Buổi này không cần.", actor=actor, now=MONDAY)


def archived(session, head):
    """Archive as the page does."""
    now = at(40)
    fill(session, head)
    db.session.commit()
    archiving.keep_papers(session, now=now)
    prepared = archiving.prepare(session, by=head.name, now=now)
    with archiving.write(prepared) as made:
        file = store_ours(made, f"ho-so-{session.code}.zip", ZIP, now)
    dossier.archive(session, prepared, file, actor=head, now=now)
    return b"".join(open_stored(file))


def without_spaces(text):
    return "".join(text.split())


def test_a_row_is_filled_by_its_numbered_paper_by_the_years_plan_or_by_files(session, head, secretary):
    assert {row.entry.code for row in filing.rows(session) if row.filled} == {
        "year_plan",  # approved, cited by its number
        *("notice", "programme", "invitation", "conclusion"),
        "concerns",  # written and done here, though nobody made a paper of it
    }
    session.plan_line.plan.number = None
    plan = papers.draft_of_year(session.plan_line.plan, PaperType.YEAR_PLAN, actor=secretary, now=MONDAY)
    assert "year_plan" in queries.empty_rows(session)  # a draft fills nothing
    plan.state, plan.number, plan.numbered_on = "numbered", "01/KH-UBND", MONDAY.date()
    dossier.add_file(session, ENTRIES["official_letter"], stored(), caption="", actor=secretary, now=MONDAY)
    dossier.add_file(session, ENTRIES["other"], stored(), caption="", actor=secretary, now=MONDAY)
    rows = {row.entry.code: row for row in filing.rows(session)}
    assert rows["year_plan"].filled
    assert [len(rows[code].files) for code in ("official_letter", "other")] == [1, 1]


def test_what_there_is_not_needs_its_reason_and_what_there_is_cannot_be_absent(session, secretary):
    with pytest.raises(ReasonMissing):
        dossier.say_absent(session, ENTRIES["minutes"], "  ", actor=secretary, now=MONDAY)
    with pytest.raises(dossier.RowFilled):
        dossier.say_absent(session, ENTRIES["notice"], "Không cần.", actor=secretary, now=MONDAY)
    waits = papers.draft(session, PaperType.MINUTES, actor=secretary, now=MONDAY)
    dossier.say_absent(session, ENTRIES["minutes"], "Không lập.", actor=secretary, now=MONDAY)
    papers.send(waits, actor=secretary, now=MONDAY)
    with pytest.raises(dossier.PaperOnItsWay):
        dossier.say_absent(session, ENTRIES["minutes"], "Không lập.", actor=secretary, now=MONDAY)
    assert "minutes" in queries.empty_rows(session)  # what was said before it was written counts no more
    dossier.say_absent(session, ENTRIES["closing_speech"], "Không đọc.", actor=secretary, now=MONDAY)
    dossier.add_file(session, ENTRIES["closing_speech"], stored(), caption="", actor=secretary, now=MONDAY)
    row = next(row for row in filing.rows(session) if row.entry.code == "closing_speech")
    assert (row.filled, row.absent_why) == (True, "")
    dossier.remove_file(session, row.files[0], actor=secretary, now=MONDAY)
    assert "closing_speech" in queries.empty_rows(session)


def test_the_zip_holds_everything_in_order_with_its_hashes_and_an_index(session, head):
    given = ConclusionAssignment(duty="act", title="Nạo vét", unit_id=session.unit_id, state="taken", opened_at=MONDAY)
    db.session.add(given)
    db.session.flush()
    row = EarlierPromise(assignment_id=given.id, title="Lắp đèn", unit_name="Sở Xây dựng", done=False, why_not="Chưa có vốn.")
    session.earlier.append(row)
    data = archived(session, head)
    archive = zipfile.ZipFile(io.BytesIO(data))
    manifest = json.loads(archive.read("manifest.json"))
    told = {"07-bao-cao-du-luan": "giá đền bù", "08-bao-cao-kien-nghi-ky-truoc": "Lắp đèn (Sở Xây dựng). Lý do: Chưa có vốn."}
    assert [says in archive.read(f"{name}/01-ghi-tai-buoi.txt").decode() for name, says in told.items()] == [True, True]
    assert [row["code"] for row in manifest["rows"]] == [entry.code for entry in DOSSIER]
    assert [row["absent_why"] for row in manifest["rows"] if row["code"] == "minutes"] == ["Buổi này không cần."]
    paths = [file["path"] for row in manifest["rows"] for file in row["files"]]
    assert paths == sorted(paths)
    assert archive.namelist() == ["00-muc-luc.pdf", *paths, "manifest.json"]
    assert verify.faults(archive, verify.listed(manifest)) == []
    pages = PdfReader(io.BytesIO(archive.read("00-muc-luc.pdf"))).pages
    index = without_spaces("".join(page.extract_text() for page in pages))  # a number that is longer may break its line
    assert session.code in index
    assert session.papers[0].number in index
    assert without_spaces("Không có: Buổi này không cần.") in index
    assert without_spaces("01/KH-UBND 15/1/2026 Lưu tại cơ quan ban hành") in index
    assert (session.status, session.archive.size) == (Status.ARCHIVED, len(data))


def test_what_is_missing_is_not_archived_and_what_changed_meanwhile_neither(session, head):
    db.session.commit()
    archiving.keep_papers(session, now=at(40))
    prepared = archiving.prepare(session, by=head.name, now=at(40))
    with pytest.raises(StepRefused):
        dossier.archive(session, prepared, stored(), actor=head, now=at(40))
    fill(session, head)
    with pytest.raises(dossier.DossierChanged):
        dossier.archive(session, prepared, stored(), actor=head, now=at(40))
    assert session.status == Status.PUBLISHED


def test_once_archived_nothing_changes_but_addenda_are_added(session, head, secretary, province):
    with pytest.raises(IllegalTransition):
        dossier.add_addendum(session, "Sớm quá.", file=None, actor=secretary, now=MONDAY)
    archived(session, head)
    for change in (
        lambda: dossier.say_absent(session, ENTRIES["other"], "Không.", actor=secretary, now=MONDAY),
        lambda: dossier.add_file(session, ENTRIES["other"], stored(), caption="", actor=secretary, now=MONDAY),
        lambda: dossier.remove_file(session, session.files[0], actor=secretary, now=MONDAY),
    ):
        with pytest.raises(papers.Closed):
            change()
    rows = [(row.papers, row.files) for row in filing.rows(session)]
    given = ConclusionAssignment(session=session, duty="act", title="Nạo vét", unit=province.works, state="taken", opened_at=at(40))
    db.session.add(given)
    promises.keep(given, outcome="Xong.", proofs=[stored("anh.pdf")], caption="", actor=province.officer, now=at(41))
    assert [(row.papers, row.files) for row in filing.rows(session)] == rows  # what is proved afterwards stands with its promise
    dossier.add_addendum(session, "Tên ở trang 2 là Hùng.", file=stored("dinh-chinh.pdf"), actor=secretary, now=at(41))
    with pytest.raises(NotAllowed):
        dossier.add_addendum(session, "Khác.", file=None, actor=province.front_reader, now=at(41))
    with archiving.of_year(lists.archived(session.unit_id, 2026)) as made, zipfile.ZipFile(made) as year:
        code = session.code
        assert year.namelist() == [f"{code}.zip", f"{code}-bo-sung/01.txt", f"{code}-bo-sung/01-dinh-chinh.pdf", "manifest.json"]
        assert year.read(f"{code}.zip") == b"".join(open_stored(session.archive))
    assert lists.archived(session.unit_id, 2025) == []


def spoilt(data, change, path=""):
    """Return the dossier with one thing done to the file at *path*."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            kept = old.read(name)
            if name != path:
                new.writestr(name, kept)
            elif change != "missing":
                new.writestr(name, kept.replace(b"2026", b"2025") if change == "forged" else b"khac")
        if change == "added":
            new.writestr(path, b"them")
    return made.getvalue()


#: What is done to a dossier → what the command says of it.
SAID = {
    "nothing": "đúng như lúc lưu, so với bản lưu trên máy chủ",
    "changed 00-muc-luc.pdf": "00-muc-luc.pdf: đã bị sửa",
    "missing 00-muc-luc.pdf": "00-muc-luc.pdf: thiếu",
    "added them.pdf": "them.pdf: không có trong hồ sơ đã lưu",
    "changed manifest.json": "không phải hồ sơ",
    "missing manifest.json": "không phải hồ sơ",
    "forged manifest.json": "manifest.json: đã bị sửa",
    "cut off": "không phải hồ sơ",
}


def test_the_command_says_which_file_is_not_as_archived(app, session, head, tmp_path):
    data = archived(session, head)
    db.session.commit()
    file = tmp_path / "ho-so.zip"
    for change, says in SAID.items():
        file.write_bytes(data[:-100] if change == "cut off" else spoilt(data, *change.split()))
        result = app.test_cli_runner().invoke(args=["verify-dossier", str(file)])
        assert says in result.output, change
        assert result.exit_code == (change != "nothing"), change


def test_the_room_fills_archives_and_adds(client, session, province, secretary):
    factories.sign_in(client, secretary)
    room = f"{ADDRESS}/{session.code}/ho-so"
    assert "Thiếu 6 trên 12 mục" in client.get(room).text
    post(client, f"{room}/opening_speech/tep", {"file": (io.BytesIO(sample_pdf()), "Khai mạc.pdf"), "caption": "Khai mạc"})
    file = session.files[0]
    assert client.get(f"{room}/tep/{file.id}").data.startswith(b"%PDF-")
    assert "Hồ sơ còn dòng trống" in client.post(f"{room}/luu", data={"csrf_token": token(client, room)}, follow_redirects=True).text
    post(client, f"{room}/minutes/khong-co", {"why": "Buổi này không cần."})
    fill(session, secretary)
    db.session.commit()
    page = client.get(room).text
    assert [each in page for each in ("Đủ 12 mục", "5 mục ghi không có", "Muốn kèm bản kế hoạch")] == [True] * 3
    assert "đã có tài liệu" in post(client, f"{room}/notice/khong-co", {"why": "Không."}).text
    assert post(client, f"{room}/luu", page=room).status_code == 303
    assert session.status == Status.ARCHIVED
    assert "Muốn kèm bản kế hoạch" not in client.get(room).text
    assert client.get(f"{room}/ho-so.zip").data[:2] == b"PK"
    with client.get(f"{room}/ca-nam.zip") as answer:
        assert answer.data[:2] == b"PK"
    elsewhere = builders.draft(province, archive=session.archive, archived_at=session.archived_at)
    elsewhere.place_id = None
    factories.sign_in(other := client.application.test_client(), factories.make_user(roles=[(Role.OFFICER, province.place)]))
    db.session.commit()
    with other.get(f"{room}/ca-nam.zip") as answer:  # who prepares what is held in one place gets what is held there
        assert [code in str(answer.data) for code in (session.code, elsewhere.code)] == [True, False]
    scan = {"text": "Tên ở trang 2 là Hùng.", "file": (io.BytesIO(sample_pdf()), "dinh-chinh.pdf")}
    assert post(client, f"{room}/bo-sung", scan).status_code == 303
    assert client.get(f"{room}/bo-sung/{session.addenda[0].id}").data.startswith(b"%PDF-")
    assert "Tên ở trang 2 là Hùng." in client.get(room).text
    assert client.get(f"{room}/khong-biet/tep").status_code == 404


def test_a_file_is_taken_out_by_its_button(client, session, secretary):
    dossier.add_file(session, ENTRIES["other"], stored(), caption="", actor=secretary, now=MONDAY)
    factories.sign_in(client, secretary)
    room = f"{ADDRESS}/{session.code}/ho-so"
    post(client, f"{room}/tep/{session.files[0].id}/bo", page=room)
    db.session.refresh(session)
    assert session.files == []
