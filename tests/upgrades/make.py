"""Make the site of an earlier release: `python tests/upgrades/make.py COMMIT`, with the commit at which it landed.

The release's own code makes an install and plays its demo province in it, with few cases of the year before. What comes of that, a
SQLite file, stored files and the keys, lies beside this as REVISION.tar.xz: people and matters are invented, the keys open nothing else.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).resolve().parent
LONG = 500  # bytes
CASES = 6  # of the year before one in so many: the demo draws hundreds


def make(commit: str) -> Path:
    """Make the site of *commit*, and return the archive."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        code, data, secrets = (folder / each for each in ("code", "data", "secrets"))
        # From the top of the repository: below it, git packs this folder only.
        packed = subprocess.run(["git", "archive", commit], cwd=HERE.parents[1], check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            tar.extractall(code)  # noqa: S202 - our own
        env = {"PATH": os.environ["PATH"], "DATA_DIR": str(data), "SECRETS_DIR": str(secrets), "PYTHONPATH": str(code)}
        data.mkdir()
        subprocess.run([sys.executable, str(Path(__file__)), "--inside"], cwd=code, env=env, check=True)
        return _packed(data, secrets)


def play() -> None:
    """Install the release in whose folder this runs, and play its demo."""
    import demo  # noqa: PLC0415
    from app import reference, schema  # noqa: PLC0415
    from wsgi import app  # noqa: PLC0415

    with app.app_context():
        schema.upgrade()
    reference.load(app)
    try:
        from demo.history import Drawing  # noqa: PLC0415
    except ImportError:
        pass  # it had none
    else:
        every = Drawing.cases
        Drawing.cases = lambda drawing: list(every(drawing))[::CASES]
    demo.load(app)
    with app.app_context():
        _shorten()
        _say()


def _shorten() -> None:
    """Leave of each long file some words: what lies in the store is random to whoever packs it."""
    from app.database import db  # noqa: PLC0415
    from app.files import StoredFile, store  # noqa: PLC0415

    for file in db.session.scalars(db.select(StoredFile).where(StoredFile.size > LONG)):
        words = f"{file.name}, cut short".encode()
        store.put(f"cleaned/{file.uid}", io.BytesIO(words))
        file.size, file.sha256 = len(words), hashlib.sha256(words).hexdigest()
    db.session.commit()


def _say() -> None:
    """Write down what the test cannot read from the data: an item's code and key."""
    from app.database import db  # noqa: PLC0415
    from feedback.models import Feedback, ReceiptKey  # noqa: PLC0415

    rows = db.session.scalars(db.select(ReceiptKey).where(ReceiptKey.copy_sealed.is_not(None)).order_by(ReceiptKey.id))
    receipts = [(db.session.get_one(Feedback, row.feedback_id).code, row.copy) for row in rows]
    (Path(os.environ["DATA_DIR"]) / "receipts.json").write_text(json.dumps(receipts))


def _packed(data: Path, secrets: Path) -> Path:
    with closing(sqlite3.connect(data / "site.sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("VACUUM")
        [(revision,)] = connection.execute("SELECT version_num FROM alembic_version")
    target = HERE / f"{revision}.tar.xz"
    with tarfile.open(target, "w:xz", preset=9) as tar:
        for name in ("site.sqlite3", "receipts.json", "files"):
            if (data / name).exists():
                tar.add(data / name, name)
        tar.add(secrets, "secrets")
    return target


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        sys.path[0] = str(Path.cwd())
        play()
    else:
        made = make(sys.argv[1])
        print(made, made.stat().st_size)  # noqa: T201
