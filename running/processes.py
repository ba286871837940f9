"""What each process of the site does. The one module of the command line that imports the site; see serving.py."""

from __future__ import annotations

import socket
import sys
from typing import Any

from gunicorn.app.wsgiapp import WSGIApplication
from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError, OperationalError

import demo
from app import clock, reference, schema
from app.accounts.models import Grant, User
from app.backup import restoring
from app.crypto import KeyMissing, known, rotation
from app.database import db, reading
from app.jobs.__main__ import COMMANDS
from app.permissions import Role
from wsgi import app


def web(listener: socket.socket | None = None) -> None:
    """Answer requests that come to *listener*, or to BIND and PORT; the rest is in gunicorn.conf.py."""
    sys.argv = ["gunicorn", *(["--bind", f"fd://{listener.fileno()}"] if listener else []), "wsgi:app"]
    WSGIApplication("gunicorn").run()


def work(name: str, listener: socket.socket | None = None) -> None:
    """Be the worker or the ticker (`python -m app.jobs`), which have no use for the *listener*."""
    if listener:
        listener.close()
    COMMANDS[name](app)


def make_ready(*, with_demo: bool) -> dict[str, Any]:
    """Migrate, load reference data, load the demo if asked and nobody has an account yet. Return what the person should know.

    `has_administrator`: bool; `sign_ins`: (role in words, e-mail, password) of the demo's people, empty without a demo;
    `escrowed`: somebody typed the keys' copy on paper back.
    Or `problem` and `detail`: the name of what keeps the database from being used, and what it said itself.
    """
    try:
        with app.app_context():
            if restoring.is_unfinished():
                return {"problem": "restore_unfinished", "detail": str(restoring.mark())}
            with schema.alone():
                schema.upgrade()
                rotation.settle(clock.now())
                db.session.commit()
                reference.load()
        if with_demo and not exists(db.select(User.id)):
            print("Nạp tỉnh mẫu (loading the demo province)…", flush=True)
            demo.load(app)
        administrators = db.select(Grant.id).where(Grant.role == Role.ADMINISTRATOR)
        ring = app.extensions["keyring"]
        escrowed = ring.current in ring.escrowed
        return {"has_administrator": exists(administrators), "sign_ins": demo.sign_ins(app), "escrowed": escrowed}
    except KeyMissing as missing:
        return {"problem": "key_missing", "detail": str(missing)}
    except DBAPIError as error:
        if (name := problem(error)) is None:
            raise
        return {"problem": name, "detail": str(error.orig)}


def may_begin() -> dict[str, Any] | None:
    """Return what keeps a process from serving on the data that is there, as make_ready does; a database that is away may come back."""
    try:
        with app.app_context(), reading():
            if (schema.present() or "") < schema.newest():
                return {"problem": "data_older", "detail": f"{schema.present()} < {schema.newest()}"}
            if lacking := known.lacking():
                return {"problem": "key_missing", "detail": ", ".join(lacking)}
    except DBAPIError as error:
        if problem(error) is None:
            raise
    return None


def exists(query: Select[Any]) -> bool:
    """Say whether *query* finds anything; hold no transaction after."""
    with app.app_context(), reading():
        return db.session.scalar(query.limit(1)) is not None


def problem(error: DBAPIError) -> str | None:
    """Return the name of what keeps the database from being used, or nothing for a fault of ours."""
    code = getattr(error.orig, "sqlite_errorname", "")
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "database_damaged"
    if code.startswith(("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_PERM")):
        return "database_unwritable"
    if isinstance(error, OperationalError) and error.statement is None:  # it failed before anything was asked
        return "database_unreachable"
    return None
