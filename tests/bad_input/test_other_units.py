"""Every step of another unit's item or session: refused with a page, whoever holds every role next door, and nothing is changed."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import pytest

from app.database import Base, db
from app.permissions import Role
from feedback.models import Feedback
from feedback.sealed.operations import sealing
from tests import factories
from tests.bad_input.conftest import NOW, Site, signed_in
from tests.bad_input.pages import address, honest
from tests.bad_input.typed import TYPED
from tests.feedback import builders
from tests.feedback.pages import token

pytestmark = pytest.mark.strictest_database

#: A look at a name leaves a line, and so may an attempt at it.
MAY_GROW = {"audit_entry"}


def addresses(app: Any, site: Site) -> list[str]:
    """Return every address that takes a step of an item, for items at several steps."""
    promise = next(each for each in site.items["promised"].assignments if each.duty == "act")
    found: list[str] = []
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or not rule.rule.startswith("/can-bo/y-kien/<code>"):
            continue
        if "paper_id" in rule.arguments:
            where: list[tuple[Any, dict[str, int]]] = [(paper.feedback, {"paper_id": paper.id}) for paper in site.papers.values()]
        elif "duty_id" in rule.arguments:
            where = [(site.items["promised"], {"duty_id": promise.id})]
        else:
            where = [(site.items[name], {}) for name in ("offered", "taken", "signed")]
        missing = {"uid": str(uuid.uuid4())} if "uid" in rule.arguments else {}
        for item, values in where:
            found.append(app.url_map.bind("localhost").build(rule.endpoint, {"code": item.code, **values} | missing, method="POST"))
    return found


#: Not of one unit: the duties to meet the people, the words of papers; and who takes in letters enters questions for any session.
OF_ALL = ("/can-bo/doi-thoai/nghia-vu", "/can-bo/doi-thoai/loi-van-ban", "/can-bo/doi-thoai/<code>/cau-hoi/nhap")


def rooms(app: Any, site: Site, method: str) -> list[str]:
    """Return every address that does, or shows, something of the ward's sessions, plans, papers, promises and reception days."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("dialogue_staff.") and method in rule.methods]
    return [address(rule, honest(site, rule)) for rule in rules if rule.arguments and not rule.rule.startswith(OF_ALL)]


def everything() -> dict[str, list[Any]]:
    """Return all that is stored, but for what a refusal may leave."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in MAY_GROW]
    return {table.name: sorted(map(repr, db.session.execute(table.select()).all())) for table in tables}


#: A session's reader may also be told that there is nothing to do, or led back to what they read.
@pytest.mark.parametrize(
    ("reads", "status", "in_rooms"),
    [(False, 404, {404}), (True, 403, {303, 400, 403, 404, 422})],
    ids=["a stranger", "a reader of everything"],
)
def test_no_step_of_another_units_item_is_taken(app, site, ear, reads, status, in_rooms):
    province = site.province
    roles: list[Any] = [(role, province.health) for role in Role] + ([(Role.FRONT, None)] if reads else [])
    user = factories.make_user(unit=province.health, roles=roles)
    typed = TYPED | {"unit": str(province.health.id), "officer": str(user.id), "code": site.items["answered"].code}
    every = addresses(app, site) + rooms(app, site, "POST")
    db.session.commit()
    client = signed_in(app, user)
    typed["csrf_token"] = typed["note-csrf_token"] = typed["tell-csrf_token"] = token(client, "/can-bo/tim")
    before = everything()
    odd = []
    for where in every:
        answer = client.post(where, data=typed)
        fine = in_rooms if "/doi-thoai/" in where else {status, 404} if "/tep/" in where else {status}  # there is no such file
        if answer.status_code not in fine or answer.mimetype != "text/html":
            odd.append((where, answer.status_code, answer.location))
    db.session.rollback()
    after = everything()
    assert odd == []
    assert len(every) > 160
    assert [name for name in before if before[name] != after[name]] == []
    assert ear.failures == []


def test_no_step_of_an_item_that_was_sealed_is_taken_from_a_page_that_stayed_open(app, site, ear, tried):
    """Whoever holds every role has each page open in a second tab, with its token, while the desk seals what they are of."""
    every = addresses(app, site)
    client = signed_in(app, site.everybody)
    typed = TYPED | {"unit": str(site.province.health.id), "officer": str(site.officer.id), "code": site.items["answered"].code}
    typed["csrf_token"] = typed["note-csrf_token"] = typed["tell-csrf_token"] = token(client, "/can-bo/tim")
    for name in [name for name in site.items if name != "answered"]:
        sealing.seal(db.session.get_one(Feedback, site.items[name].id), reason="x", actor=site.province.clerk, now=NOW)
    db.session.commit()
    before = everything()
    odd = {where: answer.status_code for where in every if (answer := client.post(where, data=typed)).status_code != 404}
    db.session.rollback()
    after = everything()
    assert odd == {}
    assert len(every) > 80
    assert [name for name in before if before[name] != after[name]] == []
    assert ear.failures == []
    tried("a step of an item that was sealed meanwhile", len(every))


def shown(app: Any, site: Site, uid: str) -> list[str]:
    """Return every address that shows something of an item, its papers, promises and file."""
    found: list[str] = []
    for rule in app.url_map.iter_rules():
        of_item = rule.rule.startswith("/can-bo/y-kien/<code>")
        if "GET" not in rule.methods or not (of_item or rule.endpoint == "oversight.promise"):
            continue
        for item in (site.items[name] for name in ("taken", "signed", "promised")):
            ids = {
                "code": [item.code],
                "paper_id": [paper.id for paper in item.papers],
                "duty_id": [duty.id for duty in item.assignments],
                "assignment_id": [duty.id for duty in item.assignments],
                "uid": [uid],
                "token": ["x"],
            }
            for values in itertools.product(*(ids[name] for name in sorted(rule.arguments))):
                facts = dict(zip(sorted(rule.arguments), values, strict=True))
                found.append(app.url_map.bind("localhost").build(rule.endpoint, facts, method="GET"))
    return found


def test_nothing_of_another_units_item_is_shown_whatever_its_address(app, site, ear):
    attachment = builders.proof()
    site.items["taken"].attachments.append(attachment)
    user = factories.make_user(unit=site.province.health, roles=[(role, site.province.health) for role in Role])
    db.session.commit()
    sessions = {room["code"] for room in site.rooms.arguments.values() if room.get("code", "").startswith("BN-DT-")}
    codes = [*(item.code for item in site.items.values()), *sessions]
    client = signed_in(app, user)
    every = shown(app, site, str(attachment.file.uid)) + rooms(app, site, "GET")
    assert len(every) > 140
    assert {where: status for where in every if (status := client.get(where).status_code) != 404} == {}
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    lists = [rule.rule for rule in rules if rule.rule.startswith("/can-bo")]
    texts = {where: client.get(where).text for where in lists if not where.endswith(".xlsx")}
    told = {where: [code for code in codes if code in text] for where, text in texts.items()}
    assert len(told) > 15
    assert [where for where, found in told.items() if found] == []
    assert ear.failures == []
