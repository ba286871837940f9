"""What keeps the data safe, from the terminal: keys, backup, restore, the record, doctor. Run by run.py in the site's own environment."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from app.crypto import KeyMissing, KeyringInvalid, keyring, paper
from running import serving
from running.install import Refused

if TYPE_CHECKING:
    from flask import Flask


HELD: list[IO[str]] = []  # the claim on the data folder, until this process ends


def main(argv: list[str]) -> int:
    """Run the command that *argv* names; return the exit status."""
    commands: dict[tuple[str, ...], Callable[[list[str]], int]] = {
        ("keys", "escrow"): escrow,
        ("keys", "restore"): restore_keys,
        ("keys", "rotate"): rotate,
        ("backup",): backup,
        ("restore",): restore,
        ("audit",): audit,
        ("doctor",): examine,
    }
    for words, command in commands.items():
        if tuple(argv[: len(words)]) == words:
            try:
                return command(argv[len(words) :])
            except Refused as refusal:
                print(refusal, file=sys.stderr)
            except KeyringInvalid as invalid:
                print(f"Tệp khóa bị hỏng: {invalid}\nThe file of the keys is damaged: {invalid}", file=sys.stderr)
            except OperationalError as error:
                reason = str(error.orig).partition("\n")[0]
                print(f"Cơ sở dữ liệu không trả lời: {reason}\nThe database does not answer; see DATABASE_URL.", file=sys.stderr)
            except (KeyboardInterrupt, EOFError):
                print(file=sys.stderr)
            except BrokenPipeError:  # whoever read along has read enough
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
    print("Gõ: python3 run.py --help\nSee: python3 run.py --help", file=sys.stderr)
    return 2


def _site() -> Flask:
    """Return the site. It makes a keyring where there is none, so whoever must not asks before."""
    from wsgi import app  # noqa: PLC0415

    return app


def _secrets() -> Path:
    return Path(os.environ["SECRETS_DIR"])


def _nothing_here() -> Refused:
    """Return what to say where no site was ever started: or it was, on other settings than this command's."""
    data, secrets = os.environ["DATA_DIR"], _secrets()
    return Refused(
        f"Chưa có trang nào trong {data}, khóa trong {secrets}: hãy mở trang lần đầu. Nếu trang chạy như dịch vụ: xem deploy/y-kien.",
        f"There is no site in {data}, keys in {secrets}: start it first. Where it runs as a service: see deploy/y-kien.",
    )


def _stopped() -> None:
    """Hold the data folder until this process ends: nobody writes meanwhile. :raise Refused: while the site runs on it."""
    HELD.append(serving.take(Path(os.environ["DATA_DIR"]), _secrets()))


# --- keys --------------------------------------------------------------------------------------------------------------


def escrow(_rest: list[str]) -> int:
    """Print the copy of the keys for paper."""
    if not keyring.there(_secrets()):
        raise _nothing_here()
    ring = keyring.load(_secrets())
    try:
        lines = paper.written(ring)
    except paper.RotationUnfinished:
        raise _unfinished() from None
    print(f"Bản chép khóa {ring.current.hex()} (copy of the key)\n")
    for number, line in enumerate(lines, start=1):
        print(f"  {number}   {line}")
    print(
        "\nChép ra giấy, cất nơi khóa kín, không chụp, không lưu vào máy. Mất khóa là mất toàn bộ tên người và nội dung tố cáo."
        "\nChép xong, gõ lại để thử: python3 run.py keys restore"
        "\nWrite it on paper and lock it away; no photo, no file. Without it nothing sealed opens again. Then type it back to try it.",
    )
    return 0


def restore_keys(_rest: list[str]) -> int:
    """Take the copy on paper back, or see that it is right."""
    ring = _typed()
    folder = _secrets()
    if keyring.there(folder):
        held = keyring.load(folder)
        if ring.root == held.root and set(ring.masters) <= set(held.masters):
            if ring.current != held.current:  # that of before, which goes with the end of the rotation
                raise _unfinished()
            keyring.save(folder, replace(held, escrowed=(ring.current,)))
            print("Bản chép đúng với khóa đang dùng.\nThe copy is that of the keys in use.")
            return 0
        _stopped()
        if held.current.hex() in _sealed_by():
            raise Refused(
                f"Bản chép này là của bộ khóa khác; dữ liệu ở đây dùng bộ khóa đang có. Không thay. Dữ liệu ấy không cần nữa thì chuyển "
                f"{os.environ['DATA_DIR']} đi chỗ khác rồi gõ lại.",
                "This is a copy of other keys; the data here uses those in place. Nothing was changed. "
                "Move that data away first if it is not wanted.",
            )
    keyring.restore(folder, ring)
    print(f"Đã đặt lại khóa {ring.current.hex()}.\nThe keys are back in place.")
    return 0


