"""Eight people who ask at once over connections they keep: the same client for the site and for the reference."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

TOGETHER = 8
A_VISIT = 10  # answers on one connection: kept for ever, all may be with one worker and none with the other


@dataclass(frozen=True)
class Ask:
    """One request."""

    path: str
    method: str = "GET"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def written(self, host: str) -> bytes:
        """Return it as it goes over the line."""
        said = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in self.headers)]
        if self.method == "POST":
            said.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*said, "", ""]).encode() + self.body


@dataclass
class Heard:
    """What came back: seconds of each answer, and which were not what was expected."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    took: float = 0.0

    @property
    def per_second(self) -> float:
        """How many were answered each second."""
        return len(self.seconds) / self.took if self.took else 0.0


async def ask_for(seconds: float, port: int, next_ask: Callable[[], Ask], *, expects: int, together: int = TOGETHER) -> Heard:
    """Ask for so long, so many *together*."""
    heard, end, began = Heard(), time.monotonic() + seconds, time.monotonic()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        asked = 0
        while time.monotonic() < end:
            ask, sent = next_ask(), time.monotonic()
            writer.write(ask.written(f"127.0.0.1:{port}"))
            status, keeps = await _answer(reader)
            heard.seconds.append(time.monotonic() - sent)
            if expects and status != expects:
                heard.wrong.append(f"{ask.method} {ask.path}: {status}")
            asked += 1
            if not keeps or asked % A_VISIT == 0:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    await asyncio.gather(*(one() for _ in range(together)))
    heard.took = time.monotonic() - began
    return heard


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Return the status, and whether the connection stays."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while size := int((await reader.readline()).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(headers.get("content-length", "0")))
    return int(first.split()[1]), headers.get("connection", "").lower() != "close"
