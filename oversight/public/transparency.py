"""What everyone is told of figures: taken once a day, so that two looks on one day tell of nothing that happened in between.

The picture is made when the day begins, and kept until the next day in the memory that all processes share (Valkey). Until it is made, that
of the day before is shown, which says of which day it is; where there is none either, the first look makes it. It can always be made again.
It holds no case and no name: figures with what is small hidden, what sessions promised in the words that everyone may read on their pages,
and how many denunciations came in half-years that are over.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import structlog
from flask import current_app
from redis import RedisError

from app import jobs, settings
from app.calendar.days import ONE_DAY
from app.clock import local_date
from dialogues import public as results
from oversight.figures import sealed as figures_sealed
from oversight.figures import suppression
from oversight.rules.suppression import is_small

log = structlog.get_logger()

_KEPT_SECONDS = 2 * 24 * 3600
#: What this process read last: (ETag, Snapshot).
_READ = "oversight.transparency"
HALF_YEARS = 4


@dataclass(frozen=True)
class Snapshot:
    """The picture of one day."""

    data: dict[str, Any] = field(repr=False)

    @cached_property
    def etag(self) -> str:
        """What changes when anything in it does."""
        return tag(_packed(self.data))

    @property
    def day(self) -> dt.date:
        """Since when it holds."""
        return dt.date.fromisoformat(self.data["day"])

    @property
    def least(self) -> int:
        """From how many on a number is shown."""
        return int(self.data["least"])

    @property
    def units(self) -> dict[str, dict[str, str]]:
        """Name and level of each unit that is counted, by its code."""
        return self.data["units"]

    @cached_property
    def periods(self) -> list[str]:
        """The periods that there are figures of."""
        return sorted({row["period"] for row in self.data["figures"]})

    @cached_property
    def _by_question(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        found = defaultdict(list)
        for row in self.data["figures"]:
            found[row["duty"], row["source"]].append(row)
        return found

    def of_period(self, duty: str, source: str, period: str) -> list[dict[str, Any]]:
        """Return the figures of each unit, and of all of them, in one period."""
        return [row for row in self._by_question[duty, source] if row["period"] == period]

    def of_unit(self, duty: str, source: str, unit: str) -> list[dict[str, Any]]:
        """Return the figures of a unit in each period."""
        return [row for row in self._by_question[duty, source] if row["unit"] == unit]

    @property
    def promises(self) -> list[dict[str, Any]]:
        """What sessions promised, the latest session first."""
        return self.data["promises"]

    @property
    def denunciations(self) -> list[dict[str, Any]]:
        """How many came in each half-year that is over."""
        return self.data["denunciations"]


def tag(body: bytes) -> str:
    """Return what is another one when *body* is."""
    return hashlib.sha256(body).hexdigest()[:32]


def snapshot(now: dt.datetime, *, fresh: bool = False) -> Snapshot:
    """Return the picture of the day that *now* is in; while nobody has made it that of the day before, if *fresh* does not forbid it."""
    today = local_date(now)
    try:
        return _kept(today) or (None if fresh else _kept(today - ONE_DAY)) or _made(now)
    except RedisError as gone:
        return _without_shared(now, gone)


def _kept(day: dt.date) -> Snapshot | None:
    key, memory, shared = _key(day), current_app.extensions, _shared()
    etag = shared.get(f"{key}:etag")
    if etag is not None and _READ in memory and memory[_READ][0] == etag:
        return memory[_READ][1]
    kept = shared.get(key)
    if kept is None:
        return None
    found = Snapshot(json.loads(zlib.decompress(kept)))
    shared.set(f"{key}:etag", found.etag, ex=_KEPT_SECONDS)
    memory[_READ] = (found.etag.encode(), found)
    return found


def _made(now: dt.datetime) -> Snapshot:
    day = local_date(now)
    _shared().set(_key(day), zlib.compress(_packed(make(now))), nx=True, ex=_KEPT_SECONDS)  # of two who make it at once, the first counts
    found = _kept(day)
    assert found is not None  # it was put there a moment ago, for two days
    return found


def _key(day: dt.date) -> str:
    return f"oversight:public:{day:%Y%m%d}"


def _shared() -> Any:
    return jobs.queue().connection


def read_promises_again(now: dt.datetime) -> None:
    """Put the promises of sessions into the picture of the day in the words that they have now: some were sealed. Its figures stay.

    :raise RedisError: while the shared memory is gone; the job is done again then.
    """
    key, day = _key(local_date(now)), snapshot(now, fresh=True)
    found = Snapshot(json.loads(_packed(day.data | {"promises": _promises(local_date(now))})))
    shared = _shared()
    shared.set(key, zlib.compress(_packed(found.data)), ex=_KEPT_SECONDS)
    shared.set(f"{key}:etag", found.etag, ex=_KEPT_SECONDS)
    shared.delete(_key(local_date(now) - ONE_DAY))  # it has the words of before


def _without_shared(now: dt.datetime, gone: RedisError) -> Snapshot:
    """While the shared memory is gone each process keeps its own; tests have none, and each a database of its own."""
    kept = current_app.extensions.get(_READ)
    if kept is not None and kept[1].day == local_date(now) and not current_app.testing:
        return kept[1]
    log.info("public_figures_not_shared", error=type(gone).__name__)
    found = Snapshot(json.loads(_packed(make(now))))
    current_app.extensions[_READ] = (found.etag.encode(), found)
    return found


def make(now: dt.datetime) -> dict[str, Any]:
    """Return the picture of the day, made from what is there."""
    today, least = local_date(now), int(settings.get("public_least"))
    homes = {unit.code: unit for unit in suppression.homes().values()}
    rows = [suppression.as_row(line) for line in suppression.lines(today, least=least)]
    named = {row["unit"] for row in rows}
    return {
        "day": today.isoformat(),
        "until": (today.replace(day=1) - ONE_DAY).isoformat(),
        "least": least,
        "units": {code: {"name": unit.name, "level": unit.level} for code, unit in homes.items() if code in named},
        "figures": rows,
        "promises": _promises(today),
        "denunciations": [
            {
                "first": span.first.isoformat(),
                "last": span.last.isoformat(),
                "received": None if is_small(number, least) else number,
                "hidden": ["received"] if is_small(number, least) else [],
            }
            for span, number in figures_sealed.received(today, HALF_YEARS)
        ],
    }


def _promises(today: dt.date) -> list[dict[str, Any]]:
    return [
        {
            "session": session.code,
            "topic": session.topic,
            "held_on": session.day.isoformat() if session.day else None,
            "duty": each.duty,
            "unit": each.unit,
            "text": each.text,  # the masked copy; empty where the asker did not agree to have it read
            "due_on": each.due_on.isoformat() if each.due_on else None,
            "done_on": each.done_on.isoformat() if each.done_on else None,
            "state": _state(done=each.done, late=each.late),
        }
        for session, promised in results.every_conclusion(today)
        for each in promised
    ]


def _state(*, done: bool, late: bool) -> str:
    if done:
        return "done_late" if late else "done"
    return "late" if late else "open"


def _packed(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
