"""Every page asked for once, as each kind of person: which statements took long, with their plans, and which indexes nothing used.

`python -m bench.everything FILE` on the settings of its environment, in one process; FILE gets what was found as JSON.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, select, text

import demo
from app import schema
from app.database import db, is_postgresql
from bench.province import Province
from feedback.models import Feedback, FeedbackAssignment
from wsgi import app

SLOW = 0.02  # seconds
LINKS = 30  # of one page that are followed, where their kind is new
ENOUGH = 2  # people who were shown a page
MINUTES = 6  # no longer than that
READS = ("SELECT", "WITH")


@dataclass
class Slow:
    """A statement that took long: how long at the worst, where, and how the database went about it."""

    statement: str
    milliseconds: float
    page: str
    plan: str = ""
    again: float | None = None  # milliseconds by the database's own clock, when its plan was asked for
    times: int = 1


@dataclass
class Watch:
    """What was seen of the statements."""

    page: str = ""
    count: int = 0
    slow: dict[str, tuple[Slow, Any]] = field(default_factory=dict)
    pages: list[tuple[str, str, int, float, int]] = field(default_factory=list)  # who, path, status, milliseconds, statements

    def end(self, statement: str, parameters: Any, took: float) -> None:
        """A statement is through."""
        self.count += 1
        if took < SLOW:
            return
        said = Slow(re.sub(r"\s+", " ", statement), took * 1000, self.page)
        known = self.slow.get(said.statement)
        if known is not None:
            said.times = known[0].times + 1
        if known is None or known[0].milliseconds < said.milliseconds:
            self.slow[said.statement] = said, parameters
        else:
            known[0].times += 1


@contextmanager
def watching() -> Generator[Watch]:
    """Watch the statements of this process."""
    watch = Watch()

    def before(connection: Connection, *_: Any) -> None:
        connection.info["began"] = time.perf_counter()

    def after(connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        watch.end(statement, parameters, time.perf_counter() - connection.info["began"])

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    try:
        yield watch
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "after_cursor_execute", after)


def sign_in(client: FlaskClient, email: str, password: str) -> None:
    """Sign *client* in by the form."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/dang-nhap").text)
    assert token is not None
    client.post("/dang-nhap", data={"csrf_token": token[1], "email": email, "password": password})


def ask(client: FlaskClient, who: str, path: str, watch: Watch) -> str:
    """Ask for a page; return it where it is one that links."""
    watch.page, watch.count = f"{who}: {path}", 0
    began = time.perf_counter()
    answer = client.get(path)
    watch.pages.append((who, path, answer.status_code, (time.perf_counter() - began) * 1000, watch.count))
    is_page = answer.status_code == 200 and answer.mimetype == "text/html"  # noqa: PLR2004
    page = answer.text if is_page else ""
    answer.close()
    return page


def visit(province: Province, watch: Watch) -> None:
    """Ask for every page: those without arguments, what they link to, and some items."""
    alone = sorted(
        {
            rule.rule
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and not rule.arguments and "dang-xuat" not in rule.rule
        }
    )
    items = [f"/tra-cuu/{code}" for code in province.codes[:: max(1, len(province.codes) // 10)]]
    people: list[tuple[str, FlaskClient]] = [("anyone", app.test_client())]
    for who, email, password in demo.sign_ins(app):
        client = app.test_client()
        sign_in(client, email, password)
        people.append((who, client))
    people.sort(key=lambda each: (each[0] == "anyone", "Chuyên viên" in each[0]))  # who sees much before who sees little
    shown, seen, until = Counter[str](), set[str](), time.monotonic() + MINUTES * 60
    for who, client in people:
        for path in alone + (items if who == "anyone" else [f"/can-bo/y-kien/{path.rpartition('/')[2]}" for path in items]):
            if shown[path] >= ENOUGH or time.monotonic() > until:
                continue
            page = ask(client, who, path, watch)
            shown[path] += bool(page)
            for link in _links(page):
                kind = re.sub(r"[A-Z]{2}-[\w.-]+|[0-9a-f]{8}-[0-9a-f-]{27}|\d+|(?<==)[^&]{12,}", "#", link)
                if kind not in seen:
                    seen.add(kind)
                    ask(client, who, link, watch)
        print(f"{who}: {len(watch.pages)} pages", file=sys.stderr, flush=True)


def _links(page: str) -> Iterator[str]:
    """Yield where *page* leads, but for files that are made anew for each who asks: they cost a program, not the database."""
    found = (link.replace("&amp;", "&").partition("#")[0] for link in re.findall(r'href="(/[^"#]+)', page.partition("<main")[2]))
    pages = (each for each in dict.fromkeys(found) if not re.search(r"^/static|dang-xuat|\.(pdf|docx|zip)", each))
    yield from islice(pages, LINKS)


def explained(watch: Watch) -> list[Slow]:
    """Return what was slow with its plan, the slowest first; what another process had only held up is left out."""
    rows = []
    with db.engine.connect() as connection:
        for slow, parameters in watch.slow.values():
            if slow.statement.lstrip("(").startswith(READS) and "FOR UPDATE" not in slow.statement and is_postgresql():
                plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {slow.statement}", parameters).scalars().all()
                slow.plan = "\n".join(plan)
                slow.again = float(plan[-1].split()[-2])
                connection.rollback()
                if slow.again < SLOW * 1000:
                    continue
            rows.append(slow)
    return sorted(rows, key=lambda slow: -(slow.again or slow.milliseconds))


def unused(connection: Connection) -> list[tuple[str, str, int]]:
    """Return table, name and bytes of each index that nothing used since the counts began, but for those that keep rows unique."""
    statement = """
        SELECT relname, indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
        WHERE idx_scan = 0 AND NOT indisunique AND NOT indisprimary ORDER BY 3 DESC"""
    return [tuple(row) for row in connection.execute(text(statement))]


def main(target: str, province: Province) -> None:
    """Ask for everything, and write down what was found."""
    with app.app_context():
        schema.upgrade()
        if is_postgresql():
            db.session.execute(text("SELECT pg_stat_reset()"))
            db.session.commit()
    with watching() as watch:
        visit(province, watch)
    with app.app_context():
        slow = explained(watch)
        idle = []
        if is_postgresql():
            with db.engine.connect() as connection:
                connection.execute(text("SELECT pg_stat_force_next_flush()"))
                idle = unused(connection)
        items = db.session.scalar(select(db.func.count()).select_from(Feedback))
        open_ = db.session.scalar(select(db.func.count()).select_from(FeedbackAssignment).where(FeedbackAssignment.closed_on.is_(None)))
    found = {"items": items, "open": open_, "slow": [asdict(each) for each in slow], "unused": idle, "pages": watch.pages}
    Path(target).write_text(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1], Province(**json.loads((Path(sys.argv[2])).read_text())))
