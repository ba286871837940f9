"""Send a file to a browser. Which page may, and to whom, is the domain's to say: it guards its own route."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from functools import lru_cache
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from flask import Response, abort, request

from app.files.content import ACCEPTED, HEAD, begins_like
from app.files.models import Scan, StoredFile
from app.files.operations import may_leave, open_bytes, open_original, open_stored
from app.files.pictures import smaller
from app.headers import unkept

#: Should a browser open it as a page in spite of everything: nothing in it runs, nothing is fetched.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
SMALL_KEPT = 64  # small pictures in the memory of a process, 80 KB each


def send(file: StoredFile, *, name: str | None = None, sealed: bool = False) -> Response:
    """Return *file*, or the part of it that was asked for, as an answer that streams. :raise BlobMissing:.

    Pictures are to be shown, all else is to be saved, as *name* or its own; a page plays films and voices nonetheless.
    *sealed*: the sealed register sends it, and its files alone.
    """
    response = _answer(file, file.sha256, name or file.name, sealed=sealed)
    if response.status_code == HTTPStatus.OK:
        response.accept_ranges = "bytes"
        start, stop = _part_asked_for(response, file)
        response.content_length = stop - start
        if request.method != "HEAD" and response.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            response.response = _cut(open_stored(file, start, sealed=sealed), stop - start)
    return response


def _part_asked_for(response: Response, file: StoredFile) -> tuple[int, int]:
    """Return where the answer's bytes start and stop; a player asks for parts, so that one may begin in the middle."""
    asked = request.range
    newer = request.if_range is not None and request.if_range.etag not in {None, file.sha256}
    if request.method != "GET" or asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or newer:
        return 0, file.size
    part = asked.range_for_length(file.size)
    if part is None:
        response.status_code = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        response.headers["Content-Range"] = f"bytes */{file.size}"
        return 0, 0
    response.status_code = HTTPStatus.PARTIAL_CONTENT
    response.headers["Content-Range"] = f"bytes {part[0]}-{part[1] - 1}/{file.size}"
    return part


def _cut(pieces: Iterator[bytes], left: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


def send_made(data: bytes, media_type: str, name: str, *, inline: bool = False) -> Response:
    """Return what was made just now for the one who asks, and is kept nowhere, as an answer to be saved as *name*; *inline*: shown."""
    response = Response(data, content_type=media_type)
    response.headers["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    return unkept(response)


def send_original(file: StoredFile, *, name: str) -> Response:
    """Return the file as it came, to be saved as *name* with the ending of its content; who asks was recorded. :raise BlobMissing:."""
    if file.scan == Scan.INFECTED or not may_leave(file, sealed=False):
        abort(404)
    pieces = open_original(file)
    first = next(pieces)
    kind = begins_like(first[:HEAD])
    response = Response(chain([first], pieces), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}{kind.extension if kind else Path(file.name).suffix}"'
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return unkept(response)


def send_small(file: StoredFile, side: int) -> Response:
    """Return the picture *file* as a small one of at most *side* points a side, as :func:`send` does. :raise BlobMissing:"""
    response = _answer(file, f"{file.sha256}-{side}", file.name)
    if response.status_code == HTTPStatus.OK and request.method != "HEAD":
        response.set_data(_small(file.uid, file.media_type, side))
    return response


@lru_cache(maxsize=SMALL_KEPT)
def _small(uid: uuid.UUID, media_type: str, side: int) -> bytes:
    """Return the small picture: to make it of a phone's takes 50 ms, of a screenshot 700, and a page shows a dozen to everyone."""
    kind = next(kind for kind in ACCEPTED if kind.media_type == media_type)
    return smaller(io.BytesIO(b"".join(open_bytes(uid))), kind, side)


def _answer(file: StoredFile, tag: str, name: str, *, sealed: bool = False) -> Response:
    """Return the answer without its body: 304 where the browser has what *tag* names, the page of 404 for a file that may not leave."""
    if file.scan == Scan.INFECTED or not may_leave(file, sealed=sealed):
        abort(404)
    response = Response(content_type=file.media_type)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"  # asked for again each time: the right to see it may have ended
    response.headers["Content-Disposition"] = _disposition(file, name)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.if_none_match.contains(tag):
        response.status_code = HTTPStatus.NOT_MODIFIED
    return response


def _disposition(file: StoredFile, name: str) -> str:
    how = "inline" if file.is_picture else "attachment"
    plain = "tep." + name.rpartition(".")[2]  # for programs that do not read RFC 5987
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
