"""Every form that the pages show, filled with garbage: refused with a sentence or stored whole, never a fault."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.bad_input.conftest import Site, counts, signed_in, unchanging, undone
from tests.bad_input.garbage import TEXTS
from tests.bad_input.pages import Form, address, crawl, forms, honest
from tests.feedback.page_forms import form_of, press

pytestmark = pytest.mark.strictest_database

SPREAD = 8  # each form meets this fraction of the garbage; all together meet all
SPREAD_OF_SESSIONS = 16  # they are more than a hundred, by the same few kinds of field
#: Where a refused form may leave something: who looked or failed to sign in, and files that wait for the form's next try.
FINE = {200, 302, 303, 400, 404, 409, 422}
MAY_GROW = {"audit_entry", "stored_file"}
#: What a cookie remembers of a seat, and of an invitation: a browser holds one.
LINKS = ("dialogues_coming.seat_link", "dialogues_coming.guest_link")
#: What programs send: test_api.py and the tests of each have their bad input.
FORMLESS = {"api_sessions.ask", "api_sessions.register", "api_sessions.support", "dialogue_staff.send_scans", "dialogue_staff.desk_events"}
ONE_BY_ONE = ("NUL", "10^30", "5,000 digits", "Arabic digits", "superscript", "script", "nothing")


def starts(app: Flask, site: Site) -> list[str]:
    items = [f"/can-bo/y-kien/{item.code}" for item in site.items.values()]
    papers = [f"/can-bo/y-kien/{paper.feedback.code}/van-ban/{paper.id}" for paper in site.papers.values()]
    # What was ticked, and which versions are compared: who asks for neither, overlooks it.
    query = f"?c={site.rooms.of('dialogue_staff')['question_id']}&tu=1&den=2"
    rooms = [
        address(rule, honest(site, rule)) + query for rule in app.url_map.iter_rules() if "GET" in rule.methods and is_room(site, rule)
    ]
    return [
        "/can-bo",
        "/quan-tri/",
        "/gui-y-kien",
        "/gui-y-kien/to-cao/gui",
        "/tra-cuu",
        "/tai-khoan",
        *items,
        *papers,
        *rooms,
        *site.rooms.more,
    ]


def is_room(site: Site, rule: Rule) -> bool:
    return rule.endpoint not in LINKS and bool(site.rooms.of(rule.endpoint))


def visitor(app: Flask, site: Site, link: str) -> FlaskClient:
    """Everybody, in a browser that opened the *link* of a seat or of an invitation, and found a booking."""
    client = signed_in(app, site.everybody)
    client.get(address(next(app.url_map.iter_rules(link)), site.rooms.of(link)))
    find = "/doi-thoai/tiep-cong-dan/tim"
    press(client, form_of(client.get(find), find), code=site.rooms.of("dialogues_receptions")["code"])
    return client


def found(app: Flask, site: Site) -> list[tuple[Form, FlaskClient]]:
    """Return each different form, and who sends it."""
    seated, guest = (visitor(app, site, link) for link in LINKS)
    where = f"/doi-thoai/{site.rooms.of('dialogues_coming')['code']}/loi-moi"
    by = [(seated, crawl(app, seated, starts(app, site))), (guest, {where: guest.get(where).text})]
    return [(form, unchanging(client)) for client, pages in by for form in forms(app, pages)]


def send(client: FlaskClient, form: Form, values: MultiDict, before: dict[str, int]) -> tuple[TestResponse, set[str]]:
    """Send it, and take back what it did; return the answer and, where it is a refusal, which tables are not as *before*."""
    with undone():
        # Half a character travels as a broken sender would send it.
        body = urlencode(list(values.items(multi=True)), errors="surrogatepass")
        answer = client.post(form.action, data=body, content_type="application/x-www-form-urlencoded")
        after = counts() if answer.status_code >= 400 else before
    return answer, {name for name in after if after[name] != before[name]}


def attempts(form: Form, number: int):
    """Yield what is wrong, and the values: each text in every field at once, then each field alone."""
    spread = SPREAD_OF_SESSIONS if "dialogue" in form.endpoint else SPREAD
    for what, text in list(TEXTS.items())[number % spread :: spread]:
        yield (
            f"all fields: {what}",
            MultiDict([*((n, v) for n, v in form.sends.items(multi=True) if n not in form.texts), *((n, text) for n in form.texts)]),
        )
    for place, name in enumerate(form.kinds):
        if name.endswith("csrf_token"):
            continue
        for what in ONE_BY_ONE[(number + place) % spread :: spread]:
            values = form.sends.copy()
            values.setlist(name, [TEXTS[what]] * (2 if what == "script" else 1))
            yield f"{name}: {what}", values


def test_no_form_breaks(app, site, ear):
    odd = []
    every = [each for each in found(app, site) if each[0].endpoint != "accounts.sign_out"]
    before, met = counts(), {form.endpoint for form, _client in every}
    for number, (form, client) in enumerate(every):
        for what, values in attempts(form, number):
            answer, changed = send(client, form, values, before)
            if answer.status_code not in FINE:
                odd.append((form.endpoint, what, answer.status_code))
            if not changed <= MAY_GROW:
                odd.append((form.endpoint, what, changed))

    rooms = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods and is_room(site, rule)}
    assert len(met) > 40
    assert rooms - met == FORMLESS
    assert ear.failures == []
    assert odd == []
