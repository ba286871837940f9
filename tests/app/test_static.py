"""Files for the browser: what others wrote is unchanged, what we wrote is small, and both are kept for a year."""

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from app.static_files import ASK_AGAIN, FOLDER, YEAR, static
from tests.app.tiny_site import make_site

MANIFEST = tomllib.loads((FOLDER / "vendor" / "MANIFEST.toml").read_text(encoding="utf-8"))["file"]
KIB = 1024


def zipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


@pytest.fixture
def client():
    return make_site().test_client()


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["path"])
def test_vendored_file_is_what_its_manifest_says(entry):
    digest = hashlib.sha256((FOLDER / entry["path"]).read_bytes()).hexdigest()

    assert digest == entry["sha256"], f"{entry['path']} changed: update version and sha256 in MANIFEST.toml, or restore the file"
    assert {"package", "version", "source", "licence"} <= entry.keys()


def test_every_file_of_others_is_in_the_manifest():
    there = {path.relative_to(FOLDER).as_posix() for folder in ("vendor", "fonts") for path in (FOLDER / folder).iterdir()}

    assert there - {"vendor/MANIFEST.toml"} == {entry["path"] for entry in MANIFEST}


def test_stylesheet_weighs_less_than_15_kib_compressed():
    assert zipped(FOLDER / "site.css") < 15 * KIB


def test_fonts_weigh_less_than_70_kib_together():
    assert sum(path.stat().st_size for path in (FOLDER / "fonts").glob("*.woff2")) <= 70 * KIB


@pytest.mark.parametrize("path", sorted((FOLDER / "js").glob("*.js")), ids=lambda path: path.name)
def test_script_of_ours_is_small_and_needs_no_exception_from_the_policy(path):
    text = path.read_text(encoding="utf-8")

    assert zipped(path) < 3 * KIB
    assert not re.search(r"\beval\(|new Function|innerHTML|\.style\b|setAttribute\(\"style\"|https?://", text)


def test_stylesheet_names_no_foreign_host_and_only_files_that_exist():
    addresses = re.findall(r"url\(([^)]+)\)", (FOLDER / "site.css").read_text(encoding="utf-8"))

    assert addresses
    assert [address for address in addresses if not (FOLDER / address).is_file()] == []


def test_every_icon_a_template_names_is_in_the_sprite():
    sprite = set(re.findall(r'id="i-([a-z-]+)"', (FOLDER / "icons.svg").read_text(encoding="utf-8")))
    templates = [path for path in FOLDER.parent.parent.glob("*/**/templates/**/*.html") if ".venv" not in path.parts]
    named = {(path.name, name) for path in templates for name in re.findall(r"\bicon\('([a-z-]+)'\)", path.read_text(encoding="utf-8"))}

    assert named
    assert {(page, name) for page, name in named if name not in sprite} == set()


@pytest.mark.parametrize(
    ("filename", "cache"),
    [
        ("site.css", YEAR),
        ("icons.svg", YEAR),
        ("js/draft.js", YEAR),
        ("vendor/htmx.min.js", YEAR),
        ("fonts/so-deu-400.woff2", YEAR),  # no mark in its address: the stylesheet names it too
    ],
)
def test_address_with_the_mark_of_the_content_is_kept_for_a_year(client, filename, cache):
    with client.application.test_request_context():
        address = static(filename)

    answer = client.get(address)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, cache)
    assert answer.data == (FOLDER / filename).read_bytes()


@pytest.mark.parametrize("mark", ["", "?v=0000000000"])
def test_address_without_the_right_mark_is_asked_for_again(client, mark):
    assert client.get(f"/static/site.css{mark}").headers["Cache-Control"] == ASK_AGAIN


def test_text_is_compressed_for_who_can_read_it_and_a_known_copy_is_not_sent_again(client):
    answer = client.get("/static/site.css", headers={"Accept-Encoding": "gzip"})

    assert gzip.decompress(answer.data) == (FOLDER / "site.css").read_bytes()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"  # with "Cookie" in it a browser fetches it anew with each new cookie
    again = client.get("/static/site.css", headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["nothing.css", "../config.py", "%2e%2e/config.py", "js", "js/../../clock.py"])
def test_what_is_not_a_static_file_is_not_found(client, path):
    assert client.get(f"/static/{path}").status_code == 404


def test_static_files_are_only_read(client):
    assert client.post("/static/site.css").status_code == 404
