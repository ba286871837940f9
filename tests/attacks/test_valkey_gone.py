"""Valkey killed while people write and while jobs run: every letter is taken, no page fails, what was to be done is done."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from limits import parse_many

from app.limits import PERSON, limiter
from tests import factories, services
from tests.attacks.conftest import Running
from tests.conftest import Backend, build, opened
from tests.test_kill import CREATED, ask
from tests.tried import Tried
from tests.waiting import eventually

pytestmark = pytest.mark.strictest_database

LETTERS = 60
AT_ONCE = 4
PAUSE = 0.7  # seconds between two kills: half of the time it is there


def letter_to(port: int, number: int) -> int:
    contact = {"name": "Nguyễn Thị Hợp", "email": f"valkey{number}@example.org"}
    body = json.dumps({"kind": "report", "body": f"Đèn số {number} tắt đã ba tối.", "contact": contact})
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"valkey-gone-submission-{number:05}"}
    status, _words = ask(port, "POST", "/api/v1/feedback", body, headers, CREATED)  # raises for a fault of the server
    ask(port, "GET", "/gui-y-kien", None, {}, (200,))
    return status


def test_valkey_killed_while_people_write_costs_no_letter_no_page_and_no_notice(running: Running, tried: Tried):
    stop, kills = threading.Event(), Counter[str]()

    def kill() -> None:
        while not stop.wait(PAUSE):
            with suppress(KeyError, ProcessLookupError):  # it is just being started again
                os.kill(running.site.children()["valkey-server"], signal.SIGKILL)
                kills["valkey-server"] += 1

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as people:
            statuses = list(people.map(lambda number: letter_to(running.port, number), range(LETTERS)))
    finally:
        stop.set()
        killer.join()
    assert statuses == [201] * LETTERS
    assert kills.total() > 0
    eventually(lambda: running.site.get() == 200)
    eventually(lambda: not running.ledger.ask("SELECT id FROM notice WHERE due_at IS NOT NULL LIMIT 1"), within=90)
    told = {message["To"] for message in running.mail.messages}
    assert {f"valkey{number}@example.org" for number in range(LETTERS)} <= told
    tried("a letter and a page while Valkey is killed again and again", 2 * LETTERS)


def test_who_sends_too_much_has_to_wait_while_valkey_is_gone_too_and_nobody_else(backend: Backend, tried: Tried):
    """Each process counts by itself then, from nothing."""
    most = parse_many(PERSON)[0]
    with ExitStack() as stack:
        valkey = stack.enter_context(ExitStack())
        url = valkey.enter_context(services.valkey())
        app = stack.enter_context(opened(build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL=url)))
        app.config["WTF_CSRF_ENABLED"] = False
        users, clients = [factories.make_user() for _ in range(2)], [app.test_client() for _ in range(2)]
        for client, user in zip(clients, users, strict=True):
            factories.sign_in(client, user)

        def statuses() -> list[int]:
            return [client.post("/thong-bao/da-doc").status_code for client in clients]

        assert statuses() == [302, 302]
        valkey.close()  # killed
        assert statuses() == [302, 302]
        limiter.limiter.hit(most, "limit", f"person {users[0].id}", "global", cost=most.amount - 1)
        assert statuses() == [429, 302]
    tried("a form sent once too often while Valkey is gone", 1)
