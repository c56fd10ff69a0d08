"""The file of a bundle: a head that everybody may read, documents that only its reader can, and its writer's signature.

    magic · length and JSON of the head · for each document its length and ciphertext · a zero length · signature

Each document is compressed (zstd) and encrypted (ChaCha20-Poly1305) by itself, so that memory is that of one, however
many there are. The key follows (HKDF-SHA256) from an ephemeral X25519 key and the reader's; the whole head goes into
it. The nonce counts the documents and marks the last, so that none is missing, moved or repeated. The signature
(Ed25519) is over the SHA-256 of all before it. `open_bundle` checks everything before it gives anything; reading again
afterwards uses the key that was agreed then, so that nobody can put other documents in their place meanwhile.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import orjson
import zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import ConfigDict, ValidationError

from store.home.paths import fsync_directory
from store.values.file_causes import file_cause
from sync.protocol import PAGE_BYTES, Code, Key, Time, Uuid, WireMessage
from sync.protocol.bundle.exceptions import (
    BundleDamaged,
    BundleError,
    BundleNotRead,
    BundleTooNew,
    BundleUnwritten,
    NoBundle,
)
from sync.protocol.bundle.keys import BundleKeys
from sync.protocol.bundle.names import BundleKind, free_paths

MAGIC = b"guanjia bundle\n"
FORMAT = 1
MAX_DOCUMENT_BYTES = 3 * PAGE_BYTES
"""The longest document, decompressed: a full page in, outcomes with winners and losers, and one line."""
MAX_VALUES = 450_000
"""The most JSON values of a document: one takes two bytes in it and 60 in memory."""
MAX_HEAD_BYTES = 4_096
LIFETIME_MS = 60 * 86_400_000
"""How long a bundle is taken in after it was made."""
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64
_LENGTH = struct.Struct(">I")
_CONTEXT = b"guanjia bundle 1\0"
_CHUNK_BYTES = 1 << 20


class BundleHead(WireMessage):
    """What a bundle says of itself, authenticated with it: for what it is (``kind``), the ``message`` that it is or
    answers, its district, the keys of writer and reader, and until when it is good (milliseconds since 1970)."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    kind: BundleKind
    digest: Literal["sha256"] = "sha256"
    cipher: Literal["x25519-hkdf-sha256-chacha20poly1305"] = "x25519-hkdf-sha256-chacha20poly1305"
    signature: Literal["ed25519"] = "ed25519"
    district: Code
    message: Uuid
    writer: Key
    reader: Key
    ephemeral: Key
    made_at: Time
    expires: Time


class BundleAddress(NamedTuple):
    """For what a bundle is, the message that it is or answers, its district and its reader's key."""

    kind: BundleKind
    message: str
    district: str
    reader: str


# Writing


def write_bundle(
    path: Path, address: BundleAddress, keys: BundleKeys, now_ms: int, documents: Iterable[bytes]
) -> tuple[Path, int]:
    """Write a bundle at ``path``, or beside it under a name that is free; gives its path and bytes. It has that name
    once it is whole and on the disk. Raises `BundleUnwritten`; what the documents raise leaves no file."""
    ephemeral = X25519PrivateKey.generate()
    head = BundleHead(
        **address._asdict(),
        writer=keys.public.sign,
        ephemeral=ephemeral.public_key().public_bytes_raw().hex(),
        made_at=now_ms,
        expires=now_ms + LIFETIME_MS,
    )
    cipher = _cipher(orjson.dumps(head.model_dump()), ephemeral, address.reader)
    try:
        return _write_whole(path, orjson.dumps(head.model_dump()), cipher, keys, documents)
    except OSError as error:
        raise BundleUnwritten(file=path, detail=file_cause(error.errno)) from None


def _write_whole(
    path: Path, head: bytes, cipher: ChaCha20Poly1305, keys: BundleKeys, documents: Iterable[bytes]
) -> tuple[Path, int]:
    target = reserve(path)
    aside = target.with_name(f".{target.name}.part")
    try:
        with open_new(aside) as file:
            for part in _parts(head, cipher, keys, documents):
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        put_in_place(aside, target)
    except BaseException:
        for each in (aside, target):
            each.unlink(missing_ok=True)
        raise
    return target, size