def _typed() -> keyring.Keyring:
    print("Gõ chín dòng của bản chép, mỗi dòng một lần Enter (type the nine lines of the copy; Ctrl-C stops):", flush=True)
    lines: list[str] = []
    while len(lines) < paper.LINES:
        number = len(lines) + 1
        if not (line := input(f"  {number}   ").strip()):
            continue
        try:
            paper.check(number, line)
        except paper.PaperWrong:
            print(f"      Dòng {number} sai; xem lại từng ký tự rồi gõ lại dòng này. (Line {number} is wrong; type it again.)", flush=True)
        else:
            lines.append(line)
    try:
        return paper.read(lines)
    except paper.PaperWrong:
        raise Refused(
            "Từng dòng đúng, nhưng không phải của cùng một bản chép; xem lại số khóa ở đầu mỗi tờ.",
            "Each line is right, but they are of several copies; look at the number of the key above them.",
        ) from None


def _sealed_by() -> set[str]:
    """Return the names of the keys that the database says it was sealed by; none where there is no database yet."""
    from app.backup import database  # noqa: PLC0415
    from app.crypto.known import KeyVersion  # noqa: PLC0415
    from app.database import db  # noqa: PLC0415

    with _site().app_context():
        if not database.is_migrated():
            return set()
        return set(db.session.scalars(db.select(KeyVersion.name).where(KeyVersion.ended_at.is_(None))))


def rotate(_rest: list[str]) -> int:
    """Put a new master key in place; go on with a rotation that was cut off."""
    _stopped()
    from app import clock, schema  # noqa: PLC0415
    from app.crypto import rotation  # noqa: PLC0415

    with (site := _site()).app_context():
        if schema.present() != schema.newest():
            raise Refused("Hãy mở trang một lần để cập nhật dữ liệu.", "Start the site once to bring the data up to date.")
        try:
            done = rotation.rotate(now=clock.now())
        except KeyMissing as missing:
            raise key_missing(str(missing)) from None
        print(f"Đã niêm phong lại {done.values} mục và {done.files} tệp (values and files sealed anew).")
        for place in done.closed:
            print(f"  không mở được (does not open): {place}", file=sys.stderr)
        if not done.dropped:
            raise _unfinished()
        current = site.extensions["keyring"].current.hex()
    print(
        f"Khóa mới {current}; khóa cũ đã bỏ. Hãy chép khóa mới ra giấy (python3 run.py keys escrow) và sao lưu lại ngay:"
        "\nbản sao lưu cũ chỉ mở được bằng bản chép cũ. The old key is gone: make a new copy on paper and a new backup now."
    )
    return 0


def _unfinished() -> Refused:
    return Refused(
        "Việc đổi khóa chưa xong: chạy lại python3 run.py keys rotate.",
        "The rotation is not finished: run python3 run.py keys rotate again.",
    )


def key_missing(names: str) -> Refused:
    """Return what to say when the data was sealed by keys that are not here."""
    vietnamese, english = (sentence.format(secrets=_secrets()) for sentence in serving.PROBLEMS["key_missing"])
    return Refused(f"{vietnamese} ({names})", f"{english} ({names})")


# --- backup ------------------------------------------------------------------------------------------------------------


def backup(rest: list[str]) -> int:
    """Write a backup into the folder that *rest* names, or to a file X.backup; `--keep DAYS`: delete there those that are older."""
    at = rest.index("--keep") if "--keep" in rest else len(rest)
    names, keep = [*rest[:at], *rest[at + 2 :]], rest[at + 1 : at + 2]
    if len(names) != 1 or names[0].startswith("-") or (at < len(rest) and not (keep and keep[0].isdecimal() and not _is_file(names[0]))):
        raise Refused(
            "Gõ: python3 run.py backup [--keep SỐ_NGÀY] THƯ_MỤC, hoặc: backup TÊN.backup",
            "Type: python3 run.py backup [--keep DAYS] FOLDER, or: backup NAME.backup",
        )
    if not keyring.there(_secrets()):
        raise _nothing_here()
    from app import backup as made  # noqa: PLC0415
    from app import clock  # noqa: PLC0415
    from app.backup import refusals  # noqa: PLC0415

    now = clock.now()
    target = Path(names[0]) if _is_file(names[0]) else Path(names[0]) / made.name_at(now)
    if os.path.lexists(target) or target.parent.is_file():
        raise Refused(
            f"Đã có tệp {names[0]}, không ghi đè; chọn thư mục hay tên khác.",
            f"{names[0]} is a file already and is not written over; choose a folder or another name.",
        )
    with _site().app_context():
        _whole()
        if not made.database.is_migrated():
            raise _nothing_here()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            seen = made.write_file(target, now=now)
        except OSError as error:
            raise Refused(f"Không ghi được {target} ({error.strerror}).", f"{target} cannot be written ({error.strerror}).") from None
        except refusals.ALL:
            raise Refused(f"Đọc lại {target} thấy sai: đĩa hỏng?", f"{target} is not as it was written: is the disk failing?") from None
    for old in made.outdated(target.parent, days=int(keep[0]), now=now) if keep else ():
        old.unlink()
        print(f"Đã xóa bản cũ {old.name} (deleted).")
    rows = sum(counted["rows"] for counted in seen.about.tables.values())
    print(f"Đã sao lưu {rows} dòng và {seen.files} tệp vào {target} (rows and files backed up).")
    print("Mở được chỉ khi có khóa; cất bản này ở máy khác, bản chép khóa ở nơi khác nữa. Keep it away from the keys.")
    if (ring := keyring.load(_secrets())).current not in ring.escrowed:
        print(
            f"Khóa {ring.current.hex()} chưa chép ra giấy và gõ thử: mất máy này thì không gì mở được bản này. python3 run.py keys escrow"
            f"\nThe key {ring.current.hex()} was not copied to paper and tried: without this machine nothing opens this backup.",
            file=sys.stderr,
        )
    return 0


