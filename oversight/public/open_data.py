"""Open data: the picture of the day as files, with a description that programs read (Frictionless Data Package).

Names of files, fields and codes last: programs of others depend on them. A hidden number is HIDDEN in CSV; in JSON it is null, and named in
the list `hidden` of its row. What is not there (a median of nothing) is empty, and null.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.text import spreadsheet_safe
from oversight.public.transparency import Snapshot

HIDDEN = "c"  # confidential, as Eurostat writes it
LICENCE = {"name": "CC-BY-4.0", "title": "Creative Commons Attribution 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}


@dataclass(frozen=True)
class Column:
    """One field of a file."""

    name: str
    type: str
    says: Any


@dataclass(frozen=True)
class File:
    """One table: what it holds, under a name that lasts."""

    name: str
    key: str  # in Snapshot.data
    title: Any
    columns: tuple[Column, ...]


FIGURES = File(
    "so-lieu",
    "figures",
    _l("Số liệu theo đơn vị và kỳ"),
    (
        Column("unit", "string", _l("mã đơn vị; trống: tất cả đơn vị. Đơn vị tính cả phòng, ban bên trong")),
        Column("period", "string", _l("kỳ: 2026-05 là tháng, 2026-Q2 là quý, 2026-H1 là nửa năm, 2026 là năm; chỉ tháng đã hết")),
        Column("period_type", "string", _l("loại kỳ: month, quarter, half-year, year")),
        Column("duty", "string", _l("việc: answer là phải trả lời, act là phải làm. Không cộng hai loại với nhau")),
        Column("source", "string", _l("nguồn: feedback là phản ánh, kiến nghị; conclusion là kết luận đối thoại")),
        Column("opened", "integer", _l("số việc giao trong kỳ")),
        Column("done", "integer", _l("số việc xong trong kỳ, giao lúc nào cũng tính")),
        Column("median_days", "integer", _l("một nửa số việc xong trong từng này ngày làm việc hoặc nhanh hơn")),
        Column("due", "integer", _l("số việc đến hạn trong kỳ, xong hay chưa cũng tính")),
        Column("on_time", "integer", _l("trong số đến hạn, số việc xong đúng hạn")),
        Column("rated", "integer", _l("số câu trả lời trong kỳ được người gửi đánh giá")),
        Column("rating_mean", "number", _l("điểm trung bình, từ 1 đến 5")),
    ),
)
PROMISES = File(
    "hua-tai-doi-thoai",
    "promises",
    _l("Việc hứa tại các buổi đối thoại"),
    (
        Column("session", "string", _l("mã buổi đối thoại; trang của buổi là /doi-thoai/ và mã này")),
        Column("topic", "string", _l("chủ đề")),
        Column("held_on", "date", _l("ngày họp")),
        Column("duty", "string", _l("việc: answer là trả lời, act là làm")),
        Column("unit", "string", _l("tên đơn vị chịu trách nhiệm")),
        Column("text", "string", _l("lời công khai; trống: người hỏi không đồng ý công khai")),
        Column("due_on", "date", _l("hạn")),
        Column("done_on", "date", _l("ngày xong; trống: chưa xong")),
        Column("state", "string", _l("tình trạng: open là đang làm, late là quá hạn, done là xong đúng hạn, done_late là xong trễ")),
    ),
)
UNITS = File(
    "don-vi",
    "units",
    _l("Đơn vị"),
    (
        Column("unit", "string", _l("mã đơn vị")),
        Column("name", "string", _l("tên đơn vị")),
        Column("level", "string", _l("cấp: province là tỉnh, commune là xã")),
    ),
)
DENUNCIATIONS = File(
    "to-cao",
    "denunciations",
    _l("Tố cáo: chỉ tổng số của cả tỉnh, từng nửa năm"),
    (
        Column("first", "date", _l("ngày đầu của nửa năm")),
        Column("last", "date", _l("ngày cuối")),
        Column("received", "integer", _l("số tố cáo nhận được")),
    ),
)
FILES = {file.name: file for file in (FIGURES, PROMISES, UNITS, DENUNCIATIONS)}


def rows(file: File, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return the rows of *file*."""
    if file is UNITS:
        return [{"unit": code, **unit} for code, unit in sorted(snapshot.units.items())]
    return snapshot.data[file.key]


def as_csv(file: File, snapshot: Snapshot, *, unit: str | None = None) -> bytes:
    """Return *file*, or its rows of one *unit*, as CSV that spreadsheets open with its letters right (RFC 4180; UTF-8 with a mark)."""
    written = io.StringIO()
    table = csv.writer(written)
    names = [column.name for column in file.columns]
    table.writerow(names)
    for row in rows(file, snapshot):
        if unit is not None and row["unit"] != unit:
            continue
        unseen = row.get("hidden", ())
        table.writerow([HIDDEN if name in unseen else spreadsheet_safe("" if row[name] is None else row[name]) for name in names])
    return written.getvalue().encode("utf-8-sig")


def told(file: File, snapshot: Snapshot) -> dict[str, Any]:
    """Return *file* with what is said of all its rows."""
    return {
        "day": snapshot.data["day"],
        "until": snapshot.data["until"],
        "least": snapshot.least,
        "licence": LICENCE["name"],
        "rows": rows(file, snapshot),
    }


def as_json(file: File, snapshot: Snapshot) -> bytes:
    """Return *file* as JSON."""
    return json.dumps(told(file, snapshot), ensure_ascii=False, separators=(",", ":")).encode()


def package(snapshot: Snapshot, *, title: str, homepage: str, publisher: str) -> bytes:
    """Return the description of all files (https://specs.frictionlessdata.io/data-package/)."""
    resources = [
        {
            "name": file.name,
            "path": f"{file.name}.csv",
            "title": str(file.title),
            "profile": "tabular-data-resource",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "schema": {
                "fields": [{"name": column.name, "type": column.type, "description": str(column.says)} for column in file.columns],
                "missingValues": ["", HIDDEN],
            },
        }
        for file in FILES.values()
    ]
    data = {
        "profile": "tabular-data-package",
        "name": "doi-thoai-minh-bach",
        "title": title,
        "homepage": homepage,
        "version": snapshot.data["day"].replace("-", "."),
        "created": f"{snapshot.data['day']}T00:00:00+07:00",
        "licenses": [LICENCE],
        "contributors": [{"title": publisher, "role": "publisher"}],
        "resources": resources,
    }
    return json.dumps(data, ensure_ascii=False, indent=1).encode()
