"""How long figures take over very many promises: `python -m tests.oversight.measure_figures 1000000 /tmp/figures [postgresql]`.

No test: it takes minutes. The database, else SQLite, is kept in the folder and used again when it is there; a PostgreSQL goes on
running there until it is stopped (`pg_ctl -D FOLDER/postgresql/data stop`, as nobody).
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select, text

import dialogues
import feedback
import oversight
from app import clock, create_app
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.assignments.models import Assignment
from app.assignments.rules import Duty
from app.calendar.operations import load_shipped
from app.database import Base, db, is_postgresql
from app.units.models import Unit
from config import Config
from dialogues.duties import Span
from oversight import register
from oversight.figures import Dimension, figures, months_of, over
from oversight.register import Cut
from tests import services
from tests.factories import make_unit
from tests.oversight.cases import at_random, make_scene, write

TODAY = dt.date(2026, 11, 2)
YEAR, QUARTER = Span(dt.date(2025, 10, 1), dt.date(2026, 9, 30)), Span(dt.date(2026, 7, 1), dt.date(2026, 9, 30))
BATCH = 20_000


def fill(number: int) -> None:
    """Write a province of 176 units with *number* promises of two and a half years."""
    scene, random = make_scene(), Random(1)
    scene.units += [make_unit(name=f"Đơn vị {i}", parent=scene.units[0]) for i in range(176 - len(scene.units))]
    db.session.commit()
    for _ in range(number // BATCH):
        write(scene, at_random(random, BATCH, days=900, units=range(len(scene.units))))
        db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if is_postgresql() else "ANALYZE"))


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(number: int, folder: Path, kind: str = "sqlite") -> None:
    """Print each question with its seconds of the processor and of the clock, the second time it is asked."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)  # PostgreSQL is another user's
    there, url = _database(folder, kind)
    app = create_app(
        Config(DATABASE_URL=url, DATA_DIR=str(folder), SECRETS_DIR=str(folder / "secrets")), domains=[feedback, dialogues, oversight]
    )
    with app.app_context():
        if not there:
            Base.metadata.create_all(db.engine)
            load_shipped(local_rules=True, now=clock.now())
            fill(number)
        reader = db.session.scalars(select(User).order_by(User.id)).first()
        assert reader is not None
        who: dict[str, Any] = {"today": TODAY, "reach": reach_of(reader, on=TODAY)}
        promises, units = (db.session.scalar(select(func.count()).select_from(model)) for model in (Assignment, Unit))
        say(f"{promises} promises, {units} units; seconds of the processor, of the clock")
        for name, ask in questions(Cut(duty=Duty.ANSWER), who).items():
            ask()
            begin, began = _processor(folder), time.monotonic()
            ask()
            say(f"{_processor(folder) - begin:6.2f} {time.monotonic() - began:6.2f}  {name}")


def _database(folder: Path, kind: str) -> tuple[bool, str]:
    """Return whether the database is filled already, and its URL."""
    if kind == "sqlite":
        return (folder / "site.db").exists(), f"sqlite:///{folder}/site.db"
    server = folder / "postgresql"
    if there := server.exists():
        return there, f"postgresql+psycopg://app@/site?host={server}"
    services.start_postgresql(server)
    return there, services.PostgreSQL(server, "").create_database("site")


def _processor(folder: Path) -> float:
    """Return the seconds that this process and PostgreSQL have used: what else the machine does is not measured."""
    used = time.process_time()
    if (running := folder / "postgresql" / "data" / "postmaster.pid").exists():
        ticks = os.sysconf("SC_CLK_TCK")
        ours = db.session.scalar(text("SELECT pg_backend_pid()"))
        used += sum(_ticks(ours)[:2]) / ticks + sum(_ticks(int(running.read_text().split()[0]))[2:]) / ticks  # with workers that are over
    return used


def _ticks(process: int | None) -> list[int]:
    """Return what the kernel counted: user, system, and both of the children that are over."""
    return [int(each) for each in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]]


def questions(cut: Cut, who: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """Return what pages ask."""

    def by_unit(*names: str, span: Span = QUARTER, by: Dimension = Dimension.UNIT_BELOW) -> Callable[[], object]:
        return lambda: figures(names, by=by, cut=cut, span=span, **who)

    return {
        "register: number of each view": lambda: register.counts(cut, who["reach"], TODAY),
        "quarter, by unit: made, closed, in time, late": by_unit("made", "closed", "in_time", "late"),
        "quarter, by unit: open, overdue, open by age": by_unit("open", "overdue", "open_0-5", "open_31-60", "open_181"),
        "quarter, by unit: on-time share": by_unit("on_time_share"),
        "quarter, by unit: median and 90th percentile": by_unit("median_days", "p90_days"),
        "quarter, by unit: mean of ratings, response rate": by_unit("rating_mean", "response_rate"),
        "quarter, by unit: reopened, transfers": by_unit("reopened_share", "transfers_mean", "roundabout_share"),
        "year, by unit: on-time share": by_unit("on_time_share", span=YEAR),
        "year, by unit: median and 90th percentile": by_unit("median_days", "p90_days", span=YEAR),
        "year, by unit: mean of ratings, response rate": by_unit("rating_mean", "response_rate", span=YEAR),
        "year, by month: on-time share": by_unit("on_time_share", span=YEAR, by=Dimension.MONTH),
        "year, by month: open, overdue": by_unit("open", "overdue", span=YEAR, by=Dimension.MONTH),
        "year, by month: median and 90th percentile": by_unit("median_days", "p90_days", span=YEAR, by=Dimension.MONTH),
        "year, units × months: on-time share": lambda: over(["on_time_share"], months_of(YEAR), by=Dimension.UNIT, cut=cut, **who),
        "year, units × months: overdue": lambda: over(["overdue"], months_of(YEAR), by=Dimension.UNIT, cut=cut, **who),
        "year, units × months: median": lambda: over(["median_days"], months_of(YEAR), by=Dimension.UNIT, cut=cut, **who),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
