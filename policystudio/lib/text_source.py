"""A file as text: unpacked where it is gzip, and refused where it is no UTF-8 or too large."""

import codecs
import gzip
import zlib
from typing import BinaryIO

_GZIP = b"\x1f\x8b"
_MARKS = {
    codecs.BOM_UTF8: "the file begins with a byte order mark: save it as UTF-8 without one",
    codecs.BOM_UTF16_LE: "the file is UTF-16, as PowerShell's `>` writes it: save it as UTF-8",
    codecs.BOM_UTF16_BE: "the file is UTF-16: save it as UTF-8",
}


class SourceError(ValueError):
    """The bytes of the file cannot be read as text; the message says why."""


class TextSource:
    """Reads text from a file of bytes, which must be able to seek.

    ``limit`` bounds the bytes after unpacking, so that a small file that unpacks to an enormous one is stopped early.
    ``position`` is how many bytes of the file itself are behind us, for progress.
    """

    def __init__(self, file: BinaryIO, *, limit: int) -> None:
        self._file = file
        self._limit = limit
        self._unpacked = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        start = file.read(len(codecs.BOM_UTF8))
        for mark, message in _MARKS.items():
            if start.startswith(mark):
                raise SourceError(message)
        file.seek(-len(start), 1)
        self._stream: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=file) if start.startswith(_GZIP) else file

    @property
    def position(self) -> int:
        """Bytes of the file that were read so far."""
        return self._file.tell()

    def read(self, size: int) -> str:
        """Some text, at most ``size`` bytes of it; "" at the end."""
        while True:
            packed = self._bytes(size)
            self._unpacked += len(packed)
            if self._unpacked > self._limit:
                raise SourceError(f"the file has more than {self._limit >> 20:,} MB of text, that is too much to read")
            text = self._decoded(packed)
            if text or not packed:
                return text

    def _bytes(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except EOFError:
            raise SourceError("the gzip file ends too early: a part of it is missing") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise SourceError(f"the gzip file is damaged: {error}") from None

    def _decoded(self, packed: bytes) -> str:
        waiting = len(self._decoder.getstate()[0])
        try:
            return self._decoder.decode(packed, final=not packed)
        except UnicodeDecodeError as error:
            number = self._unpacked - len(packed) - waiting + error.start + 1
            raise SourceError(f"the file is not UTF-8: byte {number:,} cannot be read") from None
