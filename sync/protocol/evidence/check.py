"""Whether a package of evidence holds: a pure function of the file, with no network, no home and nothing unpacked.

Nothing of a package is believed before it is shown: bytes by the manifest, the manifest by the central's seal, versions
by proofs to a head that the central has signed. The key is the package's own, so whoever reads the report compares it
with one that is known (`PackageReport.key`).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Literal, NamedTuple, TypeVar

import orjson
from pydantic import ValidationError

from sync.protocol import WireMessage
from sync.protocol.bundle.keys import fingerprint
from sync.protocol.evidence.container import read_parts
from sync.protocol.evidence.exceptions import PackageMalformed
from sync.protocol.evidence.package import (
    DESCRIPTION_PART,
    FACE_PART,
    LOG_PART,
    MANIFEST_PART,
    MAX_TEXT_BYTES,
    PROOFS_PART,
    SEAL_PART,
    VERSIONS_PART,
    DocumentInfo,
    LogPart,
    Manifest,
    Seal,
    SealText,
    canonical,
    next_link,
    seal_message,
)
from sync.protocol.intake import IntakeEntry, IntakeHead, VersionProof, commitment, is_signed, read_head
from sync.protocol.merkle import is_included, root_of_proof

Severity = Literal["fault", "note"]
MAX_FINDINGS = 200
MAX_ABOUT = 160
_READ_WHOLE = (MANIFEST_PART, SEAL_PART, VERSIONS_PART, PROOFS_PART, LOG_PART)
_REQUIRED = (*_READ_WHOLE, DESCRIPTION_PART, FACE_PART)
MessageT = TypeVar("MessageT", bound=WireMessage)


class Finding(NamedTuple):
    """What a check found: a stable ``code``, whether it is a fault or something to know, and what it is about (the name
    of a part, the id of a line, a number)."""

    code: str
    severity: Severity
    about: str = ""


class PackageReport(NamedTuple):
    """The result of a check. ``whole``: every byte is as it was when the central sealed it, and every version that has
    a proof was taken in by the central with this key. ``manifest`` and ``sealed_at`` (milliseconds since 1970) say what
    it is about and when it was sealed; ``key`` is the fingerprint of the central's key, ``head_at`` when the last entry
    of the log was added to which the proofs lead."""

    whole: bool
    findings: list[Finding]
    manifest: Manifest | None = None
    sealed_at: int | None = None
    key: str = ""
    head_at: int | None = None
    proven: int = 0
    versions: int = 0


class _SeenPart(NamedTuple):
    size: int
    sha256: str
    text: bytes | None


def check_package(file: BinaryIO, length: int, key: str | None = None) -> PackageReport:
    """Check a package of this ``length``; with a ``key`` (the public key, or its fingerprint) that the central's is
    that one. Raises `OSError` where the file cannot be read."""
    findings = list[Finding]()
    try:
        seen = dict(_read(file, length))
    except PackageMalformed as error:
        return PackageReport(False, [Finding("malformed", "fault", str(error.values["detail"]))])
    if missing := [name for name in _REQUIRED if name not in seen]:
        return PackageReport(False, [Finding("part_missing", "fault", name) for name in missing])
    manifest, log = _parsed(seen, MANIFEST_PART, Manifest), _parsed(seen, LOG_PART, LogPart)
    seal = _parsed(seen, SEAL_PART, Seal)
    if manifest is None or log is None or seal is None:
        return PackageReport(False, [Finding("unreadable", "fault", MANIFEST_PART)])
    check = _PackageCheck(seen, manifest, log, findings)
    check.parts()
    sealed_at = check.seal(seal)
    check.key(key)
    head = check.head()
    proven, versions = check.versions(head)
    check.documents()
    shown = "" if log.key is None else fingerprint(log.key)
    whole = not any(finding.severity == "fault" for finding in findings)
    at = None if head is None else head.at
    told = [finding._replace(about=_one_line(finding.about)) for finding in findings[:MAX_FINDINGS]]
    return PackageReport(whole, told, manifest, sealed_at, shown, at, proven, versions)


def _read(file: BinaryIO, length: int) -> Iterator[tuple[str, _SeenPart]]:
    for part in read_parts(file, length):
        digest, kept = hashlib.sha256(), bytearray()
        is_text = part.name in _READ_WHOLE
        if is_text and part.size > MAX_TEXT_BYTES:
            raise PackageMalformed(detail=part.name)
        for chunk in part.chunks:
            digest.update(chunk)
            if is_text:
                kept += chunk
        yield part.name, _SeenPart(part.size, digest.hexdigest(), bytes(kept) if is_text else None)


def _parsed(seen: dict[str, _SeenPart], name: str, model: type[MessageT]) -> MessageT | None:
    """A part of JSON in the one form that it has; None for anything else."""
    text = seen[name].text or b""
    try:
        value = orjson.loads(text)
        parsed = model.model_validate(value)
    except (ValueError, ValidationError):
        return None
    return parsed if _is_canonical(parsed.model_dump(), text) else None


class _PackageCheck:
    """The parts of a check; each adds what it finds."""

    def __init__(self, seen: dict[str, _SeenPart], manifest: Manifest, log: LogPart, findings: list[Finding]) -> None:
        self._seen = seen
        self._manifest = manifest
        self._log = log
        self._findings = findings
        self._attached: dict[str, set[str]] = {}
        self._originals = set[tuple[str, str]]()
        self._proven: dict[str, set[str]] = {}

    def _fault(self, code: str, about: str = "") -> None:
        self._findings.append(Finding(code, "fault", about))

    def parts(self) -> None:
        """The parts are those of the manifest, in its order, and the chain over them holds."""
        link, listed = "", [part.name for part in self._manifest.parts]
        if listed != [name for name in self._seen if name not in (MANIFEST_PART, SEAL_PART)]:
            self._fault("other_parts")
        for part in self._manifest.parts:
            link = next_link(link, part.name, part.size, part.sha256)
            held = self._seen.get(part.name)
            if held is None or (held.size, held.sha256) != (part.size, part.sha256) or link != part.link:
                self._fault("part_changed", part.name)

    def seal(self, seal: Seal) -> int | None:
        """The central has signed this very manifest; gives when."""
        if seal.signature is None or self._log.key is None:
            self._fault("unsealed")
            return None
        if not is_signed(seal_message(seal.text), seal.signature, self._log.key):
            self._fault("seal_forged")
            return None
        try:
            told = SealText.model_validate_json(seal.text)
        except ValidationError:
            self._fault("seal_forged")
            return None
        manifest = self._manifest
        said = (told.district, told.subject, told.of, told.person, told.device)
        same = said == (manifest.district.code, manifest.subject, manifest.of, manifest.person, manifest.device)
        if not same or told.manifest != self._seen[MANIFEST_PART].sha256:
            self._fault("seal_of_another")
            return None
        return told.at

    def key(self, key: str | None) -> None:
        """The central's key is the one that was named; a finding to compare it where none was."""
        own = self._log.key
        if own is None:
            return
        if key is None:
            self._findings.append(Finding("key_to_compare", "note", fingerprint(own)))
        elif _plain(key) not in (own, _plain(fingerprint(own))):
            self._fault("other_key", fingerprint(own))

    def head(self) -> IntakeHead | None:
        """The head to which the proofs lead, if the central has signed it."""
        if self._log.signed is None or self._log.key is None:
            return None
        head = read_head(self._log.signed, self._log.key, self._manifest.district.code)
        if head is None:
            self._fault("head_forged")
        return head

    def versions(self, head: IntakeHead | None) -> tuple[int, int]:
        """Each version with a proof was taken in as it is; gives how many are proven, of how many."""
        rows, proofs = (_rows(self._seen[name].text or b"") for name in (VERSIONS_PART, PROOFS_PART))
        proven = count = 0
        try:
            for row, proof in zip(rows, proofs, strict=True):
                count += 1
                proven += self._version(count, row, proof, head)
        except ValueError:  # a row in another form, or one without its proof
            count = -1
        if count != self._manifest.versions:
            self._fault("unreadable", VERSIONS_PART)
            return 0, 0
        if proven < count:
            self._findings.append(Finding("unproven", "note", str(count - proven)))
        return proven, count

    def _version(self, number: int, row: object, proof: object, head: IntakeHead | None) -> bool:
        """Whether a version is proven; one whose proof is wrong is a fault."""
        line = row.get("line") if isinstance(row, dict) else None
        if not isinstance(line, dict):
            self._fault("unreadable", f"{VERSIONS_PART} {number}")
            return False
        is_proven = proof is not None and _is_proven(line, proof, head)
        self._note_attachment(line, is_proven=is_proven)
        if proof is not None and not is_proven:
            self._fault("proof_wrong", f"{line.get('id')} ({number})")
        return is_proven

    def _note_attachment(self, line: dict[str, object], *, is_proven: bool) -> None:
        body = line.get("body")
        if line.get("kind") == "attachment" and isinstance(body, dict):
            named = {str(body[name]) for name in ("sha256", "copy_sha256") if body.get(name)}
            self._originals.add((str(line.get("id")), str(body.get("sha256"))))
            for noted in (self._attached, self._proven) if is_proven else (self._attached,):
                noted.setdefault(str(line.get("id")), set()).update(named)

    def documents(self) -> None:
        """Each document is one that a version of its attachment's line names by its hash, and no part is another. One
        that no proven version names is told: whoever made the package can have put it there. So is one that is the
        small picture of its original."""
        for document in self._manifest.documents:
            held = None if document.part is None else self._seen.get(document.part)
            is_named = document.sha256 in self._attached.get(document.line, ())
            if document.part is None:
                self._findings.append(Finding("document_missing", "note", document.name))
            elif held is None or held.sha256 != document.sha256 or not is_named:
                self._fault("document_wrong", document.name)
            elif document.sha256 not in self._proven.get(document.line, ()):
                self._findings.append(Finding("document_unproven", "note", document.name))
            if document.part is not None and (document.line, document.sha256) not in self._originals:
                self._findings.append(Finding("small_copy", "note", document.name))
        self._strange_documents(self._manifest.documents)

    def _strange_documents(self, documents: Sequence[DocumentInfo]) -> None:
        named = {document.part for document in documents}
        for name in self._seen:
            if name not in named and name not in _REQUIRED:
                self._fault("other_parts", name)


