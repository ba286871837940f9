"""What is no ratio: how fast a web process starts, what a worker holds after many requests, the ticker, the export, a hall that polls."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench import hall, serving, works
from bench.client import Ask, ask_for
from bench.province import Province

STARTS = 5
STEPS = 20  # times that the memory is looked at
EXPORTED = 250_000  # more rows are not taken out in one bench


def cold_start(start: Callable[[], Any]) -> dict[str, Any]:
    """Return seconds from the start of the web server to its first answer."""
    took = []
    for _ in range(STARTS):
        began = time.monotonic()
        with start():
            took.append(round(time.monotonic() - began, 2))
    return {"seconds": statistics.median(took), "each": took}


def memory(start: Callable[[], Any], province: Province, requests: int) -> dict[str, Any]:
    """Return what the server's processes hold (PSS) as they answer so many *requests* of every kind; the slope is of the second half."""
    with start() as site:
        asks = [work.site for work in works.works(province, site.port, None, province.items)]
        turn = itertools.cycle(asks)

        def mixed() -> Ask:
            return next(turn)()

        seen, done = [(0, site.memory())], 0
        while done < requests:
            heard = asyncio.run(ask_for(5.0, site.port, mixed, expects=0))
            done += len(heard.seconds)
            if done >= len(seen) * requests / STEPS:
                seen.append((done, site.memory()))
    late = seen[len(seen) // 2 :]
    slope = statistics.linear_regression(*zip(*late, strict=True)).slope if len(late) > 1 else 0.0
    return {
        "requests": done,
        "MB at first": round(seen[0][1] / 1e6),
        "MB warm": round(late[0][1] / 1e6),
        "MB at last": round(seen[-1][1] / 1e6),
        "bytes more a request": round(slope),
        "seen": seen,
    }


def export(start: Callable[[], Any]) -> list[dict[str, Any]]:
    """Return seconds, size and memory of taking all of the register out."""
    found = []
    for ending in ("csv", "xlsx"):
        with start() as site:
            cookie = works.sign_in(site.port, works.FRONT)
            before, began = _peak(site), time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=900)
            connection.request("GET", f"{works.REGISTER}/bang-tinh.{ending}?xem=all", headers={"Cookie": cookie})
            answer = connection.getresponse()
            first, size, lines = answer.read(1), 1, 0
            begun = time.monotonic() - began
            while piece := answer.read(1 << 16):
                size, lines = size + len(piece), lines + piece.count(b"\r\n")
            found.append(
                {
                    "file": ending,
                    "status": answer.status if first else 0,
                    "seconds": round(time.monotonic() - began, 1),
                    "seconds to the first byte": round(begun, 1),
                    "MB": round(size / 1e6, 1),
                    "rows": lines if ending == "csv" else None,
                    "MB more at the peak": round((_peak(site) - before) / 1e6),
                }
            )
            connection.close()  # or the server waits for another request
    return found


def _peak(site: serving.Served) -> int:
    """Return the bytes that the worker which held most ever held."""
    return max(serving.peak(pid) for pid in site.processes())


def live(start: Callable[[], Any], folder: Path, database: str, seconds: float) -> dict[str, Any]:
    """Return how a hall of 300 phones and 5 screens, and the desk beside it, are served; a session that stands ready is begun for it."""
    with psycopg.connect(f"host={folder} user=app dbname={database}", autocommit=True) as connection:
        found = connection.execute(
            "SELECT s.id, s.code, u.email FROM dialogue_session s JOIN session_staff f ON f.session_id = s.id AND f.duty = 'secretary'"
            " JOIN app_user u ON u.id = f.user_id WHERE s.status IN ('ready', 'in_session') ORDER BY s.id LIMIT 1"
        ).fetchone()
        assert found is not None, "no session stands ready"
        number, code, email = found
        connection.execute("UPDATE dialogue_session SET status = 'in_session' WHERE id = %s", [number])
    with start() as site:
        return hall.measure(f"http://127.0.0.1:{site.port}", code, email, seconds=seconds)
