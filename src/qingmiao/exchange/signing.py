"""Ed25519 keys of a node (RFC 8032), as text of 64 hexadecimal digits. They lie in files, never in the database."""

from __future__ import annotations

from qingmiao.kernel.errors import UserError


class ExchangeKeyError(UserError):
    """What should be a key is none."""


def _raw(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text.strip())
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise ExchangeKeyError("交换密钥应当是 64 个十六进制字符")
    return raw


def new_private_key() -> str:
    """A new private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def public_key_of(private: str) -> str:
    """The public key of a private one."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(_raw(private)).public_key().public_bytes_raw().hex()


def sign(private: str, told: bytes) -> str:
    """The signature of what is told."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(_raw(private)).sign(told).hex()


def is_signed(public: str, told: bytes, signature: str) -> bool:
    """Whether the holder of a key signed it."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(_raw(public)).verify(bytes.fromhex(signature), told)
    except (InvalidSignature, ValueError):
        return False
    return True
