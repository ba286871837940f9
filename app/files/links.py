"""Links to a file that soon end: good for one file, for whom they were made, and for some minutes."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.files.models import StoredFile

LINK_MINUTES = 10


def link_token(file: StoredFile, holder: str) -> str:
    """Return what a link to *file* carries; *holder* is the person or thread that it is for, as in ``user:12``."""
    return _signer().dumps([file.uid.hex, holder])


def link_is_good(token: str, file: StoredFile, holder: str) -> bool:
    """Say whether :func:`link_token` made *token* for that file and holder, not long ago."""
    try:
        return _signer().loads(token, max_age=LINK_MINUTES * 60) == [file.uid.hex, holder]
    except BadSignature:
        return False


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="file-link")
