"""`run.py attack`: what it makes of what the scanners say. The scanners themselves take an hour and run outside the suite."""

from __future__ import annotations

import tomllib
from collections import Counter

import pytest

from running.attack import command, pages, report, scanners, wapiti
from running.attack.pages import Sent
from running.attack.report import Finding, Outcome
from running.attack.scanners import SCANNERS
from running.attack.target import Site, shape
from running.attack.tools import Run
from running.attack.walking import Read, Walker
from running.install import Refused


@pytest.fixture
def page(tmp_path, monkeypatch):
    """An empty page, and a list with one accepted finding and one that is met no more."""
    monkeypatch.setattr(report, "PAGE", tmp_path / "attack.md")
    monkeypatch.setattr(report, "ACCEPTED", tmp_path / "accepted.toml")
    rows = [("bandit", "B101 *", "asserts tell the type checker"), ("bandit", "B999 app/gone.py", "was so once")]
    text = "".join(f'[[accepted]]\nscanner = "{name}"\nfinding = "{finding}"\nreason = "{why}"\n' for name, finding, why in rows)
    report.ACCEPTED.write_text(text)
    return report.PAGE


def outcome(scanner: str, *findings: str) -> Outcome:
    return Outcome(
        scanner, "1.0", f"{scanner} .", findings=[Finding(scanner, name) for name in findings], answers=Counter({"200": 7, "404": 3})
    )


def test_only_what_is_accepted_with_a_reason_is_no_finding(page):
    bad = report.write(outcome("bandit", "B101 app/x.py: assert row[0]", "B608 app/x.py: SELECT"), day="2026-11-23", minutes=60)

    said = page.read_text()
    assert bad == 1
    assert "Not accepted:\n\n- `B608 app/x.py: SELECT`" in said
    assert "Accepted: asserts tell the type checker\n\n- `B101 app/x.py: assert row[0]`" in said
    assert "not met in this run:\n\n- `B999 app/gone.py`" in said
    assert "10 requests" in said


def test_the_part_of_a_scanner_that_did_not_run_stays_as_it_was(page):
    report.write(outcome("bandit"), day="2026-11-22", minutes=60)
    report.write(outcome("wapiti", "XSS: GET /"), day="2026-11-22", minutes=60)
    report.write(outcome("bandit"), day="2026-11-23", minutes=60)

    said = page.read_text()
    assert "`XSS: GET /`" in said
    assert (said.count("2026-11-22"), said.count("2026-11-23")) == (1, 1)


def test_services_that_know_no_weakness_at_all_were_not_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(scanners, "outcome_of", lambda name, _package: Outcome(name, "1.0", name))
    monkeypatch.setattr(
        Run, "do", lambda *_args, **_given: 'No known vulnerabilities found\n{"dependencies": [{"name": "jinja2", "vulns": []}]}'
    )

    [missing] = SCANNERS["pip-audit"][0](Run(tmp_path, 1)).missing

    assert "jinja2==2.4.1" in missing


def test_what_was_not_done_is_said_and_fails_the_command(page, monkeypatch, capsys):
    def unwell(_run: Run) -> Outcome:
        raise Refused("Trang để thử không mở được.", "The site to attack did not start.")

    monkeypatch.setattr(report, "HERE", page.parent)
    monkeypatch.setattr(command, "SCANNERS", {"bandit": (unwell, 1), "pip-audit": (lambda _run: outcome("pip-audit"), 1)})

    assert command.attack(["bandit", "pip-audit"], page.parent / "kept", 1) == 2
    assert (
        "| Result | **not done** |\n\nNot done: Refused: Trang để thử không mở được. The site to attack did not start" in page.read_text()
    )
    assert "bandit: KHÔNG LÀM ĐƯỢC (NOT DONE)" in capsys.readouterr().out


