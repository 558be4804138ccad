"""Sealed values: published vectors, bound to their place, versions of keys, the key file, blind indexes, pseudonyms."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from qingmiao.identity.sealed import (
    Keyring,
    SealCipher,
    SealedValueError,
    SealKey,
    _decrypt,
    _encrypt,
    index_version_of,
    left_to_reseal,
    new_keyring,
    read_keyring,
    version_of,
    write_keyring,
)
from qingmiao.kernel.errors import UserError

PLACE = {"table": "child", "column": "number", "row": 7}
RING = Keyring({1: SealKey(SealCipher.AES_256_GCM, bytes(range(32)))}, {1: b"i" * 32}, b"p" * 32)

# NIST SP 800-38D examples (McGrew and Viega's test case 16, AES-256) and RFC 8998 appendix A.1 (SM4-GCM).
VECTORS = [
    (
        SealCipher.AES_256_GCM,
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ),
    (
        SealCipher.SM4_GCM,
        "0123456789abcdeffedcba9876543210",
        "00001234567800000000abcd",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec",
    ),
]


@pytest.mark.parametrize(("cipher", "key", "nonce", "bound", "plain", "sealed"), VECTORS, ids=["aes", "sm4"])
def test_the_ciphers_give_the_published_vectors(cipher, key, nonce, bound, plain, sealed):
    key, nonce, bound, plain, sealed = (bytes.fromhex(text) for text in (key, nonce, bound, plain, sealed))
    made = SealKey(cipher, key)
    assert _encrypt(made, nonce, plain, bound) == sealed
    assert _decrypt(made, nonce, sealed, bound) == plain


@pytest.mark.parametrize("cipher", list(SealCipher))
def test_a_value_opens_at_its_place_alone(cipher):
    ring = new_keyring(cipher)
    sealed = ring.seal("张雨桐𬭚", **PLACE)
    assert ring.open(sealed, **PLACE) == "张雨桐𬭚"
    assert ring.seal("张雨桐𬭚", **PLACE) != sealed
    for other in ({"row": 8}, {"column": "phone"}, {"table": "mother"}):
        with pytest.raises(SealedValueError, match="不是这张表这一行的"):
            ring.open(sealed, **{**PLACE, **other})


def test_a_cut_or_changed_value_and_another_key_never_open():
    sealed = RING.seal("142600", **PLACE)
    for length in range(len(sealed)):
        with pytest.raises(SealedValueError):
            RING.open(sealed[:length], **PLACE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealedValueError):
            RING.open(bytes(changed), **PLACE)
    with pytest.raises(SealedValueError, match="密钥不对"):
        new_keyring().open(sealed, **PLACE)
    with pytest.raises(SealedValueError, match="没有"):
        RING.rotated().without(1).open(sealed, **PLACE)


def test_a_rotation_is_resumed_and_says_what_is_left():
    values = [RING.seal(str(row), table="child", column="number", row=row) for row in range(5)]
    ring = RING.rotated(SealCipher.SM4_GCM)
    assert left_to_reseal(values) == {1: 5}
    for row in (0, 1, 0):  # broken off, then begun again
        values[row] = ring.resealed(values[row], table="child", column="number", row=row) or values[row]
    assert left_to_reseal(values) == {1: 3, 2: 2}
    assert [ring.open(value, table="child", column="number", row=row) for row, value in enumerate(values)] == [
        "0",
        "1",
        "2",
        "3",
        "4",
    ]
    assert version_of(values[0]) == ring.version == 2
    with pytest.raises(ValueError, match="newest"):
        ring.without(2)


def test_the_key_file_is_for_its_owner_alone(tmp_path):
    path, ring = tmp_path / "keys.json", new_keyring().rotated(SealCipher.SM4_GCM)
    write_keyring(path, ring)
    assert path.stat().st_mode & 0o777 == 0o600
    read = read_keyring(path)
    assert (read.seals, read.indexes, read.pseudonyms) == (ring.seals, ring.indexes, ring.pseudonyms)
    path.chmod(0o640)
    with pytest.raises(UserError, match="chmod 600"):
        read_keyring(path)
    path.chmod(0o600)
    whole = path.read_text("ascii")
    for broken in (whole[:-20], "{}", "[]", whole.replace("aes", "des"), ""):
        path.write_text(broken, "ascii")
        with pytest.raises(UserError, match="密钥文件"):
            read_keyring(path)
    with pytest.raises(UserError, match="取回"):
        read_keyring(tmp_path / "none")
    assert [found.name for found in tmp_path.iterdir()] == ["keys.json"]


def test_keys_are_not_printed():
    assert "AAEC" not in repr(RING)
    assert repr(RING.seals[1]) == "SealKey(AES_256_GCM)"
    assert bytes(range(32)).hex() not in repr(RING)


def test_a_blind_index_is_of_the_one_form_and_of_its_kind():
    assert RING.blind_number("11010519491231002x") == RING.blind_number("１１０１０５ 19491231 002X")
    assert RING.blind_number("110105491231002") == RING.blind_number("11010519491231002X")
    assert RING.blind_phone("+86 138-0000-1234") == RING.blind_phone("13800001234")
    assert RING.blind_name("阿依古丽•买买提") == RING.blind_name("阿依古丽 · 买买提")
    assert RING.blind_number("13800001234") != RING.blind_phone("13800001234")
    assert RING.blind_number("无") is RING.blind_phone(None) is RING.blind_name(" ") is None
    assert RING.blind_phone("13800001234") == hmac.digest(b"i" * 32, b"phone\x1f13800001234", hashlib.sha256)
    assert new_keyring().blind_phone("13800001234") != RING.blind_phone("13800001234")


def test_an_index_is_found_under_every_version_and_says_its_own():
    ring, number = RING.rotated(), "11010519491231002X"
    new, old = ring.number_marks(number)
    assert (old, new) == (RING.blind_number(number), ring.blind_number(number))
    assert (index_version_of(old), index_version_of(new)) == (1, 2)
    assert ring.without(1).number_marks(number) == (new,)
    assert ring.number_marks("无") == ring.phone_marks(None) == ()


def test_a_key_file_with_one_index_key_is_read_as_its_first_version(tmp_path):
    path = tmp_path / "keys.json"
    write_keyring(path, RING)
    told = json.loads(path.read_text("ascii"))
    told["index"] = told.pop("indexes")["1"]
    path.write_text(json.dumps(told), "ascii")
    assert read_keyring(path).indexes == RING.indexes
    told["index"] = "c2hvcnQ="
    path.write_text(json.dumps(told), "ascii")
    with pytest.raises(UserError, match="密钥文件"):
        read_keyring(path)


def test_a_pseudonym_is_steady_over_rotations_and_of_its_key():
    assert RING.pseudonym(7) == RING.rotated().pseudonym(7)
    assert len({RING.pseudonym(number) for number in range(1000)}) == 1000
    assert RING.pseudonym(7) != new_keyring().pseudonym(7)
    assert RING.pseudonym(7) != RING.pseudonym(7, kind="mother")
