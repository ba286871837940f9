"""Every form of sessions, plans and reception days, filled with garbage: refused with a sentence or stored whole, never a fault."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.bad_input.attempts import faults
from tests.bad_input.conftest import Site, signed_in, unchanging
from tests.bad_input.pages import Form, address, crawl, forms, honest, of_sessions
from tests.feedback.page_forms import form_of, press

pytestmark = pytest.mark.strictest_database

SPREAD = 16  # they are more than a hundred, by the same few kinds of field: each meets this fraction of the garbage
#: What a cookie remembers of a seat, and of an invitation: a browser holds one.
LINKS = ("dialogues_coming.seat_link", "dialogues_coming.guest_link")
#: What programs send: test_api.py and the tests of each have their bad input.
FORMLESS = {"api_sessions.ask", "api_sessions.register", "api_sessions.support", "dialogue_staff.send_scans", "dialogue_staff.desk_events"}


def is_room(site: Site, rule: Rule) -> bool:
    return rule.endpoint not in LINKS and bool(site.rooms.of(rule.endpoint))


def starts(app: Flask, site: Site) -> list[str]:
    # What was ticked, and which versions are compared: who asks for neither, overlooks it.
    query = f"?c={site.rooms.of('dialogue_staff')['question_id']}&tu=1&den=2"
    rooms = [
        address(rule, honest(site, rule)) + query for rule in app.url_map.iter_rules() if "GET" in rule.methods and is_room(site, rule)
    ]
    return [*rooms, *site.rooms.more]


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
    by = [(seated, crawl(app, seated, starts(app, site), of_sessions)), (guest, {where: guest.get(where).text})]
    return [(form, unchanging(client)) for client, pages in by for form in forms(app, pages) if of_sessions(form.endpoint)]


def test_no_form_of_sessions_breaks(app, site, ear):
    every = found(app, site)

    odd = faults(every, spread=SPREAD)

    rooms = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods and is_room(site, rule)}
    assert rooms - {form.endpoint for form, _client in every} == FORMLESS
    assert ear.failures == []
    assert odd == []
