"""The English catalogue: nothing missing, nothing stale, no placeholder lost. `python3 run.py translate` brings it up to date."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from app.translations.__main__ import extract

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "app" / "translations" / "en" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|<[^>]+>|\{\w*\}")


@pytest.fixture(scope="module")
def english() -> Catalog:
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


@pytest.fixture(scope="module")
def source() -> Catalog:
    """Every message of the code as it is now."""
    with contextlib.chdir(ROOT):
        return extract()


def key(message):
    context = message.context.decode() if isinstance(message.context, bytes) else message.context  # read_mo leaves it as bytes
    return (context, message.id if isinstance(message.id, str) else message.id[0])


def strings(message):
    """The translation, once or once a plural form; the two files give the forms as tuple and as list."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_message_of_the_code_is_in_the_catalogue_and_no_other(english, source):
    wanted, there = {key(m) for m in source if m.id}, {key(m) for m in english if m.id}

    assert wanted - there == set(), "chạy python3 run.py translate rồi dịch phần còn thiếu"
    assert there - wanted == set(), "chạy python3 run.py translate để bỏ phần đã hết dùng"


def test_every_message_is_translated(english):
    missing = [m.id for m in english if m.id and (m.fuzzy or not (all(m.string) if isinstance(m.string, (tuple, list)) else m.string))]

    assert missing == []


def test_placeholders_and_tags_survive_translation(english):
    broken = []
    for message in english:
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = sorted(set(PLACEHOLDER.findall(ids[-1])))
        broken += [ids[0] for string in strings(message)[-1:] if sorted(set(PLACEHOLDER.findall(string))) != wanted]

    assert broken == []


def test_what_runs_is_what_was_translated(english):
    with (FOLDER / "messages.mo").open("rb") as file:
        compiled = {key(m): strings(m) for m in read_mo(file) if m.id}

    assert compiled == {key(m): strings(m) for m in english if m.id}


@pytest.mark.parametrize(
    ("path", "vietnamese", "english"),
    [
        pytest.param("/khieu-nai-to-cao", "Ai khiếu nại: chính người bị ảnh hưởng", "Who can complain: the person affected", id="core"),
        pytest.param("/tra-cuu", "Ý kiến đã gửi đến đâu rồi?", "Where is the feedback you sent?", id="feedback"),
    ],
)
def test_pages_of_core_and_domains_speak_the_language_asked_for(client, path, vietnamese, english):
    pages = {lang: client.get(path, query_string={"lang": lang}).text for lang in ("vi", "en")}

    assert vietnamese in pages["vi"]
    assert english not in pages["vi"]
    assert english in pages["en"]
    assert vietnamese not in pages["en"]
