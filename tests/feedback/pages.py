"""How a test uses the pages of who works here: it presses buttons on forms it has opened, and counts what a page asks of the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from app.database import db


def token(client: Any, address: str) -> str:
    """Return the CSRF token of the page at *address*."""
    page = client.get(address).text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page
    return found[1]


def post(client: Any, address: str, data: dict[str, Any] | None = None, *, page: str = "") -> Any:
    """Send *data* to *address* from the form on *page* (the address itself, unless said)."""
    return client.post(address, data={"csrf_token": token(client, page or address)} | (data or {}))


@contextmanager
def statements() -> Iterator[list[str]]:
    """Yield the list of the SQL statements that are run meanwhile; savepoints are the test's own."""
    seen: list[str] = []
    db.session.flush()  # what the test wrote, and has in memory, is no business of the page
    db.session.expire_all()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "SAVEPOINT" not in statement:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
