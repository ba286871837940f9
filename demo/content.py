"""Reads the demo's data; knows no database. The list of communes comes from `vietnam-provinces`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from vietnam_provinces import ProvinceCode, Ward

DATA = Path(__file__).parent / "data"
PROVINCE_CODE = 24  # Bắc Ninh in the list of the General Statistics Office, with Bắc Giang since 1/7/2025


@dataclass(frozen=True)
class Commune:
    """A commune or ward of the province."""

    code: str  # official code of the General Statistics Office
    slug: str  # code of its People's Committee with us: viet-yen
    name: str  # Việt Yên
    kind: str  # "phường" or "xã"

    @property
    def full_name(self) -> str:
        """As the items write it: Phường Việt Yên."""
        return f"{self.kind.capitalize()} {self.name}"


@dataclass(frozen=True)
class UnitRow:
    """A unit as the loader creates it; `commune` is the slug of the commune whose committee it is or belongs to."""

    code: str
    name: str
    short_name: str
    kind: str
    level: str
    parent: str | None
    commune: str | None = None
    reception: bool = False
    handles: bool = True
    signing_chain: list[str] = field(default_factory=list)


@cache
def read(name: str) -> dict[str, Any]:
    """Return one file of data/ by its name without the ending."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def items() -> list[dict[str, Any]]:
    """Return the items of every file, in order."""
    files = sorted((DATA / "items").glob("*.toml"))
    return [item for path in files for item in tomllib.loads(path.read_text(encoding="utf-8"))["item"]]


def sessions() -> list[dict[str, Any]]:
    """Return the dialogue sessions, one of each file, in the order of the files' names."""
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((DATA / "sessions").glob("*.toml"))]


def email(login: str) -> str:
    """Return the sign-in name of one of the demo's people."""
    return f"{login}@{read('users')['domain']}"


@cache
def communes() -> tuple[Commune, ...]:
    """Return the 99 communes and wards of the province, in the order of their official codes."""
    wards = sorted(Ward.iter_by_province(ProvinceCode(PROVINCE_CODE)), key=lambda ward: ward.code.value)
    return tuple(
        Commune(
            code=f"{ward.code.value:05}",
            slug=ward.codename.split("_", 1)[1].replace("_", "-"),
            name=ward.name.split(" ", 1)[1],
            kind=ward.division_type.value,
        )
        for ward in wards
    )


def units() -> list[UnitRow]:
    """Return every unit, parents before children: those of the province, then each commune with its offices."""
    data = read("units")
    not_handling = set(data["not_handling"])
    rows = [
        UnitRow(
            code=unit["code"],
            name=unit["name"],
            short_name=unit["short_name"],
            kind=unit["kind"],
            level=unit["level"],
            parent=unit.get("parent"),
            reception=unit.get("reception", False),
            handles=unit.get("handles", unit["kind"] not in not_handling),
            signing_chain=unit.get("signing_chain", []),
        )
        for unit in data["unit"]
    ]
    for commune in communes():
        rows += _of_commune(commune, data["commune"], not_handling)
    return rows


def _of_commune(commune: Commune, pattern: dict[str, Any], not_handling: set[str]) -> list[UnitRow]:
    name = f"{commune.kind} {commune.name}"
    rows = [
        UnitRow(
            code=commune.slug,
            name=pattern["name"].format(name=name),
            short_name=pattern["short_name"].format(name=name),
            kind=pattern["kind"],
            level="commune",
            parent=pattern["parent"],
            commune=commune.slug,
            signing_chain=pattern["signing_chain"].get(commune.slug, []),
        )
    ]
    if commune.full_name not in pattern["with_offices"]:
        return rows
    return rows + [
        UnitRow(
            code=f"{commune.slug}.{office['code']}",
            name=office["name"].format(name=name),
            short_name=office["short_name"].format(name=name),
            kind=office["kind"],
            level="commune",
            parent=office.get("parent", commune.slug),
            commune=commune.slug,
            reception=office.get("reception", False),
            handles=office["kind"] not in not_handling,
        )
        for office in pattern["office"]
        if office.get("only", commune.kind) == commune.kind
    ]
