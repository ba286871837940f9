"""Whom a limit counts: neither one line with many addresses as many, nor many people as one; and that no form is without one.

What limits there are stands in docs/limits.md, which is written from the code.
"""

from __future__ import annotations

import html
import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, session
from flask_limiter import RouteLimit
from flask_limiter.util import get_qualified_name
from limits import parse, parse_many
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Rule

from app import clock, settings
from app.access import SYSTEM, policy_of
from app.accounts import sessions, signing_in
from app.citizens.models import CitizenCode
from app.database import db
from app.files.quotas import spend
from app.files.refusals import TooMuchToday
from app.limits import NETWORK, PAGE, PERSON, PROVED, Tally, forget_times, limiter, network
from feedback.sealed.models import SealedCase
from tests import services
from tests.conftest import Backend, build, opened
from tests.factories import make_user, sign_in
from tests.feedback import builders
from tests.feedback.pages import token
from tests.tried import Tried
from tests.waiting import eventually


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


# --- docs/limits.md --------------------------------------------------------------------------------------------------------

DOCUMENT = Path(__file__).parents[2] / "docs" / "limits.md"
AGAIN = "See whether that is meant, then: WRITE_LIMITS=1 python -m pytest tests/app/test_limits.py --database sqlite"
HEAD = f"""# How often what may be tried

Written from the code; `tests/app/test_limits.py` fails where it says something else. Made anew by

    WRITE_LIMITS=1 python -m pytest tests/app/test_limits.py --database sqlite

Counted on Valkey, and by each process for itself while Valkey is gone. A *network* is an IPv4 address, or the /64 of an IPv6 address. Who
is over a limit reads so (429, `Retry-After`); the page of a form marked ✦ carries what was typed, to be sent again.

Everywhere, for what is sent (nothing that is only looked at counts):

| Who | How often |
|---|---|
| a person who is signed in, over the whole site | {PERSON} |
| a network, of those who are not, over the whole site | {NETWORK} |
| a network, of those who are not, on one page that names no limit of its own | {PAGE} |

Days have a limit of bytes as well (`MAX_DAY_BYTES`). Forms marked ✦ ask for a proof of work (`app/proof`) once everybody sent that one
{settings.DEFAULTS["proof_sent"]} times in ten minutes, or a network any of them {settings.DEFAULTS["proof_tries"]} times in an hour;
`Quản trị`, `Cài đặt` sets both, or that it is always asked for, or never.

## Pages with a limit of their own

| Address | How often | Counted by | What counts |
|---|---|---|---|
"""
#: What a limit goes by, for the function that says it.
BY = {
    network: "network",
    "app.accounts.views._where_and_account": "account, and network or browsers that it knows",
    "app.accounts.factor_views._whose_code": "account",
    "app.citizens.views._email": "address the letter goes to",
    "app.citizens.views._network_and_email": "network and address the letter goes to",
    "dialogues.views.citizen.seats._device": "device",
}
#: From here on it is no limit: what so much is compared with is a setting.
COUNTED_ONLY = 1_000_000
INSIDE = """
## Counted inside, where refusing everybody at the door would shut out the wrong ones

| Where | How often |
|---|---|
"""


def _by(function: Any) -> str:
    return BY.get(function) or BY[f"{function.__module__}.{function.__qualname__}"]


def limits_of_pages(app: Flask) -> Iterator[str]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint in app.view_functions]
    for rule in sorted(rules, key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        decorated = limiter.limit_manager.decorated_limits(get_qualified_name(app.view_functions[rule.endpoint]))
        address = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"<\1>", rule.rule)
        mark = " ✦" if rule.endpoint in app.extensions["proof"] else ""
        assert decorated or not mark
        for limit in sorted(decorated, key=lambda each: (_by(each.key_func), each.limit)):
            methods = {each.upper() for each in limit.methods or rule.methods or ()} - {"HEAD", "OPTIONS"}
            counts = f"{' '.join(sorted(methods))}{', what was wrong' if limit.deduct_when else ''}"
            yield f"| `{address}`{mark} | {limit.limit} | {_by(limit.key_func)} | {counts} |"


