"""The one place where settings, core and domains meet: `gunicorn wsgi:app`, `flask --app wsgi`."""

from __future__ import annotations

import gc

import dialogues
import feedback
import oversight
from app import create_app
from config import Config

app = create_app(Config.from_env(), domains=[feedback, dialogues, oversight])

# What was imported stays for as long as the process: the collector need not go through it, now or ever.
gc.freeze()
gc.set_threshold(20_000, 50, 100)
gc.enable()  # the web server goes without it until here: gunicorn.conf.py
