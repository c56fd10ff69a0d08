"""The file of a bundle: whole or refused, for its reader alone, bounded, and never in place of another file."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.ledger.line import new_id
from store.values.times import district_time
from sync.protocol.bundle.bundle_file import (
    MAGIC,
    MAX_DOCUMENT_BYTES,
    BundleAddress,
    open_bundle,
    put_in_place,
    read_head,
    write_bundle,
)
from sync.protocol.bundle.exceptions import (
    BundleDamaged,
    BundleError,
    BundleNotRead,
    BundleTooNew,
    BundleUnwritten,
    NoBundle,
)
from sync.protocol.bundle.keys import BundleKeys, keys_from_seed
from sync.protocol.bundle.names import bundle_name, bundles_in
from tests.examples import examples

WRITER, READER, STRANGER = (keys_from_seed(bytes([n]) * 32) for n in (1, 2, 3))
DOCUMENTS = (b'{"first":1}', b'{"second":"' + "区".encode() * 2_000 + b'"}', b'{"third":3}')
NOW_MS = 1_764_400_000_000


def bundle(folder: Path, documents: Iterable[bytes] = DOCUMENTS, writer: BundleKeys = WRITER) -> Path:
    """A bundle for `READER`."""
    address = BundleAddress("message", new_id(), "210903", READER.public.agree)
    return write_bundle(folder / "张甲-11月29日-上报.gjb", address, writer, NOW_MS, documents)[0]


def contents(path: Path, keys: BundleKeys = READER) -> list[bytes]:
    """The documents in a bundle."""
    return list(open_bundle(path, keys).documents())


def test_its_reader_gets_what_was_written(tmp_path: Path) -> None:
    """The documents come out as they went in, and nothing of them can be read in the file."""
    path = bundle(tmp_path)
    assert contents(path) == list(DOCUMENTS)
    assert b"first" not in path.read_bytes()
    assert read_head(path).writer == WRITER.public.sign


def test_nobody_else_can_open_it(tmp_path: Path) -> None:
    """Another's keys do not open it."""
    with pytest.raises(BundleDamaged):
        contents(bundle(tmp_path), STRANGER)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_file_is_refused_wherever_it_was_changed(tmp_path: Path, data: st.DataObject) -> None:
    """One flipped bit, a file that ends too early, and one that goes on behind its end are refused, before a document
    is given."""
    path = bundle(tmp_path)
    raw = bytearray(path.read_bytes())
    how = data.draw(st.sampled_from(["flip", "flip", "flip", "cut", "append"]))
    at = data.draw(st.integers(0, len(raw) - 1))
    if how == "flip":
        raw[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(raw[:at] if how == "cut" else raw + b"\0" * (1 + at) if how == "append" else raw)
    with pytest.raises(BundleError):
        contents(path)
    path.unlink()


def resigned(path: Path, **changes: object) -> None:
    """Change the head of a bundle, and sign it anew as its writer."""
    raw = path.read_bytes()
    begin = len(MAGIC) + 4
    end = begin + int.from_bytes(raw[len(MAGIC) : begin], "big")
    head = orjson.dumps({**orjson.loads(raw[begin:end]), **changes})
    unsigned = MAGIC + len(head).to_bytes(4, "big") + head + raw[end:-64]
    digest = hashlib.sha256(unsigned).digest()
    path.write_bytes(unsigned + WRITER.sign.sign(b"guanjia bundle 1\0" + digest))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"cipher": "none"}, BundleDamaged),
        ({"digest": "md5"}, BundleDamaged),
        ({"signature": "none"}, BundleDamaged),
        ({"format": 2}, BundleTooNew),
        ({"district": "210999"}, BundleDamaged),
        ({"expires": NOW_MS * 2}, BundleDamaged),
        ({"ephemeral": "00" * 32}, BundleDamaged),
        ({"extra": 1}, BundleDamaged),
    ],
)
def test_nothing_of_the_head_can_be_replaced_even_by_its_writer(
    tmp_path: Path, changes: dict[str, object], refusal: type[BundleError]
) -> None:
    """A weaker cipher, another format, another district or a later date in the head: no document opens by it."""
    path = bundle(tmp_path)
    resigned(path, **changes)
    with pytest.raises(refusal):
        contents(path)


