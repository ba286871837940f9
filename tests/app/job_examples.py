"""Jobs for a worker of another process to run; the test looks at what they leave behind."""

from __future__ import annotations

import os
import time
from pathlib import Path

from flask import current_app

from app.database import db


def leave_mark(folder: str, number: int) -> None:
    """Say in a file that the job ran, in the app's context and with a database of its own."""
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    db.session.execute(db.text("SELECT 1"))
    mark = Path(folder) / f"{number}.new"
    mark.write_text(url)
    mark.rename(Path(folder) / f"{number}.done")


def never_end(folder: str) -> None:
    """Say which process this is, and stay."""
    mark = Path(folder) / "horse.new"
    mark.write_text(str(os.getpid()))
    mark.rename(Path(folder) / "horse.pid")
    time.sleep(60)
