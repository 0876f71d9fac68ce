"""Text files, compressed or not, in an encoding."""

import codecs
import io

from ..exceptions import InputError

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
}
_OTHER_MAGIC = {b"\xfd7zXZ": "xz", b"PK\x03\x04": "zip"}


def open_bytes(path):
    """Open a file for reading bytes as an Arrow stream, decompressed by what is in it."""
    import pyarrow as pa

    file = pa.OSFile(str(path))
    start = file.read(6)
    file.seek(0)
    for magic, name in _OTHER_MAGIC.items():
        if start.startswith(magic):
            raise InputError(
                f"{path}: expected text, or text compressed by gzip, bz2, zstd or lz4; found {name}"
            )
    for magic, name in _MAGIC.items():
        if start.startswith(magic):
            return pa.CompressedInputStream(file, name)
    return file


def open_text(path, encoding):
    """Open a file for reading text, with its line ends as they are."""
    encoding = "utf-8-sig" if is_utf8(encoding) else encoding
    return io.TextIOWrapper(io.BufferedReader(_Raw(open_bytes(path))), encoding, newline="")


def is_utf8(encoding):
    """Whether an encoding is UTF-8, with a byte order mark or without."""
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")


def not_in_encoding(path, encoding):
    """Make the error for bytes that are no text, with their line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    where = ""
    with io.BufferedReader(_Raw(open_bytes(path))) as file:
        for number, line in enumerate(file, 1):
            try:
                decoder.decode(line)
            except UnicodeError:
                where = f", line {number}"
                break
    return InputError(
        f"{path}{where}: expected text in the encoding {encoding}, found bytes that are none; "
        "EVENTS_ENCODING names another one, like latin-1"
    )


class _Raw(io.RawIOBase):
    """An Arrow stream as a raw file of Python's, which decodes."""

    def __init__(self, stream):
        self._stream = stream

    def readable(self):
        return True

    def readinto(self, buffer):
        chunk = self._stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self):
        self._stream.close()
        super().close()
