"""The calendar and the rules that are shipped, as the pure modules know them."""

import tomllib
from pathlib import Path

from app.calendar.days import DayKind, SpecialDay, WorkCalendar
from app.calendar.rules import Rule

DATA = Path(__file__).parents[3] / "app" / "calendar" / "data"


def read(name: str) -> dict:
    return tomllib.loads((DATA / name).read_text("utf-8"))


_YEARS = read("calendar.toml")["year"]
YEARS = [year["year"] for year in _YEARS]
SPECIAL_DAYS = [
    SpecialDay(day["day"], DayKind(day["kind"]), day["name"]) for year in _YEARS for day in year["days"] if day.get("active", True)
]
CALENDAR = WorkCalendar(SPECIAL_DAYS, YEARS, [year["year"] for year in _YEARS if not year["confirmed"]])

LAW = [Rule.from_json(row) for row in read("deadline_rules.toml")["rule"]]
LOCAL = [Rule.from_json(row) for row in read("local_rules.toml")["rule"]]
