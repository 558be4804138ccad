"""JSON of resources: digits are kept, what is ambiguous or hostile is refused with words."""

from __future__ import annotations

import pytest

from qingmiao.fhir.issues import NotTakenError
from qingmiao.fhir.texts import DEEPEST, read, write


def test_digits_stay() -> None:
    text = '{"resourceType":"Observation","valueQuantity":{"value":12.30,"n":[0.0,1e3,-7]}}'
    assert write(read(text.encode())).decode() == text.replace("1e3", "1E+3")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"1", b"null", b'"x"', b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":Infinity}', b"\xff\xfe",
        b'{"a":"\\u0000"}', b'{"a\\u0000":1}', b'{"a":' + b"9" * 5000 + b"}", b'{"a":1e99999}',
        b'{"a":' * (DEEPEST + 2) + b"1" + b"}" * (DEEPEST + 2), b'{"a":' * 50000,
        b'{"a":' + b"[" * 100000 + b"]" * 100000 + b"}",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(NotTakenError) as refused:
        read(data)
    assert refused.value.issues[0].words
