"""Every address of the site by every method, as everyone: what is theirs, or the right refusal, never a fault."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from werkzeug.exceptions import MethodNotAllowed

from app.access import policies
from app.accounts.models import User
from tests.bad_input.conftest import counts, signed_in, unchanging, undone
from tests.bad_input.pages import address, honest
from tests.bad_input.routes import FINE, Router, rules_of
from tests.feedback.pages import token

pytestmark = pytest.mark.strictest_database

SAFE = {"GET", "HEAD"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def expected(policy: Any, who: User | None, method: str) -> set[int] | None:
    """Return with what a route must answer who may not use it; None where they may."""
    if policy in {"public", None}:
        return None
    if who is None:
        return {302} if method in SAFE else {401}
    if policy == "signed_in" or any(who.reach.may_anywhere(each) for each in policy):
        return None
    return {403}


@pytest.mark.parametrize("work", ["anyone", "officer", "admin"])
def test_each_route_turns_away_who_may_not_use_it_whatever_the_method(app, site, ear, work):
    who = None if work == "anyone" else getattr(site.province, work, None) or site.admin
    client, known = signed_in(app, who), policies()
    csrf, client = token(client, "/gui-y-kien"), unchanging(client)
    router, odd = Router(app), []
    for rule, where in [(rule, address(rule, honest(site, rule))) for rule in rules_of(app)]:
        for method in METHODS:
            taken = method in (rule.methods or ())
            refusal = None if taken else router.refusal(where, method)
            if isinstance(refusal, MethodNotAllowed) and not refusal.valid_methods:
                odd.append((rule.endpoint, method, "405 without Allow", None))
            if not taken and not (refusal and router.first(refusal, where, method)):
                continue  # what another view takes at this address is sent there
            kept = undone() if taken and method not in SAFE else nullcontext()  # only a view that was reached can store something
            with kept, client.open(where, method=method, data={"csrf_token": csrf}) as answer:
                status = answer.status_code
                must = expected(known[rule.endpoint], who, method) if taken else None
                if (must and status not in must) or status not in FINE:
                    odd.append((rule.endpoint, method, status, must))
                if status == 405 and not answer.headers.get("Allow"):
                    odd.append((rule.endpoint, method, "405 without Allow", None))

    assert ear.failures == []
    assert odd == []


def test_a_form_of_staff_without_its_token_stores_nothing(app, site):
    client = signed_in(app, site.everybody)
    before, odd = counts(), []
    for rule in rules_of(app):
        if "POST" not in (rule.methods or ()) or rule.endpoint.startswith("api_"):
            continue
        with client.post(address(rule, honest(site, rule)), data={"text": "x", "reason": "x"}) as answer:
            if answer.status_code not in {200, 303, 400, 404, 422}:
                odd.append((rule.endpoint, answer.status_code))
    client.get("/thong-bao")

    assert odd == []
    assert counts() == before
