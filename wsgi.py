"""The one place where settings, core and domains meet: `gunicorn wsgi:app`, `flask --app wsgi`."""

from __future__ import annotations

import dialogues
import feedback
import oversight
from app import create_app
from config import Config

app = create_app(Config.from_env(), domains=[feedback, dialogues, oversight])
