"""A policy's text in an address."""

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policystudio.web.packing import LONGEST_TEXT, UnpackError, pack, unpack


@given(st.text(max_size=300))
def test_it_comes_back_as_it_was(text: str) -> None:
    assert unpack(pack(text)) == text


def test_it_needs_no_escapes_and_is_shorter() -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*"}]}' * 20
    packed = pack(text)
    assert packed.replace("-", "").replace("_", "").isalnum()
    assert len(packed) < len(text) / 4


@pytest.mark.parametrize("packed", ["", "%", "é", "AAAA", pack("hello")[:-6]])
def test_what_is_damaged_is_refused(packed: str) -> None:
    with pytest.raises(UnpackError):
        unpack(packed)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"a" * (LONGEST_TEXT + 1), 9)).decode()
    with pytest.raises(UnpackError, match="longer"):
        unpack(bomb)
