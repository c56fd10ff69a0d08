"""Make a package of evidence: what the device has, what the central proves of it, and the central's seal.

The central is asked where it can be reached; without it the package has what the device knows, says so, and is not
sealed. It is written aside and put in its place whole; nothing that is there already is overwritten.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson

from store.db.device_facts import DeviceFacts
from store.home.paths import Home
from store.home.settings import Settings
from store.ledger.line import Line, canonical_json
from store.queries.evidence import NAMING_KINDS, EvidenceStory
from store.values.version import VERSION
from sync.device.device import parse_lines
from sync.protocol import DistrictName
from sync.protocol.evidence.container import PackageWriter
from sync.protocol.evidence.package import (
    DESCRIPTION_PART,
    EVIDENCE,
    FACE_PART,
    LOG_PART,
    MANIFEST_PART,
    MAX_ASKED,
    PROOFS_PART,
    SEAL,
    SEAL_PART,
    VERSIONS_PART,
    DocumentInfo,
    EvidenceAnswer,
    EvidenceRequest,
    LogPart,
    Manifest,
    PartInfo,
    Seal,
    SealAnswer,
    SealRequest,
    Subject,
    canonical,
    canonical_lines,
    next_link,
)
from sync.protocol.intake import SignedHead, VersionProof
from sync.round import call_central
from sync.steps.intake import known_heads


class TellingVersion(NamedTuple):
    """A version of the story: the line, why it is not current (None for the current one), and the central's proof."""

    line: Line
    reason: str | None
    proof: VersionProof | None


class ProvenStory(NamedTuple):
    """The versions of a story, and the head to which their proofs lead; None where no central was asked."""

    versions: list[TellingVersion]
    head: SignedHead | None


class PackageDocument(NamedTuple):
    """An attachment's file: its line, the name that it had, the ending for its part, its hash, whether it is the small
    copy of the original, and how it is opened; None where its bytes are not here."""

    line: str
    name: str
    ending: str
    sha256: str
    is_copy: bool
    open: Callable[[], AbstractContextManager[Iterable[bytes]]] | None


class PackageContents(NamedTuple):
    """What goes into a package: the subject, its line and title; the story; the documents; and what people read of it,
    made once it is known which documents are which parts."""

    subject: Subject
    of: str
    title: str
    story: ProvenStory
    documents: Sequence[PackageDocument]
    describe: Callable[[Manifest], tuple[bytes, bytes]]


class PackageMaker(NamedTuple):
    """Who makes it: the facts of the device, and the time (milliseconds since 1970, by the district's clock)."""

    facts: DeviceFacts
    now_ms: int


def ask_proofs(home: Home, settings: Settings, story: EvidenceStory) -> ProvenStory:
    """What the central has of these lines, with its proofs, beside what only this device has. Raises what
    `call_central` raises."""
    told = list[TellingVersion]()
    head: SignedHead | None = None
    size: int | None = None
    ids = story.line_ids
    for start in range(0, len(ids), MAX_ASKED):
        request = EvidenceRequest(lines=ids[start : start + MAX_ASKED], size=size)
        answer = call_central(home, settings, EVIDENCE, request, EvidenceAnswer)
        if head is None:
            head, size = answer.signed, int(orjson.loads(answer.signed.head)["size"])
        for version in answer.versions:
            told += [TellingVersion(line, version.reason, version.proof) for line in parse_lines([version.line])]
    is_reader = {line.id for line, _ in story.versions if line.kind in NAMING_KINDS}
    told = [each for each in told if each.reason is None or each.line.id not in is_reader]
    known = {canonical_json(each.line) for each in told}
    own = [TellingVersion(*version, None) for version in story.versions if canonical_json(version[0]) not in known]
    return ProvenStory(sorted([*told, *own], key=_order), head)


def unproven(story: EvidenceStory) -> ProvenStory:
    """The story as this device has it."""
    return ProvenStory([TellingVersion(*version, None) for version in story.versions], None)


def _order(version: TellingVersion) -> tuple[int, str, str]:
    line = version.line
    return line.stamp, line.device, line.id


