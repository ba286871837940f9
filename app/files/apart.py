"""Have a file read in a process of its own, whose memory and time are bounded: see :mod:`app.files.readers`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from app.files import refusals
from app.files.refusals import FileNotKept, FileRefused, FileSuspicious

#: Bytes of address space; the libraries alone take a quarter of it. A photo of 48 megapixels, 4 MB of HEIC, took 464 MB and 2.5 seconds
#: of one processor (November 2026), which is more than any other file that is taken: pictures.MAX_POINTS lets no larger one in.
MEMORY = 1536 * 1024 * 1024
CPU_SECONDS = 30
WAIT_SECONDS = 90  # by the clock: the machine may be busy
GROWS_BY = 16 * 1024 * 1024  # bytes by which the copy may be longer than what came
READERS = 2  # at a time in one process of the site; who comes later waits

_READER = Path(__file__).with_name("readers.py")
_room = threading.BoundedSemaphore(READERS)


def read(task: str, file: IO[bytes], fresh: IO[bytes], **facts: Any) -> dict[str, Any]:
    """Return what the reader of *task* found in *file* after it wrote its copy into *fresh*; both lie on the disk.

    *facts* are its bounds. :raise FileRefused:
    """
    grown = os.fstat(file.fileno()).st_size + GROWS_BY
    bounds = {"memory": MEMORY, "cpu_seconds": CPU_SECONDS, "most_bytes": grown} | facts
    given, written = file.fileno(), fresh.fileno()
    command = [sys.executable, "-I", str(_READER), task, str(given), str(written), json.dumps(bounds)]
    if not _room.acquire(timeout=WAIT_SECONDS):
        raise FileNotKept
    try:
        done = subprocess.run(
            command, pass_fds=(given, written), stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT_SECONDS, check=False, env={}
        )
    except subprocess.TimeoutExpired as error:
        raise FileSuspicious from error
    finally:
        _room.release()
    if done.returncode < 0:  # ended by the system: it crashed, or took too much
        raise FileSuspicious
    if done.returncode:
        raise FileNotKept(done.stderr.decode(errors="replace")[-500:])
    found: dict[str, Any] = json.loads(done.stdout)
    if (name := found.get("refused")) is not None:
        refusal: type[FileRefused] = getattr(refusals, name)
        raise refusal
    return found
