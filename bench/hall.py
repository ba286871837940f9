"""A hall that polls: 300 phones and 5 screens ask every few seconds what changed at a session that is held, while its desk works.

The secretary's desk records a question every second. Before and after that it records alone, to compare.
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import random
import re
import threading
import time
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

PASSWORD = "thu-nghiem-2026"  # noqa: S105 - the demo's, as README.md says
IDLE_SECONDS = 20
RECORD_EVERY = 1.0  # seconds
TIMEOUT = 30  # seconds


@dataclass
class Figures:
    """What was measured: seconds an answer took, by what was asked, and what went wrong."""

    polls: list[float] = field(default_factory=list)
    unchanged: int = 0
    desk: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def percentile(seconds: list[float], part: int) -> float:
    """Return that percentile in milliseconds."""
    ordered = sorted(seconds)
    return round(1000 * ordered[min(len(ordered) - 1, len(ordered) * part // 100)], 1) if ordered else 0.0


# --- the desk -------------------------------------------------------------------------------------------------------------


class Desk:
    """The secretary, signed in, who records questions as her device does."""

    def __init__(self, site: str, code: str, email: str) -> None:
        self.site, self.code = site, code
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        form = {"email": email, "password": PASSWORD, "csrf_token": self._token("/dang-nhap")}
        self._open("/dang-nhap", urllib.parse.urlencode(form).encode())
        self.token = self._token(f"/can-bo/doi-thoai/{code}/ban")

    def _open(self, path: str, body: bytes | None = None, **headers: str) -> str:
        request = urllib.request.Request(self.site + path, body, headers)  # noqa: S310 - the address was typed by who measures
        with self.opener.open(request, timeout=TIMEOUT) as answer:
            return answer.read().decode()

    def _token(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self._open(path))
        if found is None:
            raise SystemExit(f"{path}: no form there; may this person record at the session, and is it held now?")
        return found[1]

    def record(self, number: int) -> float:
        """Record a question; return the seconds until the server had it."""
        event: dict[str, Any] = {
            "uid": str(uuid.uuid4()),
            "kind": "asked",
            "subject": str(uuid.uuid4()),
            "base": [],
            "at": datetime.now(UTC).isoformat(),
            "facts": {"text": f"Câu hỏi thử tải số {number}", "name": "Người thử", "comes_from": "Tổ dân phố 4", "phone": "", "hall": ""},
        }
        body = json.dumps({"device": "bench", "events": [event]}).encode()
        began = time.monotonic()
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.token}
        said = json.loads(self._open(f"/can-bo/doi-thoai/{self.code}/ban/su-kien", body, **headers))
        took = time.monotonic() - began
        if said["results"][0]["state"] != "applied":
            raise RuntimeError(said["results"][0])
        return took

    def work(self, figures: Figures, seconds: float) -> None:
        """Record for so long, one every RECORD_EVERY seconds."""
        end, number = time.monotonic() + seconds, 0
        while (began := time.monotonic()) < end:
            number += 1
            try:
                figures.desk.append(self.record(number))
            except (OSError, RuntimeError) as error:
                figures.errors.append(f"desk: {error}")
            time.sleep(max(0.0, began + RECORD_EVERY - time.monotonic()))


# --- the hall -------------------------------------------------------------------------------------------------------------


async def poll(host: str, port: int, path: str, every: float, until: float, figures: Figures) -> None:
    """Ask like live.js until then: no cookie, the last ETag, a pause that is never quite the same."""
    etag = ""
    await asyncio.sleep(random.random() * every)
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            status, headers = await asyncio.wait_for(_get(host, port, path, etag), TIMEOUT)
            figures.polls.append(time.monotonic() - began)
            figures.unchanged += status == "304"
            if status not in {"200", "304"}:
                figures.errors.append(f"poll: {status}")
            etag = headers.get("etag", etag)
        except (OSError, TimeoutError, IndexError) as error:
            figures.errors.append(f"poll: {type(error).__name__}")
        await asyncio.sleep(every * (1 + random.random() / 4))


async def _get(host: str, port: int, path: str, etag: str) -> tuple[str, dict[str, str]]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        known = f"If-None-Match: {etag}\r\n" if etag else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n{known}\r\n".encode())
        await writer.drain()
        answer = (await reader.read()).decode()
    finally:
        writer.close()
    first, *lines = answer.partition("\r\n\r\n")[0].split("\r\n")
    return first.split()[1], {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}


async def hall(site: str, code: str, phones: int, screens: int, seconds: float, figures: Figures) -> None:
    """Let a whole hall poll for so long."""
    parts = urllib.parse.urlsplit(site)
    host, port, until = parts.hostname or "localhost", parts.port or 80, time.monotonic() + seconds
    path = f"/doi-thoai/{code}/truc-tiep.json?tieng=vi&trang="
    pages = [("tai-cho", 8.0)] * phones + [("man-hinh", 5.0)] * screens
    await asyncio.gather(*(poll(host, port, path + page, every, until, figures) for page, every in pages))


# --- both ------------------------------------------------------------------------------------------------------------------


def measure(site: str, code: str, email: str, *, phones: int = 300, screens: int = 5, seconds: float = 60) -> dict[str, Any]:
    """Return how long the desk waits alone and while the hall polls, how long the hall waits, and what went wrong."""
    desk, alone, full = Desk(site, code, email), Figures(), Figures()
    desk.work(alone, IDLE_SECONDS)
    secretary = threading.Thread(target=desk.work, args=(full, seconds))
    secretary.start()
    asyncio.run(hall(site, code, phones, screens, seconds, full))
    secretary.join()
    desk.work(alone, IDLE_SECONDS)  # again, for the session has grown
    return {
        "phones": phones,
        "screens": screens,
        "polls": len(full.polls),
        "polls a second": round(len(full.polls) / seconds, 1),
        "unchanged": round(full.unchanged / max(1, len(full.polls)), 2),
        "poll p95 ms": percentile(full.polls, 95),
        "desk p95 ms alone": percentile(alone.desk, 95),
        "desk p95 ms meanwhile": percentile(full.desk, 95),
        "errors": len(alone.errors + full.errors),
        "first errors": sorted(set(alone.errors + full.errors))[:5],
    }
