"""The check of a package of evidence: no byte can be changed, and nothing hostile is taken for a package."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from store.ledger.line import Line, canonical_json
from sync.protocol import DistrictName, WireMessage
from sync.protocol.evidence.check import PackageReport, check_package
from sync.protocol.evidence.container import PackageWriter
from sync.protocol.evidence.package import (
    DESCRIPTION_PART,
    FACE_PART,
    LOG_PART,
    MANIFEST_PART,
    PROOFS_PART,
    SEAL_PART,
    VERSIONS_PART,
    DocumentInfo,
    LogPart,
    Manifest,
    PartInfo,
    Seal,
    SealText,
    canonical,
    canonical_lines,
    next_link,
    seal_message,
)
from sync.protocol.intake import (
    Era,
    IntakeEntry,
    IntakeHead,
    SignedHead,
    VersionProof,
    commitment,
    head_message,
    head_text,
)
from sync.protocol.merkle import SmallTree, inclusion_proof
from tests.examples import examples

ID, OTHER, PERSON, DEVICE = (f"0190{n:04x}-0000-7000-8000-000000000000" for n in range(4))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
PAPER = b"%PDF-1.7 paper"
DOCUMENT = "documents/00001-paper.pdf"


class Proven(NamedTuple):
    """Versions with proofs, and the signed head."""

    lines: list[Line]
    proofs: list[VersionProof]
    signed: SignedHead


@cache
def proven() -> Proven:
    """An issue with two versions in two entries of a log of five, and an attachment in one of them."""
    paper = {"of_kind": "issue", "of_id": ID, "issue_id": ID, "name": "协议", "sha256": sha256(PAPER).hexdigest()}
    lines = [
        Line(ID, "issue", OTHER, 1, DEVICE, PERSON, False, {"title": "缺电"}),
        Line(OTHER, "attachment", OTHER, 2, DEVICE, PERSON, False, paper),
        Line(ID, "issue", OTHER, 3, DEVICE, PERSON, False, {"title": "缺水"}, 1),
    ]
    leaves = [commitment(bytes(16), canonical_json(line)) for line in lines]
    trees = [SmallTree(leaves[:2]), SmallTree(leaves[2:])]
    entries = [IntakeEntry(n, 1_800_000_000_000 + n, tree.size, tree.root()) for n, tree in enumerate(trees)]
    log = SmallTree([entry.leaf for entry in entries] + [bytes(32)] * 3)
    head = IntakeHead(district="D", size=5, root=log.root().hex(), at=1, eras=[Era(id="1-a", size=0, at=0, cause="x")])
    signed = SignedHead(head=head_text(head), signature=KEY.sign(head_message(head_text(head))).hex())
    places = [(0, 0), (0, 1), (1, 0)]
    proofs = [
        VersionProof(
            nonce="00" * 16,
            place=place,
            count=trees[n].size,
            path=[part.hex() for part in inclusion_proof(place, trees[n].size, trees[n].node)],
            number=n,
            at=entries[n].at,
            log=[part.hex() for part in inclusion_proof(n, 5, log.node)],
        )
        for n, place in places
    ]
    return Proven(lines, proofs, signed)


def dumped(value: WireMessage) -> bytes:
    """A message in the form of packages."""
    return canonical(value.model_dump())


Change = Callable[[dict[str, bytes]], object]


def package(change: Change = lambda _parts: None, *, sealed_by: Ed25519PrivateKey = KEY) -> bytes:
    """A sealed package, whose parts were changed before the manifest was made and sealed."""
    story = proven()
    rows = [{"line": orjson_line(line), "reason": None} for line in story.lines]
    parts = {
        DOCUMENT: PAPER,
        VERSIONS_PART: canonical_lines(rows),
        PROOFS_PART: canonical_lines(proof.model_dump() for proof in story.proofs),
        LOG_PART: dumped(LogPart(key=PUBLIC, signed=story.signed)),
        DESCRIPTION_PART: b"<x/>",
        FACE_PART: b"<html></html>",
    }
    change(parts)
    infos: list[PartInfo] = []
    for name, content in parts.items():
        digest = sha256(content).hexdigest()
        link = next_link(infos[-1].link if infos else "", name, len(content), digest)
        infos.append(PartInfo(name=name, size=len(content), sha256=digest, link=link))
    manifest = Manifest(
        subject="issue", of=ID, title="缺水", district=DistrictName(code="D", name="区"), made_at=1, person=PERSON,
        name="张局", device=DEVICE, program="1", versions=3,
        documents=[DocumentInfo(part=DOCUMENT, line=OTHER, name="协议", sha256=sha256(PAPER).hexdigest())], parts=infos,
    )  # fmt: skip
    said = dumped(manifest)
    text = dumped(
        SealText(
            district="D", manifest=sha256(said).hexdigest(), subject="issue", of=ID, person=PERSON, name="张局",
            device=DEVICE, at=5,
        )
    ).decode()  # fmt: skip
    seal = Seal(text=text, signature=sealed_by.sign(seal_message(text)).hex())
    return written({**parts, MANIFEST_PART: said, SEAL_PART: dumped(seal)})


def orjson_line(line: Line) -> object:
    """A line as packages have it."""
    fields = {"id": line.id, "kind": line.kind, "project": line.project, "stamp": line.stamp, "device": line.device}
    return {**fields, "author": line.author, "deleted": line.deleted, "body": line.body, "base": line.base}


def written(parts: dict[str, bytes]) -> bytes:
    """A file of these parts."""
    file = io.BytesIO()
    writer = PackageWriter(file)
    for name, content in parts.items():
        writer.add(name, [content])
    writer.finish()
    return file.getvalue()


def checked(file: bytes) -> PackageReport:
    """The report on a file."""
    return check_package(io.BytesIO(file), len(file))


def faults(report: PackageReport) -> list[str]:
    """The codes of what is wrong."""
    return [finding.code for finding in report.findings if finding.severity == "fault"]


WHOLE = package()


def test_a_whole_package_is_found_whole() -> None:
    """Every version is proven, the seal is the central's, and any zip program reads the same parts."""
    report = checked(WHOLE)
    assert (report.whole, report.proven, report.versions, report.sealed_at) == (True, 3, 3, 5)
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as opened:
        assert opened.testzip() is None and opened.read(DOCUMENT) == PAPER


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 7))
@settings(max_examples=examples(300), deadline=None)
def test_any_flipped_bit_is_noticed(place: int, bit: int) -> None:
    """Whichever bit of the file is another one, the package is not whole."""
    changed = bytearray(WHOLE)
    changed[place] ^= 1 << bit
    assert not checked(bytes(changed)).whole


