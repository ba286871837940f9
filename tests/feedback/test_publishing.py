"""Nothing is published unread: suggestions are taken or not, the public page is looked at, and what was looked at is what comes out."""

from __future__ import annotations

import re

import pytest

from app import clock, previews
from app.database import db
from feedback.models import Feedback
from feedback.operations import publishing
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import MONDAY, Province, at
from tests.feedback.page_forms import form_of, press

BODY = "Ông Trần Văn Nam, số nhà 12, gọi 0912 345 678 không ai nghe. nguyen thi hoa cung the."
CHANGED = "Trang công khai vừa khác với trang đã xem"


@pytest.fixture
def province(app, monkeypatch) -> Province:
    monkeypatch.setattr(clock, "now", lambda: at(2))
    return builders.make_province()


@pytest.fixture
def item(province) -> Feedback:
    """An answered item with a promise, whose sender agreed."""
    feedback = builders.taken(province, MONDAY, publish_consent=True, body=BODY)
    builders.answer(province, feedback, at(1), points=[builders.promised(at(20).date())])
    db.session.commit()
    return feedback


def test_what_is_of_the_visit_is_not_of_the_page():
    page = '<main id="noi-dung" class="wrap">{}<form><input type="hidden" name="csrf_token" value="{}"></form>Đèn tắt.</main>'
    crumb, flashes = '<nav class="crumb">x</nav>', '<div class="flashes" role="status"><p>Đã gỡ.</p></div>'
    assert previews.content(page.format(crumb + flashes, "a1")) == previews.content(page.format("", "b2")) == "<form></form>Đèn tắt."


class Desk(AtDesk):
    """The clerk at the copy of one item."""

    def __init__(self, app, user, item) -> None:
        super().__init__(app, user)
        self.path = f"/can-bo/y-kien/{item.code}/dang"

    def send(self, shown, status=200, **typed):
        """Fill in the form of the page *shown*; its buttons are `do`."""
        answer = press(self.client, form_of(shown, self.path if shown.request.method == "POST" else ""), to=self.path, **typed)
        assert answer.status_code == status, answer.text[-2000:]
        return answer

    def look(self, **typed):
        return self.send(self.client.get(self.path), **typed)


@pytest.fixture
def desk(app, province, item) -> Desk:
    return Desk(app, province.clerk, item)


def to_read(page: str) -> str:
    """Return the public page within a page that previews it, without what marks it."""
    return re.sub("</?mark>", "", previews.content(page).split("<hr>")[1]).strip()


def public(app, item) -> str:
    with app.test_client() as citizen:
        return previews.content(citizen.get(f"/da-tra-loi/{item.code}").text)


def test_what_was_looked_at_is_byte_for_byte_what_is_then_public(app, desk, item):
    shown = desk.look(text="Ông […] ở số nhà 12\nkhông ai nghe & “chờ”.")
    assert "<mark>số nhà 12</mark>" in shown.text
    assert "Chưa đăng. " in shown.text
    db.session.refresh(item)
    assert item.published_at is None, "a look leaves nothing behind"
    assert "feedback.published" not in builders.actions(item)
    assert "Đọc lại bản công khai rồi đánh dấu" in desk.send(shown, do="publish", status=422).text
    assert desk.send(shown, do="publish", checked="y", status=303).location.endswith(item.code)
    db.session.refresh(item)
    assert "số nhà 12\nkhông" in item.public_text
    assert public(app, item) == to_read(shown.text)
    assert "Thay đèn" in to_read(shown.text), "what was promised stands there too"


def test_what_the_machine_suggests_is_taken_or_not_in_the_original_and_in_the_copy(desk, item):
    first = desk.client.get(desk.path).text
    for found in ("Ông Trần Văn Nam", "số nhà 12", "0912 345 678", "nguyen thi hoa"):
        assert f"<mark>{found}</mark>" in first
        assert f'value="{found}" checked' in first
    again = desk.send(desk.client.get(desk.path), do="cover", cover=["Ông Trần Văn Nam", "0912 345 678"]).text
    assert "[…], số nhà 12, gọi […] không ai nghe. nguyen thi hoa cung the.</textarea>" in again
    shown = desk.look(text="Ông Trần Văn Nam, số nhà 12.")
    for button in ("more", "publish"):  # a tick is heard whatever is pressed
        covered = desk.send(shown, do=button, cover="Ông Trần Văn Nam", checked="y").text
        assert "[…], <mark>số nhà 12</mark>." in covered
    assert "số nhà 12.</textarea>" in desk.send(shown, do="back").text
    db.session.refresh(item)
    assert item.published_at is None


def test_whom_it_is_about_is_found_however_rare_the_name(desk, item):
    item.accused_names = "Ma Rông, đội trưởng"
    db.session.commit()
    assert "<mark>ma rong</mark> hẹn mãi" in desk.look(text="Ông ma rong hẹn mãi.").text


def test_what_changed_after_the_look_is_looked_at_again(app, desk, province, item):
    shown = desk.look(text="Bản của cửa sổ thứ nhất.", checked="y")
    publishing.publish(item, title="Đèn", text="Bản của cửa sổ thứ hai.", reply="", actor=province.clerk, now=at(2))
    db.session.commit()
    asked = desk.send(shown, do="publish", checked="y", status=422)
    assert CHANGED in asked.text
    assert "cửa sổ thứ hai" in public(app, item)
    next(each for each in item.assignments if each.duty == "act").due_on = at(40).date()
    db.session.commit()
    asked = desk.send(asked, do="publish", checked="y", status=422)
    assert CHANGED in asked.text, "the day of a promise is on the page too"
    desk.send(asked, do="publish", checked="y", status=303)
    assert public(app, item) == to_read(asked.text)


def test_an_empty_copy_or_a_made_up_look_publishes_nothing(desk, item):
    assert "Viết nội dung" in desk.look(text="", status=422).text
    shown = desk.look()
    assert CHANGED in desk.send(shown, do="publish", seen="0" * 64, checked="y", status=422).text
    assert CHANGED in desk.send(shown, do="publish", seen="ơ", checked="y", status=422).text
    item.publish_consent = False
    db.session.commit()
    desk.client.post(desk.path, data={})
    db.session.refresh(item)
    assert item.published_at is None
