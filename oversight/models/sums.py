"""How many promises there are of each sort, so that a number of a million of them is read from some thousand rows.

Of what is open the day it is owed is part of the sort, so that what is late or due soon is right on every day; of what is over, whether it
ended in time. The figures of a period are not summed: they are counted from the rows of its days, which do not become more with the years.

The table is written, never changed: triggers of the database add a line with +1 or −1 in the transaction that makes a promise, ends it or
changes what it is summed by, whoever writes, a release without this module too; nobody waits for anybody, and the sum of all lines is
always what the promises themselves say: it is as of now. Each night :func:`settle` counts these, writes what the lines lack, and says how
much that was: nothing, or somebody has to know. The same makes the sums where there are none. :func:`fold` makes one line of those alike.
"""

# ruff: noqa: S608 - of our own names alone

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, case, inspect, literal, text
from sqlalchemy.orm import Mapped, mapped_column

from app.assignments.models import Assignment
from app.assignments.rules import OPEN
from app.database import Base

#: Whether it ended after its day, or by it.
LATE, IN_TIME = "late", "in_time"


class PromiseSum(Base):
    """So many promises more, or fewer, of one sort. Ids of units and the like without foreign keys: the promise has them."""

    __tablename__ = "promise_sum"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    duty: Mapped[str]
    state: Mapped[str]
    outcome: Mapped[str] = mapped_column(comment="of what is over: late, in_time; empty: open, or there is no day of its end")
    due_on: Mapped[dt.date | None] = mapped_column(Date, comment="of what is open")
    unit_id: Mapped[int]
    place_id: Mapped[int | None]
    field_id: Mapped[int | None]
    session_id: Mapped[int | None]
    number: Mapped[int]


#: What they are summed by.
KEYS = ("kind", "duty", "state", "outcome", "due_on", "unit_id", "place_id", "field_id", "session_id")
_DUTY = Assignment.__table__.c
_IS_OPEN = _DUTY.state.in_(sorted(OPEN))
#: What of them is no column of a promise, said in a statement over promises.
MADE: dict[str, ColumnElement[Any]] = {
    "outcome": case(
        (_IS_OPEN, literal("")),
        (_DUTY.closed_on > _DUTY.due_on, literal(LATE)),
        (_DUTY.due_on.is_(None) | (_DUTY.closed_on <= _DUTY.due_on), literal(IN_TIME)),
        else_=literal(""),
    ),
    "due_on": case((_IS_OPEN, _DUTY.due_on)),
}

_LISTED = ", ".join(KEYS)
_COLUMNS = ("kind", "duty", "state", "unit_id", "place_id", "field_id", "session_id", "due_on", "closed_on")
_OPEN = "row.state IN ({})".format(", ".join(f"'{state}'" for state in sorted(OPEN)))
_SAID = {
    "outcome": f"CASE WHEN {_OPEN} THEN '' WHEN row.closed_on > row.due_on THEN '{LATE}'"
    f" WHEN row.due_on IS NULL OR row.closed_on <= row.due_on THEN '{IN_TIME}' ELSE '' END",
    "due_on": f"CASE WHEN {_OPEN} THEN row.due_on END",
}
_VALUES = ", ".join(_SAID.get(key, f"row.{key}") for key in KEYS)
_NAMED = ", ".join(f"{_SAID.get(key, f'row.{key}')} AS {key}" for key in KEYS)


def _line(row: str, number: str) -> str:
    return f"INSERT INTO promise_sum ({_LISTED}, number) VALUES ({_VALUES}, {number});".replace("row.", f"{row}.")


# --- the triggers -------------------------------------------------------------------------------------------------------

_FUNCTION = f"""
BEGIN
  IF TG_OP <> 'INSERT' THEN {_line("OLD", "-1")} END IF;
  IF TG_OP <> 'DELETE' THEN {_line("NEW", "1")} END IF;
  RETURN NULL;
END
"""
_POSTGRESQL = (
    f"CREATE TRIGGER assignment_summed AFTER INSERT OR DELETE OR UPDATE OF {', '.join(_COLUMNS)} ON assignment"
    " FOR EACH ROW EXECUTE FUNCTION sum_promise()"
)
_SQLITE = {
    f"assignment_summed_{verb.lower()}": f"CREATE TRIGGER assignment_summed_{verb.lower()} AFTER {verb}{of} ON assignment BEGIN {lines} END"
    for verb, of, lines in (
        ("INSERT", "", _line("NEW", "1")),
        ("DELETE", "", _line("OLD", "-1")),
        ("UPDATE", f" OF {', '.join(_COLUMNS)}", _line("OLD", "-1") + _line("NEW", "1")),
    )
}


def install(connection: Connection) -> None:
    """Make the triggers anew, and settle; where the tables are not there yet, nothing."""
    if not {"assignment", "promise_sum"} <= set(inspect(connection).get_table_names()):
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE OR REPLACE FUNCTION sum_promise() RETURNS trigger LANGUAGE plpgsql AS $${_FUNCTION}$$"))
        connection.execute(text("DROP TRIGGER IF EXISTS assignment_summed ON assignment"))
        connection.execute(text(_POSTGRESQL))
    else:
        for name, making in _SQLITE.items():
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
            connection.execute(text(making))
    settle(connection)


# --- at night -----------------------------------------------------------------------------------------------------------

_SETTLING = (
    f"INSERT INTO promise_sum ({_LISTED}, number) SELECT {_LISTED}, sum(number) FROM ("
    f"SELECT {_NAMED}, count(*) AS number"
    f" FROM assignment AS row GROUP BY {', '.join(str(place) for place, _key in enumerate(KEYS, start=1))}"
    f" UNION ALL SELECT {_LISTED}, -number FROM promise_sum) AS held GROUP BY {_LISTED} HAVING sum(number) <> 0"
)  # one statement: promises and lines of one moment, and what comes meanwhile adds to what it finds
_ALIKE = (
    f"INSERT INTO promise_sum ({_LISTED}, number) SELECT {_LISTED}, sum(number) FROM {{lines}} GROUP BY {_LISTED} HAVING sum(number) <> 0"
)


def settle(connection: Connection) -> int:
    """Hold the sums against the promises, write what they lack or have too much, and return of how many sorts that was."""
    _alone(connection)
    return connection.execute(text(_SETTLING)).rowcount


def fold(connection: Connection) -> None:
    """Make one line of all those that are alike; none of those that come to nothing."""
    _alone(connection)
    if connection.dialect.name == "postgresql":  # what another transaction writes meanwhile, this sees in neither half
        connection.execute(text(f"WITH gone AS (DELETE FROM promise_sum RETURNING {_LISTED}, number) {_ALIKE.format(lines='gone')}"))
        return
    last = connection.scalar(text("SELECT coalesce(max(id), 0) FROM promise_sum"))
    connection.execute(text(_ALIKE.format(lines="promise_sum")))
    connection.execute(text("DELETE FROM promise_sum WHERE id <= :last"), {"last": last})


def _alone(connection: Connection) -> None:
    """Let no second one settle or fold meanwhile; promises go on. On SQLite nobody else writes at all."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE promise_sum IN SHARE UPDATE EXCLUSIVE MODE"))
