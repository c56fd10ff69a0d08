"""Bytes of attachments: what is kept comes back as it was or not at all, and tells nothing to who has the disk."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.home.blobs.blob_store import BlobStore
from store.home.blobs.exceptions import BlobDamaged, BlobMissing
from store.home.blobs.sealed_file import CHUNK_BYTES
from tests.store.devices import device

BUCKET, OTHER = "i:0190", "p:0190"
SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5)
CANARY = b"a canary that nobody may read on the disk "


@pytest.fixture
def blobs(tmp_path: Path) -> Iterator[BlobStore]:
    """The bytes beside an empty ledger."""
    ledger = device(tmp_path, "a")
    yield BlobStore(ledger.database)
    ledger.database.close()


def content(size: int) -> bytes:
    """So many bytes with the canary in them."""
    return (CANARY * (size // len(CANARY) + 1))[:size]


def put(blobs: BlobStore, size: int, bucket: str = BUCKET) -> str:
    """Keep so many bytes; gives their SHA-256."""
    return blobs.put(bucket, io.BytesIO(content(size))).sha256


@pytest.mark.parametrize("size", SIZES)
def test_what_is_kept_comes_back_from_its_bucket_alone(blobs: BlobStore, size: int) -> None:
    """Bytes of any length come back as they were, from the bucket into which they were put and from no other."""
    sha256 = put(blobs, size)
    assert sha256 == hashlib.sha256(content(size)).hexdigest()
    assert blobs.read(BUCKET, sha256) == content(size)
    with pytest.raises(BlobMissing):
        blobs.read(OTHER, sha256)


def test_files_tell_nothing(blobs: BlobStore) -> None:
    """Neither content, hash nor bucket is in a name or a file, and equal content in two buckets is two files that
    have nothing in common."""
    sha256 = put(blobs, 10_000)
    assert put(blobs, 10_000, OTHER) == sha256
    files = sorted(blobs.folder.iterdir())
    raw = [path.read_bytes() for path in files]
    assert len(files) == 2
    assert not any(CANARY[:20] in each for each in raw)
    assert not any(secret in path.name for path in files for secret in (sha256[:8], "0190"))
    assert all(path.stat().st_mode & 0o077 == 0 for path in [*files, blobs.folder])
    (blobs.folder / files[0].name).write_bytes(raw[1])
    (blobs.folder / files[1].name).write_bytes(raw[0])
    for bucket in (BUCKET, OTHER):
        with pytest.raises(BlobDamaged):
            blobs.read(bucket, sha256)


def test_any_change_of_a_file_is_noticed(blobs: BlobStore) -> None:
    """A flipped bit anywhere, a chunk that is left out, doubled, exchanged, or cut off: it is damaged, never other
    bytes."""
    sha256 = put(blobs, 3 * CHUNK_BYTES + 5)
    path = blobs.folder / blobs.name_of(BUCKET, sha256)
    whole, sealed = path.read_bytes(), CHUNK_BYTES + 16
    head, chunks = whole[:92], [whole[92 + n * sealed :][:sealed] for n in range(4)]
    assert whole == head + b"".join(chunks)
    flips = [bytes([*whole[:at], whole[at] ^ 1, *whole[at + 1 :]]) for at in range(4, len(whole), 4_999)]
    orders = ([0, 1, 2], [0, 1, 3], [1, 0, 2, 3], [0, 0, 2, 3], [3, 2, 1, 0])
    others = [head + b"".join(chunks[n] for n in order) for order in orders]
    for changed in [*flips, *others, whole[:-1], whole[:50], b""]:
        path.write_bytes(changed)
        with pytest.raises(BlobDamaged):
            blobs.read(BUCKET, sha256)
    put(blobs, 3 * CHUNK_BYTES + 5)
    assert blobs.read(BUCKET, sha256) == content(3 * CHUNK_BYTES + 5)


def test_what_comes_in_parts_goes_on_where_it_stopped(blobs: BlobStore) -> None:
    """Of what was cut anywhere the whole chunks count; the rest comes again, and only the whole is there to be read.
    Other bytes than those that were named are thrown away."""
    data = content(3 * CHUNK_BYTES + 5)
    sha256 = hashlib.sha256(data).hexdigest()
    with blobs.receiving(BUCKET, sha256) as writer:
        for at in (0, CHUNK_BYTES):
            writer.append(data[at : at + CHUNK_BYTES])
    (partial,) = blobs.folder.iterdir()
    os.truncate(partial, partial.stat().st_size - 7)
    assert not blobs.has(BUCKET, sha256)
    with blobs.receiving(BUCKET, sha256) as writer:
        assert writer.size == CHUNK_BYTES
        while part := data[writer.size : writer.size + CHUNK_BYTES]:
            writer.append(part)
        facts = writer.finish()
    assert blobs.complete(BUCKET, sha256, facts)
    assert blobs.read(BUCKET, sha256) == data
    wrong = "ab" * 32
    with blobs.receiving(BUCKET, wrong) as writer:
        writer.append(b"something else")
        facts = writer.finish()
    assert not blobs.complete(BUCKET, wrong, facts)
    assert len(list(blobs.folder.iterdir())) == 1


def test_what_no_line_names_is_found_and_removed(blobs: BlobStore) -> None:
    """Files of lines that have gone are strays, parts of them too; those of lines are not, nor what is just written."""
    kept, gone = put(blobs, 10), put(blobs, 20)
    with blobs.receiving(BUCKET, "cd" * 32) as writer:
        writer.append(b"x")
    (blobs.folder / "0123.new").write_bytes(b"being written")
    known = {blobs.name_of(BUCKET, kept)}
    assert {path.stem for path in blobs.strays(known)} == {
        blobs.name_of(BUCKET, gone),
        blobs.name_of(BUCKET, "cd" * 32),
    }
    blobs.remove(BUCKET, gone)
    blobs.remove(BUCKET, gone)
    assert blobs.names() == known