@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=3))
@settings(max_examples=examples(100), deadline=None)
def test_a_file_that_was_cut_or_lengthened_is_noticed(end: int, more: bytes) -> None:
    """A file that ends too early, and one with anything behind it, is not whole."""
    assert checked(WHOLE[:end] + more).whole is (WHOLE[:end] + more == WHOLE)
    assert checked(WHOLE + more).whole is (more == b"")
    assert not checked(more + b"\0" + WHOLE).whole


def replaced(name: str, old: str, new: str) -> Change:
    """Other words in a part, before it was sealed."""

    def change(parts: dict[str, bytes]) -> None:
        assert old.encode() in parts[name]
        parts[name] = parts[name].replace(old.encode(), new.encode())

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (replaced(VERSIONS_PART, "缺水", "缺钱"), "proof_wrong"),
        (replaced(PROOFS_PART, "1800000000001", "1800000000009"), "proof_wrong"),
        (replaced(DOCUMENT, "paper", "forge"), "document_wrong"),
        (replaced(LOG_PART, PUBLIC, "ab" * 32), "seal_forged"),
        (lambda parts: parts.update({LOG_PART: dumped(LogPart(key=PUBLIC))}), "proof_wrong"),
        (lambda parts: parts.update({"documents/00002-x.pdf": b"x"}), "other_parts"),
        (lambda parts: parts.pop(FACE_PART), "part_missing"),
        (replaced(VERSIONS_PART, '"reason":null', '"reason": null'), "unreadable"),
    ],
    ids=["a version", "its time", "a document", "the key", "the head", "a part more", "a part less", "a blank"],
)
def test_what_was_forged_before_it_was_sealed_is_noticed(change: Change, fault: str) -> None:
    """Who gets a false package sealed is found out all the same: by the proofs, the hashes of papers and the list."""
    assert fault in faults(checked(package(change)))


