"""The schema's migrations. Alembic is loaded only where one runs: it takes half a second that other starts can do without."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import inspect, text

from app.crypto import known as _known_keys  # noqa: F401  its table has no pages to bring it in
from app.database import db, is_postgresql

FOLDER = Path(__file__).parents[1] / "migrations"
ALONE = 20261123  # the number of our lock; nobody else on this database takes any


def init_app(app: Flask) -> None:
    """Give *app* the command `flask db`."""
    app.cli.add_command(command)


def attach(app: Flask) -> None:
    """Make *app* one that Flask-Migrate's functions can work on."""
    from flask_migrate import Migrate  # noqa: PLC0415

    Migrate().init_app(app, db, directory=str(FOLDER), render_as_batch=True, compare_type=True)


@contextmanager
def alone() -> Generator[None]:
    """Be the only host that brings the data up to date; the others wait, and find it done.

    The lock ends with its transaction, so that it holds behind a pooler, too. SQLite is one machine's, and run.py's lock its own.
    """
    if not is_postgresql():
        yield
        return
    with db.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ALONE})
        yield


def upgrade() -> None:
    """Bring the current app's database to the newest revision; one that a newer version of the site has brought further stays there."""
    if (present() or "") >= newest():
        return
    attach(current_app)
    from flask_migrate import upgrade  # noqa: PLC0415

    upgrade()


def newest() -> str:
    """Return the newest revision; each file of them is named for its own: 0001_first_tables.py."""
    return max(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def present() -> str | None:
    """Return the revision of the current app's database; none where it is empty."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))


@click.command("db", add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.pass_context
@with_appcontext
def command(context: click.Context) -> None:
    """Perform database migrations (Flask-Migrate's commands)."""
    attach(current_app)
    from flask_migrate.cli import db as commands  # noqa: PLC0415

    commands.main(args=context.args, prog_name="flask db")
