"""The dossier of a session as one ZIP: its papers and files in their order, an index to print, and a manifest with their hashes.

What is read from the database comes first (:func:`prepare`); the ZIP is written after that, without it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from flask_babel import force_locale

from app import settings, typesetting
from app.clock import LOCAL, local_date
from app.files import StoredFile, open_stored
from dialogues import filing, minutes_draft, papers, words
from dialogues.models import Session
from dialogues.papers import keeping, parts
from dialogues.rules import PaperType
from feedback.papers import form

MANIFEST, INDEX = "manifest.json", "00-muc-luc.pdf"
#: The folder of each row that no paper names.
_FOLDERS = {"opening_speech": "bai-khai-mac", "closing_speech": "bai-be-mac", "other": "tai-lieu-khac"}


@dataclass(frozen=True)
class Prepared:
    """All that goes into a dossier: the rows of its manifest, each path's uid or text, and what the index says."""

    manifest: dict[str, Any]
    uids: dict[str, uuid.UUID | str]
    index: dict[str, Any]


def keep_papers(session: Session, *, now: dt.datetime) -> None:
    """Keep each numbered paper that nobody has kept yet; commits where there is one."""
    for paper in [paper for row in filing.rows(session) for paper in row.papers]:
        keeping.issued_file(paper, now=now)


def prepare(session: Session, *, by: str, now: dt.datetime) -> Prepared:
    """Gather what the dossier of *session* holds; its papers are kept already. Only reads."""
    uids: dict[str, uuid.UUID | str] = {}
    with force_locale("vi"):
        rows = [_row(session, row, order, uids) for order, row in enumerate(filing.rows(session), start=1)]
        manifest = {
            "code": session.code,
            "topic": session.topic,
            "unit": session.unit.name,
            "day": session.day.isoformat() if session.day else None,
            "archived_at": now.isoformat(),
            "archived_by": by,
            "rows": rows,
        }
        return Prepared(manifest, uids, _index(session, rows, by=by, on=local_date(now)))


def _recorded(session: Session, row: filing.Row) -> str:
    """Return the words of a report that was written here and of which nobody made a paper."""
    said = session.concerns if row.entry.paper == PaperType.CONCERNS else "\n".join(minutes_draft.earlier_promises(session))
    return f"{words.dossier_row(row.entry)}\n{session.code}. {session.topic}\n\n{said}\n"


def _row(session: Session, row: filing.Row, order: int, uids: dict[str, uuid.UUID | str]) -> dict[str, Any]:
    entry = row.entry
    folder = f"{order:02}-{papers.FILES[entry.paper] if entry.paper else _FOLDERS[entry.code]}"
    files = [
        (paper.signed_file or paper.pdf, papers.file_name(paper, ".pdf"), papers.title_of(paper), paper.number, paper.numbered_on)
        for paper in row.papers
    ] + [(each.file, each.file.name, each.caption or each.file.name, None, local_date(each.added_at)) for each in row.files]
    listed = []
    for number, (file, name, title, given, on) in enumerate(files, start=1):
        path = f"{folder}/{number:02}-{name}"
        dated = on.isoformat() if on else None
        if file is not None:
            uids[path] = file.uid
        size, sha256 = (file.size, file.sha256) if file is not None else (0, "")  # numbered this very moment, and not kept yet
        listed.append({"path": path, "title": title, "number": given, "date": dated, "size": size, "sha256": sha256})
    if row.recorded_on is not None:
        path, text = f"{folder}/01-ghi-tai-buoi.txt", _recorded(session, row)
        uids[path], data = text, text.encode()
        facts = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        listed.append({"path": path, "title": str(words.dossier_row(entry)), "number": None, "date": row.recorded_on.isoformat()} | facts)
    return {
        "order": order,
        "code": entry.code,
        "stage": entry.stage,
        "title": str(words.dossier_row(entry)),
        "absent_why": row.absent_why,
        "cited": None if row.cited is None else {"number": row.cited.number, "date": str(row.cited.approved_on)},
        "files": listed,
    }