def test_documents_cannot_be_replaced_after_they_were_checked(tmp_path: Path) -> None:
    """What is read uses the key that was agreed when all was checked: another bundle in its place gives nothing."""
    opened = open_bundle(bundle(tmp_path), READER)
    other = bundle(tmp_path, [b'{"forged":1}'] * 3, STRANGER)
    os.replace(other, opened.path)
    with pytest.raises(BundleDamaged):
        list(opened.documents())


def test_a_document_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    """A small document of zeros that unfolds beyond the bound is refused, not kept in memory."""
    path = bundle(tmp_path, [b"\0" * (MAX_DOCUMENT_BYTES + 1)])
    assert path.stat().st_size < 10_000
    with pytest.raises(BundleDamaged):
        contents(path)


def test_a_document_of_countless_values_is_refused(tmp_path: Path) -> None:
    """A document within the bound of bytes whose values would take hundreds of times as much memory is refused."""
    with pytest.raises(BundleDamaged):
        contents(bundle(tmp_path, [b"[" + b"0," * 1_000_000 + b"0]"]))


def test_a_link_under_the_name_of_a_part_is_not_written_through(tmp_path: Path) -> None:
    """A stick that was prepared with a link where the unfinished file will lie: what it leads to stays as it is."""
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / ".张甲-11月29日-上报.gjb.part").symlink_to(precious)
    assert contents(bundle(tmp_path / "stick")) == list(DOCUMENTS)
    assert precious.read_text() == "mine"


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    """A second bundle of the day gets a number; both are there, and nothing else."""
    first, second = bundle(tmp_path), bundle(tmp_path)
    assert (first.name, second.name) == ("张甲-11月29日-上报.gjb", "张甲-11月29日-上报-2.gjb")
    assert sorted(os.listdir(tmp_path)) == sorted((first.name, second.name))


def test_what_fails_while_it_is_written_leaves_no_file(tmp_path: Path) -> None:
    """Where the documents or the disk fail, the folder is as before."""

    def failing() -> Iterable[bytes]:
        yield DOCUMENTS[0]
        raise KeyError("no more")

    with pytest.raises(KeyError):
        bundle(tmp_path, failing())
    with pytest.raises(BundleUnwritten):
        bundle(tmp_path / "gone")
    assert os.listdir(tmp_path) == []


def test_links_pipes_and_other_files_are_no_bundles(tmp_path: Path) -> None:
    """A link is not followed, a pipe is not waited for, another file is told to be none."""
    path = bundle(tmp_path)
    (tmp_path / "link.gjb").symlink_to(path)
    os.mkfifo(tmp_path / "pipe.gjb")
    (tmp_path / "text.gjb").write_text("no bundle")
    (tmp_path / "folder.gjb").mkdir()
    with pytest.raises(BundleNotRead):
        read_head(tmp_path / "link.gjb")
    for name in ("pipe.gjb", "text.gjb"):
        with pytest.raises(NoBundle):
            read_head(tmp_path / name)
    assert bundles_in(tmp_path) == [tmp_path / "text.gjb", path]


@pytest.mark.parametrize("person", ["../../etc/张甲", "张/甲\\乙", "..", "", "张\u202e甲\n", "甲" * 300, 'C:<>"|?*'])
def test_a_name_leads_nowhere_else(person: str) -> None:
    """Whatever a person is called, the name of their file is one name, short enough, without control characters."""
    name = bundle_name(person, "message", district_time(NOW_MS))
    assert Path(name).name == name and len(name.encode()) < 200
    assert name.endswith("-上报.gjb") and name.isprintable()


def test_a_files_name_is_on_the_disk_before_the_stick_may_be_unplugged(tmp_path: Path) -> None:
    """The folder is flushed once the file has its name. A disk that flushes no folders takes the file all the same; any
    other failure of the disk is told."""
    flushed: list[tuple[Path, bytes]] = []

    def flush(folder: Path, failure: int | None = None) -> None:
        flushed.append((folder, (folder / "x.gjb").read_bytes()))
        if failure is not None:
            raise OSError(failure, "")

    for failure in (None, errno.EINVAL):
        (tmp_path / "aside").write_bytes(b"whole")
        put_in_place(tmp_path / "aside", tmp_path / "x.gjb", partial(flush, failure=failure))
    assert flushed == [(tmp_path, b"whole")] * 2
    (tmp_path / "aside").write_bytes(b"whole")
    with pytest.raises(OSError, match=str(errno.EIO)):
        put_in_place(tmp_path / "aside", tmp_path / "x.gjb", partial(flush, failure=errno.EIO))
