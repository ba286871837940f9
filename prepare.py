"""Bring the data up to date before the site starts: schema, reference data, and on a first start the demo province.

An entry point like wsgi.py, run by run.py: everything in one process, because each start of Python costs a second.
The last line of output is one JSON object: what was found, or the name of what stands in the way.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import flask_migrate
from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError, OperationalError

import demo
from app import reference
from app.accounts.models import Grant, User
from app.database import db, reading
from app.permissions import Role
from wsgi import app


def prepare(*, with_demo: bool) -> dict[str, Any]:
    """Migrate, load reference data, load the demo if asked and nobody has an account yet. Return what run.py tells the person.

    `has_administrator`: bool; `sign_ins`: (role in words, e-mail, password) of the demo's people, empty without a demo.
    """
    with app.app_context():
        flask_migrate.upgrade()
    reference.load(app)
    if with_demo and not exists(db.select(User.id)):
        demo.load(app)
    return {"has_administrator": exists(db.select(Grant.id).where(Grant.role == Role.ADMINISTRATOR)), "sign_ins": demo.sign_ins(app)}


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


def main() -> int:
    """Print the findings as JSON; return the exit status."""
    try:
        print(json.dumps(prepare(with_demo="--demo" in sys.argv)))
    except DBAPIError as error:
        if (name := problem(error)) is None:
            raise
        print(json.dumps({"problem": name, "detail": str(error.orig).strip()}))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