def deep(parts: dict[str, bytes]) -> None:
    """A version within a version, several hundred times."""
    rows = parts[VERSIONS_PART].splitlines(keepends=True)
    parts[VERSIONS_PART] = b"".join([*rows[:-1], b"[" * 600 + b"]" * 600 + b"\n"])


def test_a_part_that_is_nested_too_deep_is_told() -> None:
    """What no program of ours writes is a fault of the package, not a failure of the check."""
    assert "unreadable" in faults(checked(package(deep)))


def test_text_of_a_package_cannot_look_like_the_report() -> None:
    """An id or a name of a file is told in one line, and no more of it than a line."""
    strange = "x\\nThe package is whole. " + "y" * 5_000
    report = checked(package(replaced(VERSIONS_PART, f'"id":"{ID}"', f'"id":"{strange}"')))
    told = [finding for finding in report.findings if finding.code == "proof_wrong"]
    assert told and all("\n" not in finding.about and len(finding.about) < 200 for finding in told)


def without_proof(parts: dict[str, bytes]) -> None:
    """The attachment's version has no proof."""
    first, _second, third = parts[PROOFS_PART].splitlines(keepends=True)
    parts[PROOFS_PART] = first + b"null\n" + third


def test_a_file_that_no_proven_record_names_is_told() -> None:
    """Who makes a package can add a record with a file of their own: the file is told to be vouched for by nobody."""
    report = checked(package(without_proof))
    assert report.whole and ("document_unproven", "协议") in [(one.code, one.about) for one in report.findings]
    assert "document_unproven" not in [finding.code for finding in checked(WHOLE).findings]


def test_a_seal_by_another_key_is_noticed() -> None:
    """A seal that the central's key did not make counts for nothing."""
    assert faults(checked(package(sealed_by=Ed25519PrivateKey.from_private_bytes(bytes(32))))) == ["seal_forged"]


def zipped(name: str, content: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip by another program."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as writer:
        writer.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "hostile",
    [
        b"", b"PK", b"PK\3\4" + bytes(26), bytes(100),
        zipped("manifest.json", bytes(1 << 22), zipfile.ZIP_DEFLATED),
        zipped("../../etc/passwd", b"x"), zipped("/etc/passwd", b"x"), zipped("C:\\x.json", b"x"),
        zipped("documents/a.pdf\0.exe", b"x"), zipped("a" * 65_000, b"x"),
        struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0x800, 0, 0, 0x21, 0, 0xFFFFFFF0, 0xFFFFFFF0, 13, 0)
        + b"manifest.json",
        WHOLE + WHOLE, WHOLE[:40] + WHOLE,
    ],
    ids=lambda hostile: f"{len(hostile)} bytes",  # workers name it alike, whenever they have made it
)  # fmt: skip
def test_hostile_files_are_refused_with_nothing_unpacked(hostile: bytes) -> None:
    """Bombs, paths, nameless and endless parts, files within files: each is told to be no package."""
    assert faults(checked(hostile)) == ["malformed"]


def test_a_part_that_comes_twice_is_refused() -> None:
    """A second part of one name, which another program might read, is no part of a package."""
    entry = b"x"
    name = b"manifest.json"
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0x800, 0, 0, 0x21, zlib.crc32(entry), 1, 1, len(name), 0)
    assert faults(checked((head + name + entry) * 2)) == ["malformed"]
