"""Files as text: gzip, encodings, limits."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policystudio.lib.text_source import SourceError, TextSource


def text_of(content: bytes, *, size: int = 1 << 16, limit: int = 1 << 20) -> str:
    source = TextSource(io.BytesIO(content), limit=limit)
    return "".join(iter(lambda: source.read(size), ""))


@given(text=st.text(st.characters(exclude_categories=["Cs"])), size=st.integers(1, 9), packed=st.booleans())
def test_it_reads_utf8_in_pieces_of_any_size(text: str, size: int, packed: bool) -> None:
    content = text.encode()
    if content.startswith((b"\xef\xbb\xbf", b"\x1f\x8b")):
        return
    assert text_of(gzip.compress(content) if packed else content, size=size) == text


def test_several_gzip_parts_are_one_text() -> None:
    assert text_of(gzip.compress(b"one ") + gzip.compress(b"two")) == "one two"


def test_the_position_is_of_the_file_not_of_the_text() -> None:
    packed = gzip.compress(b"a" * 100_000)
    file = io.BytesIO(packed)
    source = TextSource(file, limit=1 << 20)
    while source.read(1000):
        pass
    assert source.position == len(packed) < 1000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}".encode("utf-16"), "UTF-16, as PowerShell"),
        ("{}".encode("utf-16-be"), None),
        (b"\xfe\xff\x00{", "UTF-16"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a": "\xff"}', "byte 8 cannot be read"),
        (b'{"a": "\xe4"}', "byte 8 cannot be read"),
        (b'{"a": "\xc3', "byte 8 cannot be read"),
        (b'"\xed\xa0\x80"', "byte 2 cannot be read"),
        (gzip.compress(b"{}", mtime=0)[:-3], "ends too early"),
        (gzip.compress(b"{}" * 500, mtime=0)[:20], "ends too early"),
        (gzip.compress(b"{}" * 500, mtime=0)[:15] + b"\0\0\0\0" + gzip.compress(b"{}" * 500, mtime=0)[19:], "damaged"),
        (b"\x1f\x8bnot gzip at all", "damaged"),
    ],
)
@pytest.mark.parametrize("size", [1, 1 << 16])
def test_it_refuses_what_is_no_text(content: bytes, message: str | None, size: int) -> None:
    if message is None:  # without a mark UTF-16 is text with NUL characters, which the JSON reader refuses
        assert "\0" in text_of(content, size=size)
        return
    with pytest.raises(SourceError, match=message):
        text_of(content, size=size)


def test_a_bomb_is_stopped_early() -> None:
    # Many members, one after the other, are one file: a gigabyte of text in a megabyte.
    bomb = gzip.compress(b" " * (64 << 20)) * 16
    assert len(bomb) < 2_000_000
    file = io.BytesIO(bomb)
    source = TextSource(file, limit=2 << 20)
    with pytest.raises(SourceError, match="more than 2 MB of text"):
        list(iter(lambda: source.read(1 << 16), ""))
    assert file.tell() < len(bomb) / 2


def test_a_text_of_exactly_the_limit_is_read() -> None:
    assert text_of(b"12345", limit=5) == "12345"
    with pytest.raises(SourceError):
        text_of(b"123456", limit=5)
