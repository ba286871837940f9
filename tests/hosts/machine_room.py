"""Starts parts of the site as `python -m running.hosts` does, each a process of its own, from one import of the site.

Reads lines `word address port log`, answers each with the number of the process. What it started ends with it.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys

from app import delivery
from running import hosts, processes, supervisor  # noqa: F401 - the import that is done once


def begin(word: str, address: str, port: str, log: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.environ.update(BIND=address, PORT=port)
    sys.exit(hosts.main([word]))


def main() -> None:
    # What a killed worker had claimed waits for its lease, and the test for both.
    delivery.LEASE, delivery.MARGIN = dt.timedelta(seconds=8), dt.timedelta(seconds=4)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        words = line.split()
        pid = supervisor.fork(words[0], lambda words=words: begin(*words))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