def limits_inside() -> Iterator[str]:
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] in {"app", "feedback", "dialogues", "oversight"}:
            for called, found in sorted(vars(module).items()):
                if isinstance(found, Tally) and found.most.amount < COUNTED_ONLY:
                    yield f"| `{name}.{called}` | {found.most} |"
                elif isinstance(found, RouteLimit) and called.startswith("_"):
                    yield f"| `{name}.{called}` | {found.limit_provider} |"


@pytest.mark.strictest_database
def test_the_table_of_limits_says_what_the_code_does(app: Flask) -> None:
    found = HEAD + "\n".join(limits_of_pages(app)) + "\n" + INSIDE + "\n".join(limits_inside()) + "\n"
    if os.environ.get("WRITE_LIMITS"):
        DOCUMENT.write_text(found, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == found, AGAIN


@pytest.mark.parametrize(
    ("cookie", "path", "method", "counted"),
    [
        ("good", "/thong-bao/da-doc", "POST", {"person"}),
        ("over", "/thong-bao/da-doc", "POST", {"network", "page"}),  # well signed, but that sign-in has ended
        ("of another", "/thong-bao/da-doc", "POST", {"network", "page"}),
        ("", "/gui-y-kien", "POST", {"network", "page"}),
        ("good", "/api/v1/feedback", "POST", {"network", "page"}),  # it reads no cookie
        ("good", "/thong-bao", "GET", set()),
        ("", "/gui-y-kien", "GET", set()),
    ],
)
def test_a_form_counts_for_its_person_and_without_one_for_its_network(app, cookie, path, method, counted):
    user = make_user()
    with app.test_request_context():
        row = sessions.begin(user, browser=signing_in.this_browser(), now=clock.now())
    key, id_ = user.token, user.id
    if cookie == "over":
        sessions.close(row)
    db.session.commit()
    manager = limiter.limit_manager
    person, network_, page = manager.application_limits[0], manager.application_limits[2], manager.default_limits[0]
    with app.test_request_context(path, method=method):
        session.update({"_user_id": f"{id_ + 1 if cookie == 'of another' else id_}:{key}"} if cookie else {})
        holds = {"person": person, "network": network_, "page": page}
        assert {name for name, limit in holds.items() if not limit.is_exempt} == counted
        if "person" in counted:
            assert person.key_func() == f"person {id_}"


@pytest.mark.usefixtures("one_moment")
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


@pytest.mark.strictest_database
def test_letters_with_codes_are_few_to_an_address_fewer_from_a_network_and_some_from_it_in_all(
    limited_app: Flask, monkeypatch: pytest.MonkeyPatch, tried: Tried
) -> None:
    settings.change("proof", "never", actor=SYSTEM, now=clock.now())
    db.session.commit()
    monkeypatch.setitem(limited_app.config, "WTF_CSRF_ENABLED", False)
    statuses: dict[tuple[str, str], list[int]] = {}
    asked = [("192.0.2.1", "hoa")] * 6 + [("192.0.2.2", "HOA")] * 6 + [("192.0.2.3", "hoa")] * 2
    asked += [("192.0.2.4", f"nguoi{number}") for number in range(22)]
    for where, who in asked:
        client = limited_app.test_client()
        client.environ_base["REMOTE_ADDR"] = where
        answer = client.post("/tai-khoan-cua-toi", data={"email": f"{who}@example.com"})
        statuses.setdefault((where, who.strip("0123456789")), []).append(answer.status_code)
    assert statuses == {
        ("192.0.2.1", "hoa"): [303] * 5 + [429],
        ("192.0.2.2", "HOA"): [303] * 5 + [429],
        ("192.0.2.3", "hoa"): [429] * 2,  # ten a day, from wherever
        ("192.0.2.4", "nguoi"): [303] * 20 + [429] * 2,
    }
    assert db.session.scalar(db.select(db.func.count()).select_from(CitizenCode)) == 30
    tried("letters with codes asked for", len(asked))


@pytest.mark.strictest_database
def test_who_sent_too_often_has_every_word_in_the_page_and_sends_it_again(limited_app: Flask) -> None:
    builders.make_province()
    db.session.commit()
    client, address = limited_app.test_client(), "/gui-y-kien/to-cao/gui"
    typed = {"body": 'Ông ấy nói "không có tiền thì đừng đến"\nhai lần <b>trước</b> mặt tôi.', "understood": "y", "token": "t"}
    sent = typed | {"csrf_token": token(client, address)}
    limiter.limiter.hit(parse(PROVED), "limit", "127.0.0.1", "sending.send_sealed", cost=parse(PROVED).amount)
    refused = client.post(address, data=sent)
    assert (refused.status_code, refused.headers["Cache-Control"]) == (429, "no-store")
    carried = {
        name: html.unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', refused.text)
    }
    assert carried == sent
    assert db.session.scalar(db.select(SealedCase)) is None
    limiter.limiter.storage.reset()
    assert client.post(address, data=carried).status_code == 200
    assert len(db.session.scalars(db.select(SealedCase)).all()) == 1


@pytest.mark.strictest_database
def test_what_is_counted_tells_who_has_the_disk_neither_who_came_nor_where_to(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, tried: Tried
) -> None:
    """Valkey's log holds every key for days, to the millisecond; the limits count all the same."""
    where, who = "203.0.113.77", "hoa.thi.bong@example.com"
    with ExitStack() as stack:
        url = stack.enter_context(services.valkey())
        valkey = stack.enter_context(Redis.from_url(url))
        app = stack.enter_context(opened(build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL=url, MAX_DAY_BYTES=9)))
        app.config["WTF_CSRF_ENABLED"] = False
        monkeypatch.setattr(limiter, "_storage_dead", False)  # as a test before may have left it
        valkey.config_set("aof-use-rdb-preamble", "no")
        valkey.config_set("appendonly", "yes")

        def log() -> bytes:
            eventually(lambda: not any(valkey.info("persistence")[each] for each in ("aof_rewrite_in_progress", "aof_rewrite_scheduled")))
            return b"".join(file.read_bytes() for file in Path(valkey.config_get("dir")["dir"]).rglob("*.aof"))

        log()
        builders.make_province()
        settings.change("proof", "auto", actor=SYSTEM, now=clock.now())
        db.session.commit()
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = where
        denunciation = {"body": "Ông ấy đòi tiền của ba nhà trong xóm.", "understood": "y", "token": "t"}
        assert client.post("/gui-y-kien/to-cao/gui", data=denunciation).status_code == 200
        assert [client.post("/tai-khoan-cua-toi", data={"email": who}).status_code for _ in range(6)] == [303] * 5 + [429]
        with app.test_request_context(environ_base={"REMOTE_ADDR": where}):
            spend(5, clock.now())
            with pytest.raises(TooMuchToday):
                spend(5, clock.now())
        kept = log()
        assert kept.count(b"count:") > 10
        assert kept.count(b"bytes:") > 1
        valkey.set(f"LIMITS:{{LIMITER/limit/{where}/sending.send_sealed}}", 1)  # as an older version counted
        forget_times(valkey)
        since = log()
        assert b"count:" in since
        for told in (where, "203.0.113", who, "bong", "sending", "sealed", "citizens.ask"):
            assert told.encode() not in kept + since, told
            assert not [key for key in valkey.scan_iter() if told.encode() in key], told
        limiter.reset()
        assert not list(valkey.scan_iter("count:*"))
        tried("a sender's address and an e-mail looked for in what Valkey wrote down (counts read)", kept.count(b"count:"))