def put_in_place(aside: Path, target: Path, flush: Callable[[Path], None] = fsync_directory) -> None:
    """Give a file that is on the disk its name, and bring the name to the disk, as ``flush`` does for a folder: a stick
    is unplugged right after. A disk that cannot flush a folder is left as it is. Raises `OSError`."""
    os.replace(aside, target)
    try:
        flush(target.parent)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EACCES):
            raise


def open_new(path: Path) -> BinaryIO:
    """A new file to write, in place of what a write that was broken off has left: never what a link there leads to.
    Raises `OSError`."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def reserve(path: Path) -> Path:
    """The first free name like this one, taken by an empty file. Raises `OSError`."""
    for free in free_paths(path):
        try:
            os.close(os.open(free, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            continue
        return free
    raise FileExistsError(path)


def _parts(head: bytes, cipher: ChaCha20Poly1305, keys: BundleKeys, documents: Iterable[bytes]) -> Iterator[bytes]:
    digest = hashlib.sha256()
    compressor = zstandard.ZstdCompressor()
    for part in _unsigned_parts(head, cipher, compressor, documents):
        digest.update(part)
        yield part
    yield keys.sign.sign(_CONTEXT + digest.digest())


def _unsigned_parts(
    head: bytes, cipher: ChaCha20Poly1305, compressor: zstandard.ZstdCompressor, documents: Iterable[bytes]
) -> Iterator[bytes]:
    yield MAGIC + _LENGTH.pack(len(head)) + head
    number, before = 0, None
    for document in documents:
        if before is not None:
            yield _sealed(cipher, number, before, is_last=False)
            number += 1
        before = compressor.compress(document)
    yield _sealed(cipher, number, before or compressor.compress(b"{}"), is_last=True)
    yield _LENGTH.pack(0)


def _sealed(cipher: ChaCha20Poly1305, number: int, packed: bytes, *, is_last: bool) -> bytes:
    sealed = cipher.encrypt(_nonce(number, is_last=is_last), packed, None)
    return _LENGTH.pack(len(sealed)) + sealed


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _cipher(head: bytes, own: X25519PrivateKey, other: str) -> ChaCha20Poly1305:
    """The cipher that the ephemeral key's owner and the reader share. Raises `ValueError` for a key that is none."""
    secret = own.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(other)))
    info = _CONTEXT + hashlib.sha256(head).digest()
    return ChaCha20Poly1305(HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(secret))


# Reading


def read_head(path: Path) -> BundleHead:
    """What a bundle says of itself, not checked yet. Raises `NoBundle`, `BundleTooNew`, `BundleNotRead`."""
    try:
        with open_plain(path) as file:
            return _read_head(path, file)[0]
    except OSError as error:
        raise BundleNotRead(file=path, detail=file_cause(error.errno)) from None


def is_signed(path: Path) -> bool:
    """Whether the writer that a bundle names has signed all of it, which anybody can tell without reading it."""
    try:
        with open_plain(path) as file:
            _check_signature(path, file, _read_head(path, file)[0])
    except (OSError, ValueError, BundleError):
        return False
    return True


class Bundle:
    """An opened bundle that was found whole: its ``head``, its ``path`` and its size in bytes."""

    def __init__(self, path: Path, head: BundleHead, cipher: ChaCha20Poly1305, begin: int, size: int) -> None:
        self.path, self.head, self.size = path, head, size
        self._cipher, self._begin = cipher, begin

    def documents(self) -> Iterator[bytes]:
        """The documents, decompressed, one after the other. Raises `BundleDamaged` where the file was changed since it
        was checked."""
        with open_plain(self.path) as file:
            file.seek(self._begin)
            for packed in _packed_documents(self.path, file, self._cipher):
                yield _decompressed(self.path, packed)


