"""Bring a province that was grown before up to the schema of now: `python -m bench.upgrade FILE` on the settings of its environment."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app import schema
from wsgi import app

if __name__ == "__main__":
    with app.app_context():
        schema.upgrade()
        Path(sys.argv[1]).write_text(json.dumps(schema.present()))
