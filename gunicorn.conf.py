"""How gunicorn serves the site; it reads this file by itself (`gunicorn wsgi:app`)."""

from __future__ import annotations

import gc
from typing import Any

from config import Config
from running import supervisor

gc.disable()  # nothing of what is imported now is ever garbage, and looking for it took a third of the start; wsgi.py enables it

_config = Config.from_env()

bind = f"{_config.BIND}:{_config.PORT}"  # run.py hands over a socket instead
worker_class = "running.patience.PatientWorker"  # threads, behind a loop that waits for who is slow
sendfile = False  # that loop sends
workers = _config.WEB_WORKERS
threads = _config.WEB_THREADS
preload_app = True  # one import for all workers: half the start, and memory shared
graceful_timeout = 10  # seconds a request may still take when the site is stopped
loglevel = "warning"
control_socket_disable = True
forwarded_allow_ips = ""  # TRUSTED_PROXIES alone says whose X-Forwarded-… is believed, that of a neighbour on this machine included


def post_fork(server: Any, worker: Any) -> None:
    """End with the arbiter, whatever ends it; share none of its database connections."""
    supervisor.end_with_parent(server.pid)
    from app.database import db  # noqa: PLC0415 - only after the fork, and only where gunicorn has loaded the site

    application = worker.app.wsgi()
    with application.app_context():
        db.engine.dispose(close=False)