def _is_file(name: str) -> bool:
    """Say whether a file of that name is meant: a folder may have to be made yet, and no backup may take the place of one."""
    return name.endswith(".backup") and not Path(name).is_dir()


def _whole() -> None:
    """See that no restore was cut off here. :raise Refused:"""
    from app.backup import restoring  # noqa: PLC0415

    if restoring.is_unfinished():
        vietnamese, english = (sentence.format(data=os.environ["DATA_DIR"]) for sentence in serving.PROBLEMS["restore_unfinished"])
        raise Refused(vietnamese, english)


def restore(rest: list[str]) -> int:
    """Put the backup that *rest* names into this empty install; `--check`: only see that it is whole."""
    names = [each for each in rest if each != "--check"]
    if len(names) != 1:
        raise Refused("Gõ: python3 run.py restore [--check] TỆP", "Type: python3 run.py restore [--check] FILE")
    if not keyring.there(_secrets()):
        raise Refused(
            f"Không có khóa trong {_secrets()}, nên không mở được. Gõ lại bản chép trên giấy trước: python3 run.py keys restore",
            f"There are no keys in {_secrets()}, so it does not open. Type the copy on paper first: python3 run.py keys restore",
        )
    ring = keyring.load(_secrets())
    if not (only_look := "--check" in rest):
        _stopped()
    from app import backup as made  # noqa: PLC0415
    from app import clock, heartbeat  # noqa: PLC0415
    from app.backup import archive, refusals, restoring  # noqa: PLC0415
    from app.chain import verifying  # noqa: PLC0415
    from app.database import db  # noqa: PLC0415

    with _site().app_context():
        try:
            with Path(names[0]).open("rb") as source:
                seen = archive.read(source, ring) if only_look else restoring.restore(source, ring)
            faults = 0
            if not only_look:
                heartbeat.beat(made.RESTORED, now=clock.now())
                db.session.commit()
                faults = verifying.verify(today=clock.today()).found
        except refusals.ALL as refusal:
            vietnamese, english = refusals.SENTENCES[type(refusal)]
            raise Refused(vietnamese.format(refusal), english.format(refusal)) from None
        except OSError as error:
            raise Refused(f"{names[0]}: {error.strerror}.", f"It cannot be read or written: {names[0]}.") from None
    done = "Bản sao lưu nguyên vẹn (it is whole)" if only_look else "Đã khôi phục và kiểm tra xong (restored and checked)"
    made_at = dt.datetime.fromisoformat(seen.about.made_at).astimezone(clock.LOCAL)
    print(f"{done}: {made_at:%d/%m/%Y %H:%M}, {len(seen.about.tables)} bảng, {seen.files} tệp (tables, files).")
    if faults:  # it was so when it was backed up: the rows are as they were then
        print(f"Nhật ký trong đó có {faults} chỗ sai: python3 run.py audit verify (the record in it has faults).", file=sys.stderr)
    return 0


# --- the record --------------------------------------------------------------------------------------------------------


def audit(rest: list[str]) -> int:
    """Check the record, or print an anchor (app/chain/commands.py); where there is no site, none is made."""
    if not keyring.there(_secrets()):
        raise _nothing_here()
    from app.backup import database  # noqa: PLC0415
    from app.chain import commands  # noqa: PLC0415

    with _site().app_context():
        _whole()
        if not database.is_migrated():
            raise _nothing_here()
        commands.group(rest, prog_name="run.py audit")
    return 0


# --- doctor ------------------------------------------------------------------------------------------------------------


def examine(_rest: list[str]) -> int:
    """Say how everything is, and what to do; fail when something is bad."""
    if not keyring.there(_secrets()):
        raise _nothing_here()
    from app import clock, doctor  # noqa: PLC0415
    from app.backup import database  # noqa: PLC0415
    from running import holder  # noqa: PLC0415
    from running.doctor import line  # noqa: PLC0415

    bad = False
    with _site().app_context():
        _whole()
        with suppress(OperationalError):  # that is one of the findings
            if not database.is_migrated():
                raise _nothing_here()
        for finding in (holder.asked(), *doctor.examine(clock.now())):
            print(line(finding), flush=True)
            bad |= finding.level == doctor.Level.BAD
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
