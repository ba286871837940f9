"""Clients that are slow, and many of them: the threads are for others all the while."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import threading
import time
from collections.abc import Generator
from http import HTTPStatus
from http.client import HTTPConnection

import pytest

from running import lines
from tests.attacks.conftest import Running
from tests.test_kill import address, said
from tests.tried import Tried
from tests.waiting import eventually

THREADS = 16  # of a site as it is started
MANY = 1000
PAGES = ("/", "/gui-y-kien", "/tra-cuu", "/healthz")

pytestmark = pytest.mark.strictest_database

HEAD = b"POST /api/v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
#: How far a request has come that stays where it is.
HALVES = (b"", b"GET / HTTP/1.1\r\nHost: local", HEAD + b'Content-Length: 400\r\n\r\n{"kind"')


@pytest.fixture(autouse=True, scope="module")
def lines_enough() -> None:
    """Let this process have as many connections as it opens."""
    needed, (soft, hard) = 2 * MANY + 500, resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard not in {resource.RLIM_INFINITY, max(hard, needed)}:
        pytest.skip(f"{needed} connections are more than one may have here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))


@contextlib.contextmanager
def connected(port: int, number: int, *, receives: int = 0) -> Generator[list[socket.socket]]:
    """Yield *number* connections; *receives*: bytes that each takes before it is full."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(number):
            client = stack.enter_context(socket.socket())
            if receives:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
            client.connect(("127.0.0.1", port))
            found.append(client)
        yield found


def pages(running: Running) -> list[int]:
    return [running.site.get(path) for path in PAGES]  # each within ten seconds


def is_closed(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def submission(number: int) -> bytes:
    contact = {"name": "Nguyễn Thị Hợp", "email": address(number)}
    return json.dumps({"kind": "report", "body": said(number), "contact": contact}).encode()


def asking(number: int, body: bytes) -> bytes:
    key = f"slow-client-submission-{number:05}"
    return HEAD + f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def answer_of(client: socket.socket) -> str:
    client.settimeout(30)
    return b"".join(iter(lambda: client.recv(65536), b"")).decode()


def test_a_thousand_connections_that_never_say_what_they_want_keep_nobody_waiting(running: Running, tried: Tried):
    with connected(running.port, MANY) as clients:
        for number, client in enumerate(clients):
            client.sendall(HALVES[number % len(HALVES)])
        assert {status for _ in range(5) for status in pages(running)} == {200}

        # Who said nothing has had its time after a while; whose letter is on its way has more.
        late = [client for number, client in enumerate(clients) if number % len(HALVES) < len(HALVES) - 1]
        eventually(lambda: all(is_closed(client) for client in late), within=lines.HEAD_SECONDS + 20)
        assert set(pages(running)) == {200}
    assert set(pages(running)) == {200}
    tried("a connection that stays half open while others read pages", MANY)


def test_who_sends_a_letter_byte_by_byte_is_heard_to_the_end_and_nobody_waits(running: Running, tried: Tried):
    number = 3 * THREADS
    letters = [asking(each, submission(each)) for each in range(number)]
    with connected(running.port, number) as clients:
        done = threading.Event()

        def trickle() -> None:
            """Send each letter in forty pieces, all of them together; the end of it only when the others have their pages."""
            for piece in range(40):
                for client, letter in zip(clients, letters, strict=True):
                    step = len(letter) // 40
                    client.sendall(letter[piece * step : (piece + 1) * step] if piece < 39 else letter[39 * step : -1])
                time.sleep(0.02)
            done.wait(30)
            for client, letter in zip(clients, letters, strict=True):
                client.sendall(letter[-1:])

        sender = threading.Thread(target=trickle)
        sender.start()
        try:
            assert {status for _ in range(5) for status in pages(running)} == {200}
        finally:
            done.set()
            sender.join()
        assert {answer_of(client).partition("\r\n")[0] for client in clients} == {"HTTP/1.1 201 CREATED"}
    tried("a letter that comes byte by byte while others read pages", number)


def test_who_does_not_read_their_answer_holds_no_thread(running: Running, tried: Tried):
    number, times = 3 * THREADS, 60
    with connected(running.port, number, receives=4096) as clients:
        for client in clients:  # far more than the lines between us hold
            client.sendall(b"GET /static/site.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * times)
        assert {status for _ in range(5) for status in pages(running)} == {200}
    assert set(pages(running)) == {200}
    tried("an answer that nobody reads while others read pages", number)


def test_two_questions_at_once_are_answered_in_turn_and_a_long_answer_whole(running: Running):
    with connected(running.port, 1) as (client,):
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.sendall(b"GET /static/site.css HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        first, second = answer_of(client).split("HTTP/1.1 ")[1:]
    connection = HTTPConnection("127.0.0.1", running.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/static/site.css")
        whole = connection.getresponse().read().decode()
    assert first.startswith("200")
    assert second.partition("\r\n\r\n")[2] == whole


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: 1000000000\r\n\r\n{", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", HTTPStatus.LENGTH_REQUIRED),
        (b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", HTTPStatus.CONTINUE),
        (b"Content-Length: x\r\n\r\n", HTTPStatus.BAD_REQUEST),
    ],
)
def test_what_is_not_taken_is_said_before_it_comes(running: Running, head: bytes, status: HTTPStatus):
    with connected(running.port, 1) as (client,):
        client.sendall(HEAD + head)
        client.settimeout(10)
        assert client.recv(64).startswith(f"HTTP/1.1 {status}".encode())


def test_nobody_fills_the_room_for_ever(running: Running):
    """Who came first goes when it is full, and who comes is answered."""
    with connected(running.port, MANY) as before, connected(running.port, MANY):
        assert set(pages(running)) == {200}
        eventually(lambda: sum(is_closed(client) for client in before) > MANY // 2, within=lines.HEAD_SECONDS - 1)
