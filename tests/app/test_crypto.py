"""Secrets at rest: what is encrypted opens only in its own row, and the key is made once."""

from __future__ import annotations

import base64
import hmac
import secrets
import stat
import threading
import uuid

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app import crypto
from app.crypto import CannotDecrypt, KeyMissing, KeyringInvalid, keyring
from app.database import db
from feedback.models import Person
from feedback.sealed.models import SealedCase, SealedCaseStep
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


# --- the keyring -------------------------------------------------------------------------------------------------------


def test_the_keyring_is_made_once_and_for_us_alone(tmp_path):
    folder = tmp_path / "secrets"
    first = keyring.load(folder)
    assert keyring.load(folder) == first
    assert stat.S_IMODE((folder / keyring.FILE).stat().st_mode) == 0o600
    assert [each.name for each in folder.iterdir()] == [keyring.FILE]


@pytest.mark.parametrize("legacy", [None, base64.b64encode(b"k" * 32)], ids=["new", "from a lone master key"])
def test_processes_that_start_at_once_have_one_keyring(tmp_path, legacy):
    rings = []
    gate = threading.Barrier(8, timeout=20)
    if legacy:
        (tmp_path / keyring.LEGACY_FILE).write_bytes(legacy)

    def start() -> None:
        gate.wait()
        rings.append(keyring.load(tmp_path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(rings) == 8
    assert all(ring == rings[0] for ring in rings)


@pytest.mark.parametrize("broken", [b"", b"short", base64.b64encode(b"x" * 31), b"\xff\xfe\x00", b"{}", b'{"masters": {}}', b"[]"])
@pytest.mark.parametrize("name", [keyring.FILE, keyring.LEGACY_FILE])
def test_what_is_no_keyring_is_refused_by_name(tmp_path, name, broken):
    (tmp_path / name).write_bytes(broken)
    with pytest.raises(KeyringInvalid):
        keyring.load(tmp_path)


def test_what_was_sealed_before_there_were_key_ids_still_opens(app, tmp_path, monkeypatch):
    master = secrets.token_bytes(32)
    (tmp_path / keyring.LEGACY_FILE).write_bytes(base64.b64encode(master) + b"\n")
    nonce = secrets.token_bytes(12)
    sealed = nonce + AESGCM(keyring.derive(master, "personal-data")).encrypt(nonce, b"Hoa", b"a")
    monkeypatch.setitem(app.extensions, "keyring", keyring.load(tmp_path))

    assert crypto.decrypt(sealed, bound_to="a") == "Hoa"
    assert crypto.key_digest("A") == hmac.new(keyring.derive(master, "receipt-key"), b"A", "sha256").hexdigest()
    assert not (tmp_path / keyring.LEGACY_FILE).exists()  # a second copy of the key would outlive its rotation


def test_another_keyring_says_that_it_lacks_the_key(app, tmp_path, monkeypatch):
    sealed = crypto.encrypt("Hoa", bound_to="a")
    monkeypatch.setitem(app.extensions, "keyring", keyring.load(tmp_path))
    with pytest.raises(KeyMissing):
        crypto.decrypt(sealed, bound_to="a")


# --- keys of a case's own ----------------------------------------------------------------------------------------------


def case(body: str) -> SealedCase:
    made = SealedCase(uid=uuid.uuid4())
    made.body = body
    return made


def test_each_case_has_a_key_of_its_own_and_its_steps_are_sealed_by_it(app):
    one, other = case("Ông A nhận tiền"), case("Ông A nhận tiền")
    step = SealedCaseStep(uid=uuid.uuid4(), case=one)
    step.said = "Đọc để phân loại"

    assert one.key != other.key
    assert (one.body, step.said) == ("Ông A nhận tiền", "Đọc để phân loại")
    step.case = other
    with pytest.raises(CannotDecrypt):
        _ = step.said
    one.key_wrapped = None  # thrown away: nothing opens it any more, whoever holds the master key
    one.id = 1
    with pytest.raises(CannotDecrypt):
        _ = one.body


def test_the_key_of_a_case_does_not_open_in_another_row(app):
    one, other = case("a"), case("b")
    other.key_wrapped = one.key_wrapped
    with pytest.raises(CannotDecrypt):
        _ = other.body
