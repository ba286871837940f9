"""A file as it came: who opens it, why, and by a link that soon ends."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app import clock, files
from app.audit import ACTIONS
from app.database import db
from app.files import links
from app.permissions import Role
from feedback.models import Attachment
from feedback.operations import originals
from feedback.rules import DENUNCIATION, IdentityScope
from feedback.sealed.models import SealedCase
from tests import factories
from tests.app.files.samples import photo_with_place, word
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.page_forms import form_of

PHOTO = photo_with_place()


@pytest.fixture
def at(app, province):
    """Return somebody, or who of the province has that name, at their desk."""
    return lambda who: AtDesk(app, getattr(province, who) if isinstance(who, str) else who)


def sent(province, **over: Any):
    """An item with a photo that says where it was taken; return the page of its original."""
    item = builders.taken(province, clock.now(), **over)
    photo = files.store_upload(io.BytesIO(PHOTO), "anh.jpg", clock.now())
    item.attachments.append(Attachment(file=photo, by_sender=True))
    db.session.commit()
    return item, f"/can-bo/y-kien/{item.code}/tep/{photo.uid}/ban-goc"


def opened(item):
    return [entry.facts["reason"] for entry in builders.entries_about(item) if entry.action == "feedback.original_opened"]


def ask(person: AtDesk, page: str, **also: Any) -> TestResponse:
    """Send a reason to *page*, whether it shows a form or not: the token of the button that signs out is as good."""
    token = form_of(person.client.get("/can-bo/tim"), "/dang-xuat").values["csrf_token"]
    return person.client.post(page, data={"reason": "authenticity", "csrf_token": token} | also)


def test_the_original_opens_for_a_recorded_reason(province, at):
    item, page = sent(province)
    officer = at("officer")

    assert page in officer.get(f"/can-bo/y-kien/{item.code}")
    assert "Chọn lý do" in officer.fill(page, status=422)
    assert opened(item) == []

    answer = ask(officer, page)
    kept = officer.client.get(answer.location)
    assert (kept.data, opened(item)) == (PHOTO, ["authenticity"])
    assert kept.headers["Content-Disposition"].startswith("attachment; ")
    assert (kept.headers["Cache-Control"], kept.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "sandbox" in kept.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("who", "status"), [("officer", 200), ("clerk", 200), ("front_reader", 404), ("health_head", 404)])
def test_the_original_is_for_whoever_may_know_who_wrote(province, at, who: str, status: int):
    item, page = sent(province)
    person = at(who)

    person.get(page, status)
    assert ask(person, page).status_code == (303 if status == 200 else 404)
    assert len(opened(item)) == (status == 200)


def test_a_link_is_good_for_its_person_and_its_file_and_not_for_long(province, at, monkeypatch):
    _, page = sent(province)
    _, other = sent(province)
    link = ask(at("officer"), page).location

    assert at("officer").client.get(link).status_code == 200
    assert at("clerk").client.get(link).status_code == 404
    assert at("officer").client.get(other + link.removeprefix(page)).status_code == 404
    body, _, seal = link.rpartition(".")
    assert at("officer").client.get(f"{body}.{'a' if seal[0] != 'a' else 'b'}{seal[1:]}").status_code == 404
    monkeypatch.setattr(links, "LINK_MINUTES", -1)
    assert at("officer").client.get(link).status_code == 404


def test_what_is_kept_from_the_unit_is_opened_by_two_people_only(province, at, monkeypatch):
    item, page = sent(province, identity_scope=IdentityScope.RECEPTION)
    colleague = factories.make_user(unit=province.clerk.unit, roles=[Role.RECEPTION], name="Lưu Thị Đồng")
    clerk, other = at("clerk"), at(colleague)

    assert "phải có hai người đồng ý" in clerk.get(page)
    for _twice in range(2):
        assert ask(clerk, page).location == page
    assert "Đã xin mở" in clerk.get(page)
    assert ask(clerk, page, agree_with=province.clerk.id).status_code == 403  # nobody agrees with themselves
    assert ask(other, page, agree_with=colleague.id + 10**6).status_code == 303  # who never asked
    assert opened(item) == []

    assert f"Đồng ý cho {province.clerk.name} mở" in other.get(page)
    namesake = at(factories.make_user(unit=province.clerk.unit, roles=[Role.RECEPTION], name=province.clerk.name))
    assert "Đồng ý cho" not in namesake.get(page)
    for _twice in range(2):
        assert ask(other, page, agree_with=province.clerk.id).status_code == 303
    link = ask(clerk, page).location
    assert clerk.client.get(link).data == PHOTO
    assert ask(other, page).location == page  # who agreed has not asked
    actions = [entry.action.removeprefix("feedback.original_") for entry in builders.entries_about(item) if "original_" in entry.action]
    assert actions == ["asked", "agreed", "opened", "asked"]

    monkeypatch.setattr(originals, "HOLDS", dt.timedelta(0))  # a day later
    assert "phải có hai người đồng ý" in clerk.get(page)


def test_the_record_says_which_file_and_names_nobody():
    assert ACTIONS["feedback.original_opened"] == {"attachment_id", "reason"}


def test_who_reads_a_sealed_case_is_warned_of_its_files_as_everybody_is(app, reader):
    file = files.store_upload(io.BytesIO(word(word__vbaProject_dot_bin=b"\xd0\xcf")), "don.docx", clock.now())
    builders.submit(kind=DENUNCIATION, files=(file,), token="t")
    case = db.session.scalars(db.select(SealedCase)).one()
    db.session.commit()
    shown = AtDesk(app, reader).fill(f"/can-bo/to-cao/{case.uid}", status=200, conflict="no", reason="Xem lần đầu")
    assert "có macro: chương trình chạy trong tệp" in shown
