"""What happens around every request: the transaction's kind, the headers, and a plain page for everything that goes wrong."""

from __future__ import annotations

import secrets
import sys
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, OperationalError, TimeoutError  # noqa: A004 - of the pool of connections
from werkzeug.exceptions import BadHost, ClientDisconnected, HTTPException, NotFound
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as WerkzeugResponse

from app import database
from app.access import NotAllowed
from app.accounts.addresses import can_be_read
from app.api import problem, problem_of
from app.assignments.rules import IllegalTransition
from app.database import db
from app.headers import add, unkept
from app.incoming import NO_ROOM, BoundedRequest
from app.steps import TOO_LATE

log = structlog.get_logger()

ONLY_READS = "25006"  # read_only_sql_transaction
NOTHING_TO_HANG_ON = "23503"  # foreign_key_violation
ALREADY_THERE = {"23505", "SQLITE_CONSTRAINT_UNIQUE"}  # unique_violation
SAFE = {"GET", "HEAD", "OPTIONS"}
MOST_TYPED = 200_000  # characters; more than any form of ours takes
MOST_REFUSED = 1_000_000  # bytes read of who sends too often


class NumberInAddress(IntegerConverter):
    """`<int:…>` in an address: digits as we write them, and no more than the id of a row can have. All else is no page of ours."""

    regex = "[0-9]{1,18}"


def init_app(app: Flask) -> None:
    """Hook into requests and errors of *app*."""
    # One JSON line an event, on standard error. Tracebacks go without local variables: those hold what people typed.
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(StandardError()),  # ty: ignore[invalid-argument-type] - as far as it is used
    )
    app.request_class = BoundedRequest
    app.before_request(_begin)
    app.teardown_request(_end)
    app.after_request(_headers)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(IllegalTransition, _too_late)
    app.register_error_handler(OperationalError, _database_gone)
    app.register_error_handler(InternalError, _database_refuses)
    app.register_error_handler(IntegrityError, _row_refused)
    app.register_error_handler(TimeoutError, _database_gone)
    app.register_error_handler(OSError, _no_room)
    app.register_error_handler(Exception, _broken)


