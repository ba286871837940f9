"""Secrets at rest: what is encrypted opens only in its own row, and the key is made once."""

from __future__ import annotations

import base64
import stat
import threading

import pytest

from app import crypto
from app.crypto import CannotDecrypt, MasterKeyInvalid
from app.database import db
from feedback.models import Person
from tests.feedback import builders


@pytest.fixture
def person(app):
    builders.make_province()
    return builders.received().people[0]


def test_a_name_is_ciphertext_in_its_column_and_text_in_python(person):
    assert person.name == "Trần Thị Hoa"
    assert b"Hoa" not in person.name_sealed
    assert "Trần".encode() not in person.name_sealed


def test_the_same_text_never_looks_the_same_twice(app):
    assert crypto.encrypt("Hoa", bound_to="a") != crypto.encrypt("Hoa", bound_to="a")


@pytest.mark.parametrize(
    "tamper",
    [
        lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]),
        lambda sealed: bytes([sealed[0] ^ 1]) + sealed[1:],
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[:5],
        lambda _sealed: b"",
    ],
    ids=["last bit", "nonce", "one byte short", "five bytes", "nothing"],
)
def test_what_was_changed_does_not_open(app, tamper):
    with pytest.raises(CannotDecrypt):
        crypto.decrypt(tamper(crypto.encrypt("Hoa", bound_to="a")), bound_to="a")


def test_a_value_copied_to_another_row_or_column_does_not_open(person):
    other = Person(feedback_id=person.feedback_id, role="signer", name_sealed=person.name_sealed, phone_sealed=person.name_sealed)
    db.session.add(other)
    db.session.flush()
    with pytest.raises(CannotDecrypt):
        _ = other.name
    person.phone_sealed = person.name_sealed
    with pytest.raises(CannotDecrypt):
        _ = person.phone


def test_one_purpose_does_not_open_what_another_closed(app):
    with pytest.raises(CannotDecrypt):
        crypto.decrypt(crypto.encrypt("Hoa", bound_to="a"), bound_to="a", purpose="sealed-case")


def test_a_phone_number_is_found_again_without_being_readable(person):
    assert person.phone_index == crypto.blind_index(" 0912345678 ")
    assert crypto.blind_index("HOA@example.com") == person.email_index
    assert "0912" not in person.phone_index


def test_nothing_typed_is_nothing_stored(person):
    person.phone = ""
    assert person.phone_sealed is None
    assert person.phone is None


def test_a_key_matches_its_own_digest_only(app):
    digest = crypto.key_digest("A" * 16)
    assert crypto.digest_matches("A" * 16, digest)
    assert not crypto.digest_matches("B" * 16, digest)


# --- the master key ----------------------------------------------------------------------------------------------------


def test_the_master_key_is_made_once_and_for_us_alone(tmp_path):
    path = tmp_path / "secrets" / "master.key"
    first = crypto._master_key(path)
    assert crypto._master_key(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["master.key"]


def test_processes_that_start_at_once_have_one_key(tmp_path):
    path, keys = tmp_path / "master.key", []
    gate = threading.Barrier(8, timeout=20)

    def start() -> None:
        gate.wait()
        keys.append(crypto._master_key(path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(keys) == 8
    assert len(set(keys)) == 1


@pytest.mark.parametrize("broken", [b"", b"short", base64.b64encode(b"x" * 31), b"\xff\xfe\x00"])
def test_what_is_no_master_key_is_refused_by_name(tmp_path, broken):
    path = tmp_path / "master.key"
    path.write_bytes(broken)
    with pytest.raises(MasterKeyInvalid):
        crypto._master_key(path)
