"""`run.py attack [--minutes N] [--keep FOLDER] [scanner…]`: run them one after the other, say what was found, write docs/attack.md."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from running.attack import report, target
from running.attack.report import Outcome
from running.attack.scanners import SCANNERS
from running.attack.tools import COMMANDS, GRACE, Run
from running.install import Refused

LONGEST = 60  # minutes for all of it, making the site ready among them
NEED_A_SITE = {"schemathesis", "wapiti", "sqlmap"}


def main(argv: list[str]) -> int:
    """Return 0 when all was asked and nothing found that is not accepted, 1 when something was, 2 when something could not be done."""
    parser = argparse.ArgumentParser(prog="run.py attack", description="Independent scanners against a site of their own, on 127.0.0.1.")
    parser.add_argument("--minutes", type=float, default=LONGEST, help=f"how long all scanners together may take, at most {LONGEST}")
    parser.add_argument(
        "--keep", type=Path, help="a folder where the site and what the scanners said stay; the site of a run before is used again"
    )
    parser.add_argument("scanner", nargs="*", help=f"only these of {', '.join(SCANNERS)}; without a name all of them")
    given = parser.parse_args(argv)
    if unknown := set(given.scanner) - set(SCANNERS):
        parser.error(f"unknown: {', '.join(unknown)}")
    names = [name for name in SCANNERS if name in given.scanner or not given.scanner]
    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running
    try:
        with tempfile.TemporaryDirectory(prefix="attack-") as folder:
            return attack(names, (given.keep or Path(folder)).resolve(), min(given.minutes, LONGEST))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1


def attack(names: list[str], folder: Path, minutes: float) -> int:
    """Run the scanners *names* in *folder*, write the page, and say at the terminal what came of it."""
    folder.mkdir(parents=True, exist_ok=True)
    prepared, until, bad, undone = folder / "prepared", time.monotonic() + minutes * 60 - GRACE, 0, 0
    if NEED_A_SITE & set(names) and not prepared.exists():
        print("Dựng trang để thử (making the site to attack)…", flush=True)
        target.prepare(prepared)
    for place, name in enumerate(names):
        scan, part = SCANNERS[name]
        print(f"{name}…", flush=True)
        began = time.monotonic()
        outcome = _done(scan, name, Run(prepared, (until - began) * part / sum(SCANNERS[each][1] for each in names[place:])))
        outcome.seconds = time.monotonic() - began
        outcome.load = os.getloadavg()[1]
        bad += report.write(outcome, day=time.strftime("%Y-%m-%d"), minutes=minutes)
        undone += len(outcome.missing)
        print(f"{name}: {len(outcome.findings)} findings, {outcome.seconds:.0f} s", flush=True)
        for each in outcome.missing:
            print(f"{name}: KHÔNG LÀM ĐƯỢC (NOT DONE): {each}", flush=True)
    print(f"{bad} phát hiện chưa có lý do (findings not accepted): {report.PAGE.relative_to(report.HERE)}")
    return 1 if bad else 2 if undone else 0


def _done(scan: Callable[[Run], Outcome], name: str, run: Run) -> Outcome:
    """Return what came of it; one that cannot be started keeps the others from nothing."""
    try:
        return scan(run)
    except (Refused, OSError, ValueError, LookupError, subprocess.SubprocessError) as failed:
        traceback.print_exc()
        return Outcome(name, "-", " ".join(COMMANDS[name].split()), missing=[f"{type(failed).__name__}: {failed}".replace("\n", " ")[:500]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
