"""How long the record takes to be sealed and checked: `python -m tests.app.measure_record 1000000 /tmp/record [postgresql]`.

No test: it takes minutes. The folder must not be there; a PostgreSQL goes on running in it until it is stopped
(`pg_ctl -D FOLDER/postgresql/data stop`, as nobody).

A million entries on SQLite, in seconds of one processor (November 2026): sealed in 58, checked in 58, and never more than 221 MB of memory.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

import dialogues
import feedback
import oversight
from app import clock, create_app
from app.audit import SEALED, AuditEntry, seal_of
from app.chain import operations, queries, verifying
from app.chain.rules import Anchor
from app.database import Base, db, is_postgresql
from config import Config
from tests import services

BATCH = 20_000
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("personal_data.seen", {"reason": "answer"}),
    ("assignment.taken", {"officer_id": 7}),
    ("clock.started", {"stage": "answer", "rule": "giai-quyet", "due_on": "2026-09-30"}),
]
BEGAN = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def fill(number: int) -> None:
    """Write *number* entries of several kinds, a few seconds apart."""
    for start in range(0, number, BATCH):
        rows = [
            {
                "at": BEGAN + dt.timedelta(seconds=40 * each),
                "actor_kind": "user",
                "actor_id": each % 500 + 1,
                "actor_unit_id": each % 90 + 1,
                "action": KINDS[each % len(KINDS)][0],
                "subject_type": "feedback",
                "subject_id": each // 12 + 1,
                "facts": KINDS[each % len(KINDS)][1],
            }
            for each in range(start, min(start + BATCH, number))
        ]
        rows = [row | {"seal": seal_of([row[name] for name in SEALED])} for row in rows]
        db.session.execute(insert(AuditEntry), rows)
        db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if is_postgresql() else "ANALYZE"))


def seal() -> int:
    """Seal all that waits, as the job does."""
    done = 0
    while sealed := operations.seal(now=clock.now()):
        db.session.commit()
        done += sealed
    db.session.commit()
    return done


def timed(what: str, act: Callable[[], Any]) -> Any:
    """Print how long *act* took."""
    began, burnt = time.perf_counter(), time.process_time()
    done = act()
    took = f"{time.process_time() - burnt:.1f} s of the processor, {time.perf_counter() - began:.1f} s"
    sys.stdout.write(f"{what}: {took}, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most\n")
    sys.stdout.flush()
    return done


def main(number: int, folder: Path, kind: str = "sqlite") -> None:
    """Fill, seal, check; change one entry in the middle by hand, and check again."""
    folder.mkdir()
    folder.chmod(0o711)  # PostgreSQL is another user's
    url = f"sqlite:///{folder}/record.sqlite3"
    if kind == "postgresql":
        services.start_postgresql(folder / "postgresql")
        url = services.PostgreSQL(folder / "postgresql", "").create_database("record")
    config = Config(DATABASE_URL=url, DATA_DIR=str(folder), SECRETS_DIR=str(folder / "secrets"))
    with create_app(config, domains=[feedback, dialogues, oversight]).app_context():
        Base.metadata.create_all(db.engine)
        timed(f"{number} entries written", lambda: fill(number))
        timed("sealed", seal)
        last = queries.last_link()
        report = timed("checked", lambda: verifying.verify([Anchor(last.seq, last.hash)], today=clock.today()))
        assert [fault for fault in report.faults if fault.kind != "unguarded"] == []
        db.session.execute(text("UPDATE audit_entry SET subject_id = 0 WHERE id = :id"), {"id": number // 2})
        db.session.commit()
        report = timed("checked after one was changed", lambda: verifying.verify(today=clock.today()))
        assert [fault.facts["entry"] for fault in report.faults if fault.kind == "changed"] == [number // 2]
        db.session.remove()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