class StandardError:
    """Standard error, which may go to a file on a disk that is full: what cannot be noted keeps nobody from their page."""

    def write(self, text: str) -> None:
        """Write *text*, if that can be."""
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Pass on what was written, if that can be."""
        with suppress(OSError):
            sys.stderr.flush()


def _begin() -> None:
    g.request_id = secrets.token_hex(8)
    database.wait_at_most(database.ANSWER_SECONDS)
    if request.method in SAFE:
        database.begin_reading()
    else:
        database.begin_writing()


def _end(_error: BaseException | None) -> None:
    database.begin_writing()  # what this thread does next is no page that only reads


def _headers(response: Response) -> Response:
    headers = response.headers
    add(headers, https=request.is_secure or current_app.config["HTTPS"])
    headers.setdefault("X-Request-Id", g.get("request_id", "-"))
    # A page may hold what only its reader may see: no cache between us and them keeps it.
    headers.setdefault("Cache-Control", "private, no-cache")
    # What it says depends on the language: chosen before on pages, told by the browser on the API.
    response.vary.add("Accept-Language" if _is_api() else "Cookie")
    return response


def page(status: int, **facts: Any) -> tuple[str, int]:
    """Return the error page of *status*."""
    known = status if status in {400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503} else (400 if status < 500 else 500)  # noqa: PLR2004
    return render_template(f"errors/{known}.html", request_id=g.get("request_id", "-"), **facts), status


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _http_error(error: HTTPException) -> Any:
    db.session.rollback()
    if error.response is not None:  # a redirect, or an answer somebody already wrote
        return error.response
    if isinstance(error, BadHost):  # without a host no page can be made: its links lead nowhere
        return WerkzeugResponse(_("Tên máy chủ trong yêu cầu không đọc được."), 400, mimetype="text/plain")
    if isinstance(error, ClientDisconnected) and _is_full(error.__context__):  # what was sent could not be put anywhere
        return _unavailable("disk_full")
    status = error.code or 500
    if _is_api():
        return problem_of(error)
    if status == HTTPStatus.NOT_FOUND and (address := _without_slash()):
        return redirect(address, 308)
    typed, _files = _typed(MOST_REFUSED) if status == HTTPStatus.TOO_MANY_REQUESTS else ([], False)
    body, status = page(status, typed=typed)
    response = Response(body, status, mimetype="text/html")
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return unkept(response) if typed else response


def _without_slash() -> str:
    """Return the address of the page that was asked for with a slash too many, as some telephones add one; empty where there is none."""
    path = request.path.rstrip("/")
    if path in {"", request.path} or request.method not in {"GET", "HEAD"} or not can_be_read(path):
        return ""
    return f"{path}?{query}" if (query := request.query_string.decode()) else path


def _not_allowed(_error: NotAllowed) -> Any:
    db.session.rollback()
    if _is_api():
        return problem(403)
    return page(403)


def _too_late(_error: Exception) -> Any:
    """Somebody else was faster, or the page is old: say so, where the person was."""
    db.session.rollback()
    if _is_api():
        return problem(409)
    if request.referrer and request.method == "POST":
        flash(str(TOO_LATE), "warn")
        return redirect(request.referrer if request.referrer.startswith(request.host_url) else "/")
    return page(409)


def _database_refuses(error: InternalError) -> Any:
    """PostgreSQL calls it an internal error that it only reads: a standby, or one whose disk is nearly full."""
    return _database_gone(error) if getattr(error.orig, "sqlstate", None) == ONLY_READS else _broken(error)


def _row_refused(error: IntegrityError) -> Any:
    """What was to be written hangs on a row that somebody deleted meanwhile, as sealing does: as if it had never been there.

    Or it is there already, written a moment ago by somebody who was faster.
    """
    if getattr(error.orig, "sqlstate", None) == NOTHING_TO_HANG_ON:
        return _http_error(NotFound())
    if ALREADY_THERE & {getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorname", None)}:
        log.warning("already_there", request_id=g.get("request_id"), route=str(request.url_rule))  # the error names what was typed
        return _too_late(error)
    return _broken(error)


def _database_gone(error: DBAPIError | TimeoutError) -> Any:
    return _unavailable("database_unavailable", error=str(getattr(error, "orig", type(error).__name__)))


def _no_room(error: OSError) -> Any:
    return _unavailable("disk_full") if _is_full(error) else _broken(error)


def _is_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in NO_ROOM


def _unavailable(what: str, **facts: Any) -> Any:
    """Say that it cannot be done now; who wrote something can send it again from the page that says so."""
    db.session.rollback()
    log.error(what, request_id=g.get("request_id"), **facts)
    if _is_api():
        return problem(503)
    typed, files = _typed()
    answer = unkept(*page(503, typed=typed, files=files))
    answer.headers["Retry-After"] = "60"
    return answer


def _typed(most: int | None = None) -> tuple[list[tuple[str, str]], bool]:
    """Return each field of the form that was sent, and whether files came along; nothing where passwords are.

    Of a request of *most* bytes and more nothing is read.
    """
    if request.method != "POST" or request.endpoint is None or request.blueprint == "accounts":
        return [], False
    if most is not None and (request.content_length or most) >= most:
        return [], False
    try:
        fields = list(request.form.items(multi=True))
        files = any(each.filename for each in request.files.values())
    except (HTTPException, OSError):  # it could not be read then, and cannot be now
        return [], False
    length = sum(len(text) for name, text in fields if name != "csrf_token")
    return (fields, files) if 0 < length <= MOST_TYPED else ([], False)


def _broken(error: Exception) -> Any:
    db.session.rollback()
    # The message of an exception may hold what a person typed: only its type and place are logged;
    # and not the address, which for the square code of a receipt holds the key.
    log.error("unhandled", request_id=g.get("request_id"), type=type(error).__name__, route=str(request.url_rule), exc_info=error)
    if _is_api():
        return problem(500)
    return page(500)