def ask_seal(home: Home, settings: Settings, manifest: Manifest, sha256: str) -> Seal:
    """The central's signature of a manifest. Raises what `call_central` raises."""
    documents = sum(document.part is not None for document in manifest.documents)
    request = SealRequest(
        manifest=sha256, subject=manifest.subject, of=manifest.of, versions=manifest.versions, files=documents
    )
    return call_central(home, settings, SEAL, request, SealAnswer)


def write_package(
    out: Path, parts: PackageContents, maker: PackageMaker, seal: Callable[[Manifest, str], Seal]
) -> Manifest:
    """Write the package beside ``out`` and put it there; ``seal`` gets the manifest and its SHA-256. Raises
    `FileExistsError` where something is there by then, `OSError`, `PackageTooLarge`, and what ``seal`` raises; nothing
    is left then."""
    with tempfile.TemporaryDirectory(prefix=".evidence-", dir=out.absolute().parent) as folder:
        aside = Path(folder) / "package"
        with aside.open("w+b") as file:
            manifest = _write(file, parts, maker, seal)
            file.flush()
            os.fsync(file.fileno())
        if out.exists() or out.is_symlink():
            raise FileExistsError(out)
        aside.rename(out)
    return manifest


def _write(
    file: BinaryIO, parts: PackageContents, maker: PackageMaker, seal: Callable[[Manifest, str], Seal]
) -> Manifest:
    writer = _LinkedWriter(PackageWriter(file))
    documents = [_add_document(writer, number, document) for number, document in enumerate(parts.documents, 1)]
    versions = parts.story.versions
    rows = ({"line": orjson.Fragment(canonical_json(each.line)), "reason": each.reason} for each in versions)
    writer.add(VERSIONS_PART, canonical_lines(rows))
    writer.add(PROOFS_PART, canonical_lines(each.proof and each.proof.model_dump() for each in versions))
    facts = maker.facts
    kept = [known.signed for known in known_heads(facts)]
    log = LogPart(key=facts.get("central_key") or None, signed=parts.story.head, kept=kept)
    writer.add(LOG_PART, canonical(log.model_dump()))
    manifest = Manifest(
        subject=parts.subject,
        of=parts.of,
        title=parts.title[:1_000],
        district=DistrictName(code=facts.district, name=facts.district_name),
        made_at=maker.now_ms,
        person=facts.person,
        name=facts.person_name[:80],
        device=facts.device,
        program=VERSION,
        versions=len(versions),
        documents=documents,
        parts=[],
    )
    description, face = parts.describe(manifest)
    writer.add(DESCRIPTION_PART, description)
    writer.add(FACE_PART, face)
    manifest = manifest.model_copy(update={"parts": writer.parts})
    said = canonical(manifest.model_dump())
    writer.add(MANIFEST_PART, said)
    writer.add(SEAL_PART, canonical(seal(manifest, hashlib.sha256(said).hexdigest()).model_dump()))
    writer.finish()
    return manifest


def _add_document(writer: _LinkedWriter, number: int, document: PackageDocument) -> DocumentInfo:
    name = f"documents/{number:05}-{document.sha256[:8]}.{document.ending}"
    if document.open is not None:
        with document.open() as chunks:
            writer.copy(name, chunks)
    return DocumentInfo(
        part=None if document.open is None else name,
        line=document.line,
        name=document.name,
        sha256=document.sha256,
        copy_of_original=document.is_copy,
    )


class _LinkedWriter:
    """Writes parts, with a hash and a link of each."""

    def __init__(self, writer: PackageWriter) -> None:
        self._writer = writer
        self.parts: list[PartInfo] = []

    def add(self, name: str, *chunks: bytes) -> None:
        """Add a part."""
        self.copy(name, chunks)

    def copy(self, name: str, chunks: Iterable[bytes]) -> None:
        """Add a part from where its bytes are."""
        digest = hashlib.sha256()
        size = self._writer.add(name, _hashed(chunks, digest.update))
        sha256 = digest.hexdigest()
        link = next_link(self.parts[-1].link if self.parts else "", name, size, sha256)
        self.parts.append(PartInfo(name=name, size=size, sha256=sha256, link=link))

    def finish(self) -> None:
        """Write the directory."""
        self._writer.finish()


def _hashed(chunks: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in chunks:
        update(chunk)
        yield chunk
