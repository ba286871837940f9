"""Uploads: checked by content, cleaned, stored as ciphertext; the original apart, sealed as evidence."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from app import audit
from app.files import store
from app.files.forms import REFUSALS, WARNINGS, UploadsField
from app.files.links import LINK_MINUTES, link_is_good, link_token
from app.files.models import StoredFile
from app.files.operations import (
    discard,
    discard_bytes,
    open_original,
    open_stored,
    store_ours,
    store_upload,
    sweep_drafts,
    sweep_orphans,
)
from app.files.refusals import FileRefused
from app.files.views import send, send_made, send_original, send_small
from app.jobs import daily, every


def init_app(app: Flask) -> None:
    """Open the store, have it swept every night, and what the scanner missed scanned."""
    store.init_app(app)
    daily(app, "files", "app.files.jobs.sweep", at=dt.time(2, 30))
    every(app, "files-scan", "app.files.jobs.scan", seconds=600)
    audit.register({"file.infected": {"signature"}})


__all__ = [
    "LINK_MINUTES",
    "REFUSALS",
    "WARNINGS",
    "FileRefused",
    "StoredFile",
    "UploadsField",
    "discard",
    "discard_bytes",
    "init_app",
    "link_is_good",
    "link_token",
    "open_original",
    "open_stored",
    "send",
    "send_made",
    "send_original",
    "send_small",
    "store_ours",
    "store_upload",
    "sweep_drafts",
    "sweep_orphans",
]
