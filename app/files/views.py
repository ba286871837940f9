"""Send a file to a browser. Which page may, and to whom, is the domain's to say: it guards its own route."""

from __future__ import annotations

import io
from urllib.parse import quote

from flask import Response, request

from app.files.content import ACCEPTED
from app.files.models import StoredFile
from app.files.operations import open_stored
from app.files.pictures import smaller

#: Should a browser open it as a page in spite of everything: nothing in it runs, nothing is fetched.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def send(file: StoredFile, *, name: str | None = None) -> Response:
    """Return *file* as an answer that streams: pictures to be shown, all else to be saved, as *name* or its own. :raise BlobMissing:."""
    response = Response(content_type=file.media_type)
    response.set_etag(file.sha256)
    response.headers["Cache-Control"] = "private, no-cache"  # asked for again each time: the right to see it may have ended
    response.headers["Content-Disposition"] = _disposition(file, name or file.name)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.if_none_match.contains(file.sha256):
        response.status_code = 304
        return response
    response.content_length = file.size
    if request.method != "HEAD":
        response.response = open_stored(file)
    return response


def send_small(file: StoredFile, side: int) -> Response:
    """Return the picture *file* as a small one of at most *side* points a side, as :func:`send` does. :raise BlobMissing:"""
    response = send(file)
    response.set_etag(f"{file.sha256}-{side}")
    response.status_code = 304 if request.if_none_match.contains(f"{file.sha256}-{side}") else 200
    if response.status_code == 304 or request.method == "HEAD":  # noqa: PLR2004
        response.response = []
        response.headers.pop("Content-Length", None)
        return response
    kind = next(kind for kind in ACCEPTED if kind.media_type == file.media_type)
    response.set_data(smaller(io.BytesIO(b"".join(open_stored(file))), kind, side))
    return response


def _disposition(file: StoredFile, name: str) -> str:
    how = "inline" if file.is_picture else "attachment"
    plain = "tep." + name.rpartition(".")[2]  # for programs that do not read RFC 5987
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
