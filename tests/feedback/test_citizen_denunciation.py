"""A denunciation on the public pages: what the law says, and the separate form whose words go sealed."""

from __future__ import annotations

import re

from app.database import db
from feedback.sealed.models import SealedCase
from tests.feedback.page_forms import form_of, press
from tests.feedback.test_citizen_sending import BODY, errors, items, review
from tests.feedback.test_citizen_sending import province as province

SEALED = "/gui-y-kien/to-cao/gui"


def test_choosing_a_denunciation_says_what_the_law_says_and_keeps_the_words_for_the_separate_form(client, province):
    page = review(client, province, kind="denunciation", place_id="", name="")

    assert "Luật không nhận tố cáo qua mạng" in page.text
    assert "Nộp đơn có chữ ký" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert form_of(page, SEALED).values["body"] == BODY
    assert not db.session.scalars(db.select(SealedCase)).all()


def test_a_denunciation_goes_sealed_and_its_code_answers_as_unknown(client, province):
    form = form_of(client.get(SEALED), SEALED)
    refused = press(client, form, body="Ông X nhận tiền làm sổ đỏ.")
    assert refused.status_code == 422
    assert "Đánh dấu là đã đọc" in errors(refused)

    page = press(client, form, body="Ông X nhận tiền làm sổ đỏ.", understood="y")

    code = re.findall(r'<p class="code">([^<]+)</p>', page.text)[0]
    assert re.search(r'<p class="key">([0-9A-Z-]{19})</p>', page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert "Ông X" not in page.text
    assert not items()
    assert client.get(f"/tra-cuu/{code}").status_code == 404
    assert len(db.session.scalars(db.select(SealedCase)).all()) == 1

    again = press(client, form, body="Ông X nhận tiền làm sổ đỏ.", understood="y")
    assert "đã gửi rồi" in again.text
    assert len(db.session.scalars(db.select(SealedCase)).all()) == 1


def test_a_robot_that_fills_in_every_box_seals_nothing(client, province):
    page = press(client, form_of(client.get(SEALED), SEALED), body="Ông X nhận tiền.", understood="y", website="http://spam.example")

    assert page.status_code == 422
    assert not db.session.scalars(db.select(SealedCase)).all()


def test_the_separate_form_keeps_nothing_on_the_device(client, province):
    page = client.get(SEALED)

    assert "data-sensitive" in page.text
    assert "data-draft" not in page.text
    assert "data-similar" not in page.text
