"""Time-based one-time passwords (RFC 6238): 6 digits, 30 seconds, SHA-1, one step of tolerance; secrets lie
encrypted."""

from __future__ import annotations

import hashlib
import os
import time

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

ISSUER = "青苗"
TOLERANCE = 1
"""Steps before and after the present one that still count (clocks of phones differ)."""


class UnreadableSecretError(ValueError):
    """A stored secret that neither the site's key nor a former one opens."""


def _key(secret_key: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, b"qingmiao totp").derive(secret_key.encode())


def encrypt(secret: str) -> bytes:
    """AES-256-GCM with a key derived from the site's secret: nonce (12 bytes) and ciphertext."""
    nonce = os.urandom(12)
    return nonce + AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, secret.encode("ascii"), b"totp")


def decrypt(stored: bytes | memoryview) -> str:
    """The secret, by the site's key or a former one (`SECRET_KEY_FALLBACKS`). UnreadableError where none opens it."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _opened(stored, key)
        except InvalidTag:
            continue
    raise UnreadableSecretError("no key of the site opens this second factor")


def is_of_former_key(stored: bytes | memoryview) -> bool:
    """Whether the present key alone does not open it."""
    try:
        _opened(stored, settings.SECRET_KEY)
    except InvalidTag:
        return True
    return False


def _opened(stored: bytes | memoryview, key: str) -> str:
    data = bytes(stored)
    return AESGCM(_key(key)).decrypt(data[:12], data[12:], b"totp").decode("ascii")


def new_secret() -> str:
    """A fresh secret, 160 bits, base32."""
    return pyotp.random_base32()


def code_address(secret: str, username: str) -> str:
    """The otpauth:// address that a QR code carries."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(secret: str, code: str, *, after: int, now: float | None = None) -> int | None:
    """The time step that a code belongs to, or None; steps up to `after` have been used and count no more."""
    present = int((time.time() if now is None else now) // 30)
    digits = code.strip().replace(" ", "")
    totp = pyotp.TOTP(secret)
    for step in range(present - TOLERANCE, present + TOLERANCE + 1):
        if step > after and pyotp.utils.strings_equal(digits, totp.generate_otp(step)):
            return step
    return None


def digest(text: str) -> str:
    """SHA-256 (hex): what the tables hold instead of tokens and keys."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
