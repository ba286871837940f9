"""`run.py attack [--minutes N] [--keep FOLDER] [scanner…]`: run them one after the other, say what was found, write docs/attack.md."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from running.attack import report, target
from running.attack.scanners import SCANNERS, Run
from running.install import Refused

LONGEST = 60  # minutes for all of it, making the site ready among them
NEED_A_SITE = {"schemathesis", "wapiti", "sqlmap"}


def main(argv: list[str]) -> int:
    """Return 0 when all was asked and nothing found that is not accepted, 1 when something was, 2 when something could not be asked."""
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
    prepared, until, outcomes = folder / "prepared", time.monotonic() + minutes * 60, []
    if NEED_A_SITE & set(names) and not prepared.exists():
        print("Dựng trang để thử (making the site to attack)…", flush=True)
        target.prepare(prepared)
    for name in names:
        scan, part = SCANNERS[name]
        print(f"{name}…", flush=True)
        began = time.monotonic()
        outcome = scan(Run(prepared, max(1, min(part * minutes / LONGEST, until - began))))
        outcome.seconds = time.monotonic() - began
        outcomes.append(outcome)
    bad = report.write(outcomes, day=time.strftime("%Y-%m-%d"), minutes=minutes)
    for outcome in outcomes:
        what = f"{len(outcome.findings)} findings" if outcome.asked else "không hỏi được (not asked)"
        print(f"{outcome.scanner}: {what}, {outcome.seconds:.0f} s")
    print(f"{bad} phát hiện chưa có lý do (findings not accepted): {report.PAGE.relative_to(report.HERE)}")
    return 1 if bad else 2 * any(not outcome.asked for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
