"""`flask verify-dossier FILE.zip`: says which file of a dossier is not as it was archived."""

from __future__ import annotations

import hashlib
import json
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.database import reading
from app.files import open_stored
from dialogues import queries
from dialogues.archiving import MANIFEST

PIECE = 64 * 1024
#: What a ZIP that was damaged anywhere, or a manifest that is none, is met with.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, OverflowError, RuntimeError, KeyError, TypeError,
    AttributeError,
)  # fmt: skip


class NoDossier(Exception):
    """The file is no dossier that we made: no ZIP, or without a manifest that can be read."""


def opened(file: Path) -> zipfile.ZipFile:
    """Return the archive in *file*; :raise NoDossier:"""
    try:
        return zipfile.ZipFile(file)
    except _BROKEN as error:
        raise NoDossier from error


def manifest_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return the manifest of a dossier; :raise NoDossier:"""
    try:
        manifest = json.loads(archive.read(MANIFEST))
        listed(manifest)
    except _BROKEN as error:
        raise NoDossier from error
    return manifest


def listed(manifest: dict[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of each path that *manifest* names."""
    files = [file for row in manifest["rows"] for file in row["files"]]
    return {str(file["path"]): str(file["sha256"]) for file in [manifest["index"], *files]}


def faults(archive: zipfile.ZipFile, expected: dict[str, str]) -> list[tuple[str, str]]:
    """Return what is not as *expected* (path → SHA-256): (path, "changed", "missing", "added" or "twice")."""
    names = [name for name in archive.namelist() if name != MANIFEST]
    found = [(path, "missing") for path in expected if path not in names]
    found += [(name, "added") for name in dict.fromkeys(names) if name not in expected]
    found += [(name, "twice") for name in dict.fromkeys(names) if names.count(name) > 1]
    found += [(path, "changed") for path, sha256 in expected.items() if path in names and _hash(archive, path) != sha256]
    return sorted(found)


def _hash(archive: zipfile.ZipFile, path: str) -> str:
    digest = hashlib.sha256()
    try:
        with archive.open(path) as part:
            while piece := part.read(PIECE):
                digest.update(piece)
    except _BROKEN:
        return ""  # damaged: not as it was
    return digest.hexdigest()


WORDS = {"changed": "đã bị sửa", "missing": "thiếu", "added": "không có trong hồ sơ đã lưu", "twice": "có hai tệp cùng tên"}


@click.command("verify-dossier")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def verify_dossier(file: Path) -> None:
    """Compare a dossier with the copy that this site archived, else with its own manifest; exit 1 where anything differs."""
    try:
        with opened(file) as archive:
            manifest = manifest_of(archive)
            ours = _archived(str(manifest.get("code")))
            found = faults(archive, listed(ours or manifest))
            if ours is not None and ours != manifest:
                found.append((MANIFEST, "changed"))
    except NoDossier as error:
        raise click.ClickException("Tệp này không phải hồ sơ do hệ thống lập, hoặc đã hỏng.") from error
    for path, what in found:
        click.echo(f"{path}: {WORDS[what]}")
    if found:
        raise click.ClickException(f"{len(found)} chỗ không như lúc lưu.")
    against = "bản lưu trên máy chủ" if ours is not None else "danh mục trong chính tệp này (máy chủ không có bản lưu)"
    click.echo(f"Hồ sơ {manifest.get('code')}: {len(listed(manifest))} tệp đúng như lúc lưu, so với {against}.")


def _archived(code: str) -> dict[str, Any] | None:
    """Return the manifest of the dossier that is archived here under *code*."""
    with reading():
        session = queries.by_code(code)
        if session is None or session.archive is None:
            return None
        with tempfile.TemporaryFile() as kept:  # a year's scans do not fit into memory
            for piece in open_stored(session.archive):
                kept.write(piece)
            with zipfile.ZipFile(kept) as archive:
                return manifest_of(archive)
