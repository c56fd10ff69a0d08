"""What is in a package of evidence: the manifest with a hash of every part, the versions with their proofs, the seal.

    manifest.json             what the package is about, who made it when, and all other parts but the seal, each with a
                              link of the chain over them
    description/              ``package.xml`` and ``face.html``: for people, and for an archive
    documents/                the attachments, by number
    metadata/versions.jsonl   every version of every line; ``proofs.jsonl`` has their proofs, row by row
    metadata/log.json         the central's key and the signed head to which the proofs lead
    seal.json                 the central's signature of the manifest

JSON is in one form: sorted keys, no blanks. Who changes a byte of any part changes the manifest's hash of it; who
changes the manifest has no signature for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Literal

import orjson
from pydantic import Field

from sync.protocol import (
    MAX_LINES_IN_SCOPE,
    Code,
    DistrictName,
    Key,
    Name,
    Signature,
    Text,
    Time,
    Uuid,
    WireLine,
    WireMessage,
)
from sync.protocol.intake import SignedHead, Size, VersionProof

EVIDENCE, SEAL = "/v1/evidence", "/v1/evidence/seal"
MAX_ASKED = 100
"""The most lines whose versions are asked for at once."""
MANIFEST_PART, SEAL_PART = "manifest.json", "seal.json"
VERSIONS_PART, PROOFS_PART, LOG_PART = "metadata/versions.jsonl", "metadata/proofs.jsonl", "metadata/log.json"
DESCRIPTION_PART, FACE_PART = "description/package.xml", "description/face.html"
MAX_TEXT_BYTES = 256 << 20
"""The longest part that is read as a whole; attachments are not."""
Subject = Literal["issue", "project"]


class EvidenceRequest(WireMessage):
    """All versions of these lines, with their proofs for a head of this ``size``, or for the present one."""

    lines: list[Uuid] = Field(max_length=MAX_ASKED)
    size: Size | None = None


class AcceptedLine(WireMessage):
    """A version that the central has: when it received it (milliseconds since 1970), why it is not current (None for
    the current one), and the proof that it took it in, where it has one."""

    line: WireLine
    received_at: Time
    reason: Code | None = None
    proof: VersionProof | None = None


class EvidenceAnswer(WireMessage):
    """The versions of those lines that are in the caller's scope; ``signed`` is the present head."""

    signed: SignedHead
    versions: list[AcceptedLine]


class SealRequest(WireMessage):
    """Sign the manifest with this SHA-256, of a package about a line that is in the caller's scope, with so many
    versions and files."""

    manifest: Key
    subject: Subject
    of: Uuid
    versions: int = Field(ge=0, le=MAX_LINES_IN_SCOPE)
    files: Size


class SealText(WireMessage):
    """What the central says of a manifest: that this person showed it, from this device, ``at`` this time
    (milliseconds since 1970)."""

    format: Literal[1] = 1
    district: Code
    manifest: Key
    subject: Subject
    of: Uuid
    person: Uuid
    name: Name
    device: Uuid
    at: Time


class Seal(WireMessage):
    """A `SealText` as JSON, exactly as it was signed, and the signature (Ed25519); empty where no central was asked."""

    text: Annotated[str, Field(max_length=4_096)] = ""
    signature: Signature | None = None


class SealAnswer(Seal):
    """The seal of a manifest, to be put into its package."""


class PartInfo(WireMessage):
    """A part of the package: its name, length and SHA-256, and the ``link`` of the chain: the SHA-256 of the link
    before, the name, the length and the SHA-256."""

    name: str = Field(max_length=200)
    size: int = Field(ge=0, lt=1 << 32)
    sha256: Key
    link: Key


class DocumentInfo(WireMessage):
    """A file of an attachment: the part that has it (None where its bytes are ``missing`` here), the attachment's line,
    the name that it had, and whether it is the small ``copy`` of the original."""

    part: str | None = Field(default=None, max_length=200)
    line: Uuid
    name: Text
    sha256: Key
    copy_of_original: bool = False


class Manifest(WireMessage):
    """What a package is about: a line (``of``) with its ``title``; who made it when (milliseconds since 1970, by the
    district's clock) with which version of the program; how many versions it has; the documents and the parts."""

    format: Literal[1] = 1
    subject: Subject
    of: Uuid
    title: Text
    district: DistrictName
    made_at: Time
    person: Uuid
    name: Name
    device: Uuid
    program: Name
    versions: Size
    documents: list[DocumentInfo] = Field(max_length=50_000)
    parts: list[PartInfo] = Field(max_length=60_000)


class LogPart(WireMessage):
    """The central's public key, the signed head to which the proofs lead, and the heads that the device kept before."""

    key: Key | None = None
    signed: SignedHead | None = None
    kept: list[SignedHead] = Field(default=[], max_length=64)


def canonical(value: object) -> bytes:
    """JSON in the one form that packages have."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def canonical_lines(values: Iterable[object]) -> bytes:
    """Several values, one a line."""
    return b"".join(canonical(value) + b"\n" for value in values)


def next_link(before: str, name: str, size: int, sha256: str) -> str:
    """The link of a part, after the one ``before`` (empty for the first)."""
    return hashlib.sha256(f"{before}\n{name}\n{size}\n{sha256}".encode()).hexdigest()


def seal_message(text: str) -> bytes:
    """What the central signs of a manifest."""
    return b"guanjia evidence\n" + text.encode()
