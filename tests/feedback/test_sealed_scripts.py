"""A script in every word of a denunciation: nothing runs where its words are shown, which is only ever in the answer to a form."""

from __future__ import annotations

from app import clock
from app.database import db
from feedback import rules
from feedback.operations.intake import PersonData
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import thread as talk
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.page_forms import form_of, press
from tests.site.test_stored_scripts import PAYLOAD, runs
from tests.tried import Tried

ESCAPED = "&lt;script&gt;alert(1)"


def test_a_script_in_a_denunciation_runs_neither_for_who_reads_it_nor_for_who_wrote_it(app, province, reader, client, tried: Tried):
    person = PersonData(name=f"Lê{PAYLOAD}", phone="0900000001", address=f"Thôn Đông{PAYLOAD}")
    receipt = builders.submit(
        kind=rules.DENUNCIATION, body=f"Ông A{PAYLOAD}", people=(person,), accused_names=f"B{PAYLOAD}", token="t"
    )  # fmt: skip
    db.session.flush()
    case = db.session.scalars(db.select(SealedCase)).one()
    talk.answer(case, f"Tôi{PAYLOAD}", (), token="x", now=clock.now())
    db.session.commit()
    desk, path = AtDesk(app, reader), f"/can-bo/to-cao/{case.uid}"

    opened = press(desk.client, form_of(desk.client.get(path), ""), to=path, reason=f"Xem{PAYLOAD}", conflict="no")
    begun = press(desk.client, form_of(opened, f"{path}/ban-lam-viec/lap"))
    shown = {
        "the case": opened.text,
        "the same once more": desk.fill(path, status=200, reason="Xem lại"),
        "the working copy": desk.client.get(begun.location).text,
        "for who wrote": press(client, form_of(client.get("/tra-cuu"), "/tra-cuu"), code=receipt.code, key=receipt.key).text,
    }

    assert {where: runs(page) for where, page in shown.items() if runs(page)} == {}
    assert {where for where, page in shown.items() if ESCAPED in page} == {*shown}
    tried("a script in the words of a denunciation", sum(page.count(ESCAPED) for page in shown.values()))