def _one_line(about: str) -> str:
    """Text of the package as a report has it: it can neither fill a screen nor look like a line of the report."""
    return " ".join(about[:MAX_ABOUT].split())


def _plain(key: str) -> str:
    return "".join(key.split()).lower()


def _rows(text: bytes) -> Iterator[object]:
    """The values of a part with one a line. Raises `ValueError` at one that is not in the one form that they have."""
    for row in io.BytesIO(text):
        value = orjson.loads(row)
        if not _is_canonical(value, row.removesuffix(b"\n")) or not row.endswith(b"\n"):
            raise ValueError("another form")
        yield value


def _is_canonical(value: object, text: bytes) -> bool:
    try:
        return canonical(value) == text
    except TypeError:  # deeper than what is ever written
        return False


def _is_proven(line: dict[str, object], value: object, head: IntakeHead | None) -> bool:
    """Whether the proof shows that the log of the head has this version."""
    if head is None:
        return False
    try:
        proof = VersionProof.model_validate(value)
    except ValidationError:
        return False
    leaf = commitment(bytes.fromhex(proof.nonce), canonical(line))
    path, log = ([bytes.fromhex(part) for part in parts] for parts in (proof.path, proof.log))
    root = root_of_proof(proof.place, leaf, proof.count, path)
    if root is None:
        return False
    entry = IntakeEntry(proof.number, proof.at, proof.count, root)
    return is_included(proof.number, entry.leaf, head.size, log, bytes.fromhex(head.root))