def _index(session: Session, rows: list[dict[str, Any]], *, by: str, on: dt.date) -> dict[str, Any]:
    """Return what the index says, as a paper says it."""
    lines = []
    for row in rows:
        for file in row["files"]:
            dated = parts.short_day(dt.date.fromisoformat(file["date"])) if file["date"] else ""
            lines.append([str(row["order"]), file["title"], file["number"] or "", dated, f"{file['sha256'][:12]}…"])
        if row["cited"]:
            dated = parts.short_day(dt.date.fromisoformat(row["cited"]["date"]))
            lines.append([str(row["order"]), row["title"], row["cited"]["number"], dated, "Lưu tại cơ quan ban hành"])
        elif not row["files"]:
            lines.append([str(row["order"]), row["title"], "", "", f"Không có: {row['absent_why']}"])
    above, issuer = parts.head(session.unit, session.paper_format)
    head = ("Mục", "Tài liệu", "Số và ký hiệu", "Ngày", "Mã băm SHA-256, hoặc lý do không có")
    section = {
        "heading": "",
        "text": f"Chủ đề: {session.topic}.\nMã băm đủ của từng tệp ghi trong tệp {MANIFEST}.",
        "table": {"head": head, "widths": (1, 6, 3, 2, 4), "rows": lines},
        "appendix": False,
    }
    return {
        "title": f"Mục lục hồ sơ {session.code}",
        "party": False,
        "above": above,
        "issuer": issuer,
        "number": f"Hồ sơ: {session.code}",
        "dated": form.date_line(form.seat(session.unit, settings.get("province_name")), on),
        "name": "Mục lục hồ sơ",
        "about": f"Buổi đối thoại với Nhân dân {form.date_line('', session.day) if session.day else ''}".strip(),
        "guests": [""],
        "to": [],
        "grounds": [],
        "sections": [section],
        "signatures": [{"lines": ["NGƯỜI LẬP HỒ SƠ"], "name": by}],
        "copies": [],
        "footer": "",
    }


def write(prepared: Prepared) -> IO[bytes]:
    """Return the ZIP, a temporary file that lies at its beginning. Touches no database. :raise BlobMissing:"""
    index = typesetting.pdf(papers.TEMPLATES / "paper.typ", prepared.index)
    manifest = prepared.manifest | {"index": {"path": INDEX, "size": len(index), "sha256": hashlib.sha256(index).hexdigest()}}
    at = dt.datetime.fromisoformat(prepared.manifest["archived_at"]).astimezone(LOCAL)
    made = tempfile.TemporaryFile()  # noqa: SIM115 - whoever stores it closes it
    with zipfile.ZipFile(made, "w") as archive:
        _put(archive, INDEX, iter([index]), at)
        for path, uid in prepared.uids.items():
            _put(archive, path, iter([uid.encode()]) if isinstance(uid, str) else open_stored(StoredFile(uid=uid)), at)
        _put(archive, MANIFEST, iter([json.dumps(manifest, ensure_ascii=False, indent=1).encode()]), at)
    made.seek(0)
    return made


def _put(archive: zipfile.ZipFile, path: str, pieces: Iterator[bytes], at: dt.datetime) -> None:
    entry = zipfile.ZipInfo(path, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(entry, "w") as target:
        for piece in pieces:
            target.write(piece)


def of_year(sessions: list[Session]) -> IO[bytes]:
    """Return the archived dossiers of *sessions* in one ZIP, each as it was stored, with what was added to it since."""
    made = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    listed: list[dict[str, Any]] = []

    def put(path: str, code: str, pieces: Iterator[bytes], at: dt.datetime, *, size: int, sha256: str) -> None:
        _put(archive, path, pieces, at.astimezone(LOCAL))
        listed.append({"path": path, "code": code, "size": size, "sha256": sha256})

    with zipfile.ZipFile(made, "w") as archive:
        for session in sessions:
            code, file = session.code, session.archive
            assert file is not None
            assert session.archived_at is not None
            put(f"{code}.zip", code, open_stored(file), session.archived_at, size=file.size, sha256=file.sha256)
            for number, each in enumerate(session.addenda, start=1):
                start, text = f"{code}-bo-sung/{number:02}", each.text.encode()
                put(f"{start}.txt", code, iter([text]), each.at, size=len(text), sha256=hashlib.sha256(text).hexdigest())
                if each.file is not None:
                    named = f"{start}-{each.file.name}"
                    put(named, code, open_stored(each.file), each.at, size=each.file.size, sha256=each.file.sha256)
        last = max((session.archived_at for session in sessions if session.archived_at), default=dt.datetime(1980, 1, 2, tzinfo=LOCAL))
        _put(archive, MANIFEST, iter([json.dumps({"files": listed}, ensure_ascii=False, indent=1).encode()]), last.astimezone(LOCAL))
    made.seek(0)
    return made
