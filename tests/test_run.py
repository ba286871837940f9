"""`python3 run.py`, started as a person starts it: what it says, what it keeps, what it leaves behind."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rq import Queue

from tests.services import free_port
from tests.started import ROOT, Site, children_of, environment, started
from tests.waiting import eventually


def refused(folder: Path, *arguments: str, **more: str) -> str:
    """Start run.py where it cannot go on; return what it said after ending with a failure."""
    done = subprocess.run(
        [sys.executable, ROOT / "run.py", *arguments],
        env=environment(folder, **{"PORT": str(free_port()), **more}),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    return done.stdout


@dataclass
class FirstStart:
    """What a first start, ended by Ctrl-C, said and left."""

    folder: Path
    said: str
    status: int
    left: list[int]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> FirstStart:
    folder = tmp_path_factory.mktemp("site")
    with started(folder) as site:
        status = site.end(signal.SIGINT)
        return FirstStart(folder, site.said, status, site.left())


@pytest.fixture(scope="module")
def site(first: FirstStart, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with started(copy(first, tmp_path_factory.mktemp("copy"))) as running:
        yield running


def copy(first: FirstStart, folder: Path) -> Path:
    for name in ("data", "secrets"):
        shutil.copytree(first.folder / name, folder / name, ignore=shutil.ignore_patterns("*.sock"))
    return folder


def test_a_first_start_says_where_the_site_is_and_how_to_sign_in(first):
    assert "http://localhost:" in first.said
    assert "Đăng nhập để thử" in first.said
    assert "run.py keys escrow" in first.said  # nobody has a copy of the keys yet


def test_ctrl_c_ends_with_status_0_and_leaves_no_process(first):
    assert (first.status, first.left) == (0, [])


def stored(data: Path) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(f"file:{data}/site.sqlite3?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT id, email, password_hash FROM app_user ORDER BY id").fetchall()


def test_a_second_start_keeps_what_the_first_stored(first):
    before = stored(first.folder / "data")
    with started(first.folder) as again:
        assert again.get() == 200
        assert before
        assert stored(again.data) == before


def test_a_stranger_cannot_say_that_the_site_is_served_over_https(site):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)) as connection:
        connection.request("GET", "/", headers={"X-Forwarded-Proto": "https"})
        assert connection.getresponse().getheader("Strict-Transport-Security") is None


@pytest.mark.parametrize("name", ["web", "worker", "ticker", "valkey-server"])
def test_a_child_that_is_killed_is_started_again(site, name):
    old = site.children()[name]

    os.kill(old, signal.SIGKILL)

    eventually(lambda: site.children().get(name, old) != old)
    assert eventually(lambda: site.get() == 200, ignoring=(OSError, http.client.HTTPException))


def test_a_request_made_while_web_restarts_waits_and_is_answered(site):
    web = site.children()["web"]
    workers = children_of(web)
    assert workers

    os.kill(web, signal.SIGKILL)
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))

    assert site.get() == 200


def test_kill_9_of_the_parent_leaves_no_process_even_while_all_are_busy(first):
    with started(first.folder) as site, _half_a_request(site.port), contextlib.closing(site.queue()) as queue:
        job = Queue("default", connection=queue, serializer="json").enqueue_call("time.sleep", args=(600,))
        eventually(lambda: job.get_status() == "started")
        assert len(site.left()) >= 8  # supervisor, Valkey, gunicorn and its two workers, worker and its fork, ticker

        site.process.kill()
        site.process.wait()

        eventually(lambda: not site.left(), within=10)


@contextlib.contextmanager
def _half_a_request(port: int) -> Generator[None]:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST /api/v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        yield


def test_sigterm_ends_with_status_0_after_a_start_that_was_killed(first):
    with started(first.folder) as site:
        assert site.end(signal.SIGTERM) == 0
        assert site.left() == []


def test_a_data_folder_with_a_long_path_works_too(first, tmp_path):
    folder = tmp_path / ("thư mục dài " * 10)
    with started(copy(first, folder)) as site:
        assert site.get() == 200


def test_a_port_in_use_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused(tmp_path, PORT=str(port)).startswith(f"Cổng {port} đang có chương trình khác dùng")


def test_a_second_start_on_the_same_folder_is_one_sentence(tmp_path):
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "run.lock").open("w") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        assert refused(tmp_path).startswith("Trang đang chạy trên thư mục")


@pytest.mark.parametrize("setting", ["DATA_DIR", "SECRETS_DIR"])
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, setting):
    (tmp_path / "file").touch()
    assert refused(tmp_path, **{setting: str(tmp_path / "file" / "x")}).startswith("Không ghi được vào thư mục")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "http"}, "Cài đặt sai: PORT='http': cần một số nguyên.\nA setting is wrong: PORT='http': a whole number is needed."),
        ({"PORT": "70000"}, "Không mở được địa chỉ"),
        ({"BIND": "203.0.113.7"}, "Không mở được địa chỉ 203.0.113.7"),
        ({"HTTPS": "maybe"}, "Cài đặt sai: HTTPS='maybe'"),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence(tmp_path, settings, sentence):
    said = refused(tmp_path, **settings)
    assert said.startswith(sentence)
    assert len(said.splitlines()) == 2  # Vietnamese, English


def test_an_unknown_command_is_one_sentence(tmp_path):
    assert refused(tmp_path, "sreve").startswith("Không có lệnh sreve")


@pytest.mark.parametrize("damage", ["not a database", "torn in the middle"])
def test_a_damaged_database_is_one_sentence(first, tmp_path, damage):
    database = copy(first, tmp_path) / "data" / "site.sqlite3"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if damage == "not a database":
        database.write_bytes(b"x" * 8192)
    else:
        whole = database.read_bytes()
        database.write_bytes(whole[:4096] + bytes(len(whole) - 4096))

    said = refused(tmp_path)
    assert said.startswith("Tệp cơ sở dữ liệu trong")
    assert "bị hỏng" in said


def test_data_without_its_keys_is_one_sentence(first, tmp_path):
    shutil.rmtree(copy(first, tmp_path) / "secrets")
    said = refused(tmp_path)
    assert said.startswith("Dữ liệu được niêm phong bằng khóa mà")
    assert "keys restore" in said


def test_a_postgresql_that_does_not_answer_is_one_sentence(tmp_path):
    url = f"postgresql+psycopg://app@127.0.0.1:{free_port()}/site"
    assert refused(tmp_path, DATABASE_URL=url).startswith("Không kết nối được cơ sở dữ liệu")


def test_an_empty_site_asks_for_its_first_administrator_and_says_how_without_a_terminal(tmp_path):
    assert refused(tmp_path, "--empty").startswith("Chưa có người quản trị")


def test_an_empty_site_takes_its_first_administrator_from_the_environment(tmp_path):
    name, email, password = "Nguyễn Thị Lựu", "luu@bacninh.example", "mot-mat-khau-dai-2026"
    with started(tmp_path, "--empty", ADMIN_NAME=name, ADMIN_EMAIL=email, ADMIN_PASSWORD=password) as site:
        assert site.get() == 200
        assert [row[1] for row in stored(site.data)] == [email]
        assert "Đăng nhập để thử" not in site.said


def test_an_empty_site_asks_a_person_at_the_terminal_for_its_first_administrator(tmp_path):
    answers = {
        "Họ và tên": "Nguyễn Thị Lựu",
        "Thư điện tử": "luu@bacninh.example",
        "Xưng hô": "bà",
        "Mật khẩu": "mot-mat-khau-dai-2026",
        "Gõ lại": "mot-mat-khau-dai-2026",
    }
    with started(tmp_path, "--empty", answers=answers) as site:
        assert [email for _, email, _ in stored(site.data)] == ["luu@bacninh.example"]
        assert answers["Mật khẩu"] not in site.said


def test_a_first_set_up_without_a_network_is_one_sentence(tmp_path):
    for name in (
        "run.py",
        "config.py",
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-uv.txt",
    ):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "running", tmp_path / "running")
    done = subprocess.run(
        [sys.executable, "run.py"],
        env=environment(tmp_path, PORT=str(free_port()), PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="0"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "lần cài đầu cần mạng" in done.stderr


def test_help_names_every_command():
    said = subprocess.run([sys.executable, ROOT / "run.py", "--help"], capture_output=True, text=True, check=True).stdout
    for word in (
        "--empty",
        "test",
        "check",
        "worker",
        "bench",
        "lock",
        "keys escrow",
        "keys restore",
        "keys rotate",
        "backup",
        "restore",
        "doctor",
    ):
        assert f"run.py {word}" in said
