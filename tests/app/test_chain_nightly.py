"""What happens with the chain by itself and what people see of it: the night, the alarm, the pages, the command."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock, heartbeat, settings
from app.access import SYSTEM
from app.accounts import rights
from app.audit import AuditEntry
from app.chain import jobs, queries, verifying
from app.chain.models import AuditAnchor, AuditCheck, AuditLink
from app.chain.rules import anchors_in
from app.database import db
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from app.permissions import Role
from tests import factories
from tests.app.test_chain import by_hand, write
from tests.feedback.builders import MONDAY, at


@pytest.fixture
def now(monkeypatch):
    def play(instant: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    play(at(1, 3))
    return play


@pytest.fixture
def unit(fresh_app):
    found = factories.make_unit()
    db.session.commit()
    by_hand("DELETE FROM role_grant")  # nobody has a role that no entry tells of
    write(found, 5)
    return found


@pytest.fixture
def reader(unit):
    """Reads all of the record, by a role that the record tells of."""
    user = factories.make_user(unit=unit, name="Phạm Thị Đọc")
    rights.write(user, Role.AUDITOR, unit=None, place=None, starts_on=MONDAY.date(), ends_on=None, actor=SYSTEM, now=MONDAY)
    db.session.commit()
    return user


def told(template: str) -> list[Notice]:
    return list(db.session.scalars(db.select(Notice).where(Notice.template == f"chain/notices/{template}").order_by(Notice.id)))


def tamper() -> int:
    """Change the newest entry about a unit by hand, and return its id."""
    wrong = db.session.scalar(db.select(db.func.max(AuditEntry.id)).where(AuditEntry.action == "unit.closed"))
    by_hand(f"UPDATE audit_entry SET subject_id = subject_id + 1 WHERE id = {wrong}")
    return wrong


def test_every_night_a_whole_record_is_anchored_and_the_anchor_mailed_and_carried_elsewhere_once(unit, now, fresh_app, tmp_path):
    settings.change("anchor_address", "luu.tru@bacninh.example", actor=SYSTEM, now=MONDAY)
    db.session.commit()
    fresh_app.config["ANCHOR_DIR"] = str(tmp_path)
    for _ in range(2):  # may run twice
        jobs.check()
    (row,) = queries.anchors()
    (mailed,) = told("anchor")
    (file,) = tmp_path.iterdir()
    written = letter(mailed)
    assert (written.to, mailed.channel) == ("luu.tru@bacninh.example", Channel.EMAIL)
    assert anchors_in(written.text) == anchors_in(written.html) == anchors_in(file.read_text("utf-8"))
    assert [(anchor.seq, anchor.hash) for anchor in anchors_in(written.text)] == [(row.seq, row.hash)]
    assert heartbeat.last(jobs.CHECKER).faults == 0


def test_every_hour_what_was_written_since_is_anchored_and_carried_elsewhere_but_mailed_at_night_alone(unit, now, fresh_app, tmp_path):
    settings.change("anchor_address", "luu.tru@bacninh.example", actor=SYSTEM, now=MONDAY)
    db.session.commit()
    fresh_app.config["ANCHOR_DIR"] = str(tmp_path)
    for written in (1, 0, 2):  # an hour in which nothing was written needs no anchor
        write(unit, written)
        jobs.seal()
        jobs.anchor()
    assert len(queries.anchors()) == len(list(tmp_path.iterdir())) == 2
    assert (queries.anchors()[0].seq, told("anchor")) == (queries.last_link().seq, [])
    jobs.check()
    assert len(told("anchor")) == 1


def test_a_folder_that_is_away_is_a_fault_and_gets_what_it_lacks_when_it_is_back(unit, now, fresh_app, tmp_path):
    folder = tmp_path / "away"
    fresh_app.config["ANCHOR_DIR"] = str(folder)
    jobs.check()
    assert heartbeat.last(jobs.CHECKER).faults == 1
    folder.mkdir()
    write(unit, 1)
    now(at(2, 3))
    jobs.check()
    assert (len(list(folder.iterdir())), heartbeat.last(jobs.CHECKER).faults) == (2, 0)


def test_a_record_that_is_not_whole_gets_no_anchor_and_is_told_to_who_reads_it(reader, now, client_of, fresh_app):
    jobs.seal()
    tamper()
    jobs.check()
    on_site, mailed = told("broken")
    assert {on_site.user.name, mailed.user.name} == {"Phạm Thị Đọc"}
    with fresh_app.test_request_context():
        assert "thấy 1 chỗ" in sentence(on_site)
    assert "audit verify" in letter(mailed).text
    assert db.session.scalar(db.select(AuditAnchor.id)) is None
    assert client_of().get("/healthz").json["record"] == "faulty"


def test_one_fault_found_at_night_leaves_no_later_hour_without_an_anchor(unit, now, fresh_app, tmp_path):
    fresh_app.config["ANCHOR_DIR"] = str(tmp_path)
    jobs.seal()
    tamper()
    jobs.check()
    found = verifying.verify(today=clock.today()).faults
    assert found
    write(unit, 1)
    jobs.seal()
    jobs.anchor()
    assert [row.seq for row in queries.anchors()] == [queries.last_link().seq]
    assert len(list(tmp_path.iterdir())) == 1
    assert verifying.verify(today=clock.today()).faults == found, "an anchor hides nothing"


@pytest.fixture
def pieces(monkeypatch):
    """The check looks at two links in a job; return what does all the jobs that wait, however often each runs."""
    waiting = []
    monkeypatch.setattr(jobs, "LINKS", 2)
    monkeypatch.setattr(jobs, "enqueue", lambda *call: waiting.append(call))

    def through(*, twice: bool = False) -> int:
        done = 0
        while waiting:
            job, *place = waiting.pop()
            for _ in range(1 + twice):
                job(*place)
            done += 1
        return done

    return through


def test_a_long_record_is_checked_in_pieces_that_go_on_where_the_last_was(unit, now, pieces):
    jobs.check()
    assert db.session.scalars(db.select(AuditCheck.upto)).all() == [2]
    assert db.session.scalar(db.select(AuditAnchor.id)) is None
    jobs.check()  # the worker was killed, or it is the next night
    assert db.session.scalars(db.select(AuditCheck.upto)).all() == [4]
    assert pieces() >= 1
    assert (queries.anchors()[0].seq, heartbeat.last(jobs.CHECKER).faults) == (queries.last_link().seq, 0)
    assert db.session.scalar(db.select(AuditCheck.id)) is None


def test_a_fault_in_any_piece_is_told_once_though_each_piece_runs_twice(reader, now, pieces):
    jobs.seal()
    first = db.session.scalars(db.select(AuditLink).order_by(AuditLink.seq)).first()
    by_hand(f"UPDATE audit_entry SET subject_id = subject_id + 1 WHERE id = {first.entry_id}")
    jobs.check()
    pieces(twice=True)
    assert [notice.facts["found"] for notice in told("broken")] == [1, 1]  # on the site and by mail
    assert (db.session.scalar(db.select(AuditAnchor.id)), heartbeat.last(jobs.CHECKER).faults) == (None, 1)


def test_nobody_with_the_database_alone_says_how_far_the_check_is(reader, now, pieces):
    jobs.seal()
    first = db.session.scalars(db.select(AuditLink).order_by(AuditLink.seq)).first()
    by_hand(f"UPDATE audit_entry SET subject_id = subject_id + 1 WHERE id = {first.entry_id}")
    jobs.check()
    by_hand(f"UPDATE audit_check SET upto = {queries.last_link().seq - 1}, found = 0")
    pieces()
    jobs.check()  # the next night
    pieces()
    assert heartbeat.last(jobs.CHECKER).faults == 1


def test_a_sealer_that_stands_still_is_an_alarm(unit, now, client_of):
    jobs.check()
    client = client_of()
    assert client.get("/healthz").json["record"] == "ok"
    now(at(1, 3) + dt.timedelta(minutes=31))
    assert client.get("/healthz").json["record"] == "silent"
    jobs.seal()
    assert client.get("/healthz").json["record"] == "ok"


@pytest.fixture
def client_of(fresh_app):
    def make(user=None):
        client = fresh_app.test_client()
        if user is not None:
            factories.sign_in(client, user)
        return client

    return make


def test_who_reads_the_record_sees_of_each_line_whether_it_is_sealed_and_as_it_was(reader, client_of):
    jobs.seal()
    write(reader.unit, 1)
    client = client_of(reader)
    lines = client.get("/quan-tri/nhat-ky?viec=unit").text
    assert ("chưa khóa" in lines, "số khóa" in lines, "bị sửa sau khi khóa" in lines) == (True, True, False)
    jobs.seal()
    tamper()
    lines = client.get("/quan-tri/nhat-ky?viec=unit").text
    assert (lines.count("bị sửa sau khi khóa"), "chưa khóa" in lines) == (1, False)


def test_the_anchors_are_a_page_to_print(reader, client_of):
    client = client_of(reader)
    assert "Chưa có mốc nào" in client.get("/quan-tri/nhat-ky/moc").text
    jobs.check()
    (row,) = queries.anchors()
    page = client.get("/quan-tri/nhat-ky/moc").text
    assert row.hash[:8] + " " + row.hash[8:16] in page
    assert f">{row.seq}<" in page
    assert "Chưa có mốc nào" in client.get("/quan-tri/nhat-ky/moc?truoc=1").text


@pytest.mark.usefixtures("unit")
def test_the_command_prints_an_anchor_and_holds_the_record_against_one(fresh_app, tmp_path):
    run = fresh_app.test_cli_runner().invoke
    printed = run(args=["audit", "anchor"])
    file = tmp_path / "mốc.txt"
    file.write_text(printed.output, "utf-8")
    (anchor,) = anchors_in(printed.output)
    for given in ([], ["--anchor", str(file)], ["--anchor", f"{anchor.seq}:{anchor.hash}", "--anchor", str(file)]):
        done = run(args=["audit", "verify", *given])
        assert (done.exit_code, "Nhật ký nguyên vẹn." in done.output) == (0, True), done.output
    done = run(args=["audit", "verify", "--anchor", f"{anchor.seq}:{'0' * 64}"])
    assert (done.exit_code, "KHÔNG nguyên vẹn: 1 chỗ sai" in done.output) == (1, True)
    assert run(args=["audit", "verify", "--anchor", "không có tệp này"]).exit_code == 2
    assert run(args=["audit", "verify", "--anchor", "5:abc"]).exit_code == 2


@pytest.mark.usefixtures("unit")
def test_the_command_says_which_line_was_changed_and_what_it_says_now(fresh_app):
    jobs.seal()
    wrong = tamper()
    link = db.session.scalars(db.select(AuditLink).where(AuditLink.entry_id == wrong)).one()
    done = fresh_app.test_cli_runner().invoke(args=["audit", "verify"])
    assert done.exit_code == 1
    assert f"Dòng nhật ký số {wrong} bị sửa sau khi khóa (số khóa {link.seq}" in done.output
    assert "unit.closed" in done.output
