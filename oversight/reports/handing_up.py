"""Reports and targets join the site: what their papers say, the rules every install starts with, the words of the audit."""

from __future__ import annotations

from app import hooks, reference
from oversight.operations import report_duties
from oversight.papers import reports as said
from oversight.recorded import reports as recorded_reports


def init() -> None:
    """Register papers, shipped rules and the audit's words; the operations hook themselves to the papers."""
    said.register()
    recorded_reports.register()
    hooks.add(reference.further, report_duties.load_shipped)
