"""Uploads: checked by content, cleaned, stored as ciphertext; the original kept beside the cleaned copy."""

from __future__ import annotations

from app.files.forms import REFUSALS, WARNINGS, UploadsField
from app.files.models import StoredFile
from app.files.operations import (
    discard,
    discard_bytes,
    open_original,
    open_stored,
    store_upload,
    sweep_drafts,
    sweep_orphans,
)
from app.files.refusals import FileRefused
from app.files.store import init_app
from app.files.views import send

__all__ = [
    "REFUSALS",
    "WARNINGS",
    "FileRefused",
    "StoredFile",
    "UploadsField",
    "discard",
    "discard_bytes",
    "init_app",
    "open_original",
    "open_stored",
    "send",
    "store_upload",
    "sweep_drafts",
    "sweep_orphans",
]
