"""A passkey in a few lines: what a telephone does when a site asks it to sign, to the letter of WebAuthn, and what a forger would try."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class KeyHolder:
    """Holds one key for one site; each answer may be made otherwise than it should be."""

    origin: str = "http://localhost"
    host: str = "localhost"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0

    def make(self, options: str, **otherwise: Any) -> str:
        """Answer a page that asks for a new key."""
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        kept = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(PRESENT | VERIFIED | WITH_KEY, **otherwise) + kept
        said = self._said("webauthn.create", options, **otherwise)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(clientDataJSON=text(said), attestationObject=text(attestation))

    def use(self, options: str, *, verified: bool = True, count: int | None = None, **otherwise: Any) -> str:
        """Answer a page that asks for a signature."""
        self.count = self.count + 1 if count is None else count
        data = self._data(PRESENT | (VERIFIED if verified else 0), **otherwise)
        said = self._said("webauthn.get", options, **otherwise)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=text(said), authenticatorData=text(data), signature=text(signature))

    def _data(self, flags: int, *, host: str = "", **_: Any) -> bytes:
        return hashlib.sha256((host or self.host).encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _said(self, kind: str, options: str, *, origin: str = "", challenge: str = "", **_: Any) -> bytes:
        asked = challenge or json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": asked, "origin": origin or self.origin, "crossOrigin": False}).encode()

    def _answer(self, **response: str) -> str:
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response})