def test_each_parameter_is_tried_once_by_whoever_meets_it_first():
    known: set[tuple[str, str, str]] = set()
    visitor = Sent("GET", "/y-kien", "/y-kien", (("q", "duong"), ("lang", "vi")), ("q", "lang"))
    officer = Sent("GET", "/viec", "/viec", (("q", "duong"), ("lang", "vi")), ("q", "lang"))
    button = Sent("POST", "/viec/<int:id>/xong", "/viec/7/xong", (("csrf_token", "t"),), ())
    code = Sent("GET", "/y-kien/<code>", "/y-kien/BN-26*", (), ())

    assert [each.new for each in pages.news([visitor, officer, visitor, button, code, code], known)] == [("q", "lang"), ("q",), ()]


@pytest.mark.parametrize(("answer", "said"), [("302", True), ("200", False)])
def test_a_role_to_whom_its_pages_were_not_opened_is_named(tmp_path, monkeypatch, answer, said):
    """It was once: the scanner was told to send no cookie, and who it was to be stayed signed in, unused."""
    asked = tmp_path / "asked.txt"
    monkeypatch.setattr(Run, "do", lambda *_args, **_given: asked.write_text(f"{answer} GET /can-bo/viec?xem=1 HTTP/1.1\n") and "")
    done = Outcome("wapiti", "1.0", "wapiti .")
    wapiti._as(Site(tmp_path, 1), "a head", Run(tmp_path, 1), done, share=1, starts=["/can-bo/viec?xem=1"], listening="")

    assert ("as a head: of 1 addresses that it opens, 0 were opened to it" in done.missing) is said


@pytest.mark.strictest_database
def test_what_a_view_looks_for_is_tried_whether_or_not_a_page_sends_it(app, monkeypatch):
    monkeypatch.setattr(app.request_class, "parameter_storage_class", Read)
    walker = Walker(app, address="http://localhost", cookie="", but=())
    for path in ("/api/v1/feedback", "/tra-cuu", "/can-bo/viec"):
        walker.open(walker.rule(path), path)
    sent = {(each.method, each.rule, name) for each in walker.sent() for name in each.new}

    assert {("GET", "/api/v1/feedback", name) for name in ("q", "unit", "cursor", "limit")} <= sent, "its view reads them"
    assert {("POST", "/tra-cuu", name) for name in ("code", "key")} <= sent, "its form sends them"
    assert set(walker.opened) == {"/api/v1/feedback", "/tra-cuu"}, "who is not signed in opens nothing of staff"
    assert walker.marked("/da-tra-loi/BN-26-7K3FQ2-9?x=1") == "/da-tra-loi/BN-26-7K3FQ2-9*"


def test_every_accepted_finding_has_a_scanner_and_a_reason():
    for row in tomllib.loads(report.ACCEPTED.read_text())["accepted"]:
        assert row["scanner"] in {*SCANNERS, "site"}
        assert len(row["reason"]) > 20, row


def test_a_form_is_read_as_a_browser_would_send_it():
    page = pages.Page()
    page.feed(
        """<a href="/y-kien?trang=2">2</a>
        <form method="post" action="/gui"><input name="csrf_token" value="t"><input type="file" name="f">
        <input type="radio" name="kind" value="report"><input type="radio" name="kind" value="question">
        <textarea name="body"></textarea>
        <select name="field"><option value="">Chọn</option><option value="duong" selected>Đường</option></select>
        <button name="go">Gửi</button></form>"""
    )
    [(method, action, values)] = page.forms
    assert (method, action, page.links) == ("POST", "/gui", ["/y-kien?trang=2"])
    assert [name for name, _value in values] == ["csrf_token", "kind", "body", "field", "go"]
    assert {"kind": "report", "field": "duong"}.items() <= dict(values).items()


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("/y-kien/BN-7K3M-22/tra-loi?t=1", "/y-kien/…/tra-loi"),
        ("/api/v1/units/12", "/api/v1/units/…"),
        ("/quan-tri/don-vi", "/quan-tri/don-vi"),
    ],
)
def test_an_address_is_named_without_what_differs_from_run_to_run(path, same):
    assert shape(path) == same