def open_bundle(path: Path, keys: BundleKeys, most: int | None = None) -> Bundle:
    """The bundle in a file, once all of it was checked: its signature, that its reader has ``keys``, and that all
    documents have at most so many bytes together, decompressed. Who its writer is, whether it is wanted, and whether it
    is still good is for the caller to say. Raises `NoBundle`, `BundleTooNew`, `BundleDamaged`, `BundleNotRead`."""
    try:
        with open_plain(path) as file:
            head, raw = _read_head(path, file)
            begin = file.tell()
            _check_signature(path, file, head)
            cipher = _cipher(raw, keys.agree, head.ephemeral)
            file.seek(begin)
            size = 0
            for packed in _packed_documents(path, file, cipher):
                size += len(_decompressed(path, packed))
                if most is not None and size > most:
                    raise BundleDamaged(file=path)
            return Bundle(path, head, cipher, begin, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise BundleNotRead(file=path, detail=file_cause(error.errno)) from None
    except ValueError:
        raise BundleDamaged(file=path) from None


def open_plain(path: Path) -> BinaryIO:
    """The file, if it is a plain one: a link may lead anywhere, a pipe never ends. Raises `OSError`, `NoBundle`."""
    flags = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    descriptor = os.open(path, os.O_RDONLY | flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NoBundle(file=path)
    return os.fdopen(descriptor, "rb")


def _read_head(path: Path, file: BinaryIO) -> tuple[BundleHead, bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise NoBundle(file=path)
    length = _length(path, file, MAX_HEAD_BYTES)
    raw = _exactly(path, file, length)
    try:
        known: object = orjson.loads(raw)
        return BundleHead.model_validate(known, strict=True), raw
    except orjson.JSONDecodeError:
        raise BundleDamaged(file=path) from None
    except ValidationError:
        is_other = isinstance(known, dict) and known.get("format") != FORMAT and isinstance(known.get("format"), int)
        raise (BundleTooNew if is_other else BundleDamaged)(file=path) from None


def _check_signature(path: Path, file: BinaryIO, head: BundleHead) -> None:
    size = os.fstat(file.fileno()).st_size - _SIGNATURE_BYTES
    file.seek(0)
    digest = hashlib.sha256()
    while (left := size - file.tell()) > 0:
        digest.update(_exactly(path, file, min(left, _CHUNK_BYTES)))
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.writer))
        key.verify(file.read(_SIGNATURE_BYTES), _CONTEXT + digest.digest())
    except InvalidSignature:
        raise BundleDamaged(file=path) from None


def _packed_documents(path: Path, file: BinaryIO, cipher: ChaCha20Poly1305) -> Iterator[bytes]:
    """The documents as they were compressed, up to the signature, which ends the file."""
    most = MAX_DOCUMENT_BYTES + _CHUNK_BYTES
    number, length = 0, _length(path, file, most)
    while length:
        sealed = _exactly(path, file, length)
        length = _length(path, file, most)
        try:
            yield cipher.decrypt(_nonce(number, is_last=not length), sealed, None)
        except InvalidTag:
            raise BundleDamaged(file=path) from None
        number += 1
    if not number or len(file.read(_SIGNATURE_BYTES + 1)) != _SIGNATURE_BYTES:
        raise BundleDamaged(file=path)


def _decompressed(path: Path, packed: bytes) -> bytes:
    """Raises `BundleDamaged` for what is no zstd, or too long."""
    try:
        with zstandard.ZstdDecompressor(max_window_size=MAX_DOCUMENT_BYTES).stream_reader(packed) as reader:
            plain: bytes = reader.read(MAX_DOCUMENT_BYTES + 1)
    except zstandard.ZstdError:
        raise BundleDamaged(file=path) from None
    if len(plain) > MAX_DOCUMENT_BYTES or sum(map(plain.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise BundleDamaged(file=path)
    return plain


def _length(path: Path, file: BinaryIO, most: int) -> int:
    length: int = _LENGTH.unpack(_exactly(path, file, _LENGTH.size))[0]
    if length > most:
        raise BundleDamaged(file=path)
    return length


def _exactly(path: Path, file: BinaryIO, size: int) -> bytes:
    read = file.read(size)
    if len(read) != size:
        raise BundleDamaged(file=path)
    return read
