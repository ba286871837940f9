"""Whom a limit counts: neither one line with many addresses as many, nor many people as one; and that no form is without one."""

from __future__ import annotations

import pytest
from flask import Flask, session
from flask_limiter.util import get_qualified_name
from limits import parse, parse_many
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Rule

from app.access import policy_of
from app.database import db
from app.limits import NETWORK, PAGE, PERSON, limiter, network
from tests.conftest import build
from tests.factories import make_user, sign_in


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),  # what stands before the proxy's own word is the caller's
        ("203.0.113.9:51234", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("64:ff9b::203.0.113.9", "203.0.113.9"),
        ("", "192.0.2.1"),
        ("unknown", "local"),
        ("[::]:x", "local"),
        ("1.2.3:4", "local"),
    ],
)
def test_a_caller_behind_a_proxy_is_counted_by_the_address_the_proxy_wrote(forwarded, counted):
    site = Flask(__name__)
    site.add_url_rule("/", view_func=network)
    site.wsgi_app = ProxyFix(site.wsgi_app)

    answer = site.test_client().get("/", headers={"X-Forwarded-For": forwarded}, environ_base={"REMOTE_ADDR": "192.0.2.1"})

    assert answer.text == counted


def posts(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}]


#: Where a limit that turns the right key away would lock its owner out.
OF_THEIR_OWN = {"tracking.find"}


def test_no_form_is_without_a_limit(app):
    """Each person's and each network's hold everywhere; a page that is open to everyone has one of its own, or the one that all have."""
    without = []
    for rule in (each for each in posts(app) if each.endpoint not in OF_THEIR_OWN):
        whole, own = limiter.limit_manager.resolve_limits(app, rule.endpoint, rule.endpoint.rpartition(".")[0], in_middleware=True)
        said = {str(each.limit) for each in whole} | {str(each.limit) for each in own}
        if not {str(each) for each in parse_many(PERSON) + parse_many(NETWORK)} <= said:
            without.append(rule.rule)
        decorated = limiter.limit_manager.decorated_limits(get_qualified_name(app.view_functions[rule.endpoint]))
        if policy_of(rule.endpoint) == "public" and not decorated and str(parse(PAGE)) not in said:
            without.append(rule.rule)
    assert without == []


@pytest.mark.parametrize(
    ("cookie", "path", "method", "counted"),
    [
        ({"_user_id": "7:key"}, "/thong-bao/da-doc", "POST", {"person"}),
        ({}, "/gui-y-kien", "POST", {"network", "page"}),
        ({"_user_id": "7:key"}, "/api/v1/feedback", "POST", {"network", "page"}),  # it reads no cookie
        ({"_user_id": "7:key"}, "/thong-bao", "GET", set()),
        ({}, "/gui-y-kien", "GET", set()),
    ],
)
def test_a_form_counts_for_its_person_and_without_one_for_its_network(app, cookie, path, method, counted):
    manager = limiter.limit_manager
    person, network_, page = manager.application_limits[0], manager.application_limits[2], manager.default_limits[0]
    with app.test_request_context(path, method=method):
        session.update(cookie)
        holds = {"person": person, "network": network_, "page": page}
        assert {name for name, limit in holds.items() if not limit.is_exempt} == counted
        if "person" in counted:
            assert person.key_func() == "person 7"


def test_who_sent_too_much_has_to_wait_and_nobody_else(backend):
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL="redis://127.0.0.1:1/0")
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        users = [make_user(), make_user()]
        clients = [app.test_client() for _ in users]
        for client, user in zip(clients, users, strict=True):
            sign_in(client, user)
        keys = [f"person {user.id}" for user in users]

        def statuses() -> list[int]:
            return [client.post("/thong-bao/da-doc").status_code for client in clients]

        before = statuses()
        limiter.limiter.hit(parse_many(PERSON)[0], "limit", keys[0], "global", cost=parse_many(PERSON)[0].amount - 1)
        assert (before, statuses()) == ([302, 302], [429, 302])
        db.session.remove()
        db.engine.dispose()
