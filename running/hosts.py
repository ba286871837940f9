"""One part of the site, where its parts run on several machines: a process of its own, kept alive by systemd or a container's engine.

  python -m running.hosts prepare    bring the data up to this version; each host before it starts, one at a time
  python -m running.hosts web        answer requests at BIND and PORT
  python -m running.hosts worker     take jobs from the queue
  python -m running.hosts ticker     put them there on time; of several only one acts

`run.py` with the same word installs the libraries first. A part serves on data of a newer version, which an upgrade of the other hosts
has brought; on data of an older one, or without its keys, it refuses and says why. See docs/hosts.md.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from config import SettingInvalid
from running import serving, supervisor
from running.install import HERE, Refused

WORDS = ("prepare", "web", "worker", "ticker")


def main(words: list[str]) -> int:
    """Be the part that *words* names; return the exit status."""
    if len(words) != 1 or words[0] not in WORDS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        begin(words[0])
    except (Refused, SettingInvalid) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def begin(word: str) -> None:
    """Be the part of that name, for as long as it lasts. :raise Refused:"""
    config = serving.settings()
    if word != "worker" and not (config.DATABASE_URL and config.REDIS_URL):  # a worker may also join run.py on its own machine
        raise Refused(
            "Nhiều máy cần chung một cơ sở dữ liệu và một hàng đợi: đặt DATABASE_URL và REDIS_URL.",
            "Several machines share one database and one queue: set DATABASE_URL and REDIS_URL.",
        )
    for folder in (config.DATA_DIR, config.SECRETS_DIR):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    os.umask(0o077)
    os.environ.update(serving.environment(config))
    os.chdir(HERE)
    from running import processes  # noqa: PLC0415 - it imports the site: only now the settings are in place

    if word == "prepare":
        serving.make_ready(lambda: processes.make_ready(with_demo=False))
        print("Dữ liệu đã sẵn sàng (the data is ready).")
        return
    if (found := supervisor.ask(processes.may_begin)) is not None:
        raise serving.refusal(found)
    if word == "web":
        processes.web()
    else:
        processes.work(word)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
