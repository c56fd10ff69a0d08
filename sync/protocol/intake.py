"""The log of what a central took in: every version that it accepted, in the order of its commits, as a Merkle tree.

Each write that accepts versions adds one entry (`entry_bytes`): the time and the root over the versions. The central
signs the head of the log (`IntakeHead`), devices keep it, and each round shows that the new head begins with the one
that they keep: a central that changed what it had taken in cannot show that. One that was restored from a backup says
so in its head (`Era`). A version's commitment (`commitment`) has a secret number beside the text, so that a proof about
one version tells nothing of the versions beside it.

The central's side: ``sync/central/db/intake_log.py`` and ``sync/central/reads/intake.py``; the device's:
``sync/steps/intake.py``; a package of evidence: ``sync/protocol/evidence``.
"""

from __future__ import annotations

import contextlib
import re
from typing import Annotated, Literal, NamedTuple

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field, ValidationError

from sync.protocol import Code, Key, Signature, Time, WireMessage
from sync.protocol.merkle import begins_with, leaf_hash

INTAKE = "/v1/intake"
MAX_ERAS = 40
"""The most epochs that a head names, the latest ones."""
MAX_HEAD_BYTES = 16_384
MAX_PROOF = 80
"""More steps than the proof of any log has."""
NONCE_BYTES = 16
_POSITION = re.compile(r"([A-Za-z0-9_-]{1,64}):([0-9]{1,14})(?::|\Z)")
"""The epoch is a `Code`."""

Size = Annotated[int, Field(ge=0, lt=1 << 48)]
"""A number of entries."""
Proof = Annotated[list[Key], Field(max_length=MAX_PROOF)]


class Era(WireMessage):
    """An epoch of the central (``sync/central/epochs.py``): its ``id``, how many entries the log had when it began
    (``size``), when that was (``at``, milliseconds since 1970), and its ``cause``. The entries before that are those of
    the epoch before."""

    id: Code
    size: Size
    at: Time
    cause: Code


class IntakeHead(WireMessage):
    """The state of a district's log after ``size`` entries, the last one added ``at`` (milliseconds since 1970; 0
    without entries), with the root over all of them and the epochs so far, the present one last."""

    format: Literal[1] = 1
    district: Code
    size: Size
    root: Key
    at: Time
    eras: list[Era] = Field(min_length=1, max_length=MAX_ERAS)

    @property
    def epoch(self) -> str:
        """The present epoch."""
        return self.eras[-1].id


class SignedHead(WireMessage):
    """A head as JSON text, exactly as the central has signed it, and the signature (Ed25519)."""

    head: str = Field(max_length=MAX_HEAD_BYTES)
    signature: Signature


class IntakeNews(WireMessage):
    """A head that the device does not know yet, and the proof that its log begins with the ``since`` entries that the
    device knows; without a proof where that number is not of this log."""

    signed: SignedHead
    since: Size = 0
    proof: Proof = Field(default=[])


class IntakeRequest(WireMessage):
    """Ask for the present head, with the proof that the log begins with its first ``since`` entries."""

    since: Size = 0


class IntakeAnswer(IntakeNews):
    """The present head, with the proof where the log has as many entries."""


class Position(NamedTuple):
    """How far a device knows the log: the epoch, the number of entries and the root over them."""

    epoch: str
    size: int
    root: str

    def to_text(self) -> str:
        """As a message says it: of the root the first digits, which tell another log of the same size."""
        return f"{self.epoch}:{self.size}:{self.root[:16]}"


def parse_position(text: str) -> tuple[str, int] | None:
    """Epoch and size of the position in a message; None for anything else."""
    found = _POSITION.match(text)
    return (found[1], int(found[2])) if found else None


def head_text(head: IntakeHead) -> str:
    """A head as JSON, in the one form that is signed."""
    return orjson.dumps(head.model_dump(), option=orjson.OPT_SORT_KEYS).decode()


def head_message(text: str) -> bytes:
    """What the central signs of a head."""
    return b"guanjia intake head\n" + text.encode()


def is_signed(message: bytes, signature: str, central_key: str) -> bool:
    """Whether the signature of a message is by this public key."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(central_key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_head(signed: SignedHead, central_key: str, district: str) -> IntakeHead | None:
    """The head in a signed text, if the central of this ``district`` with this public key has signed it; else None."""
    if is_signed(head_message(signed.head), signed.signature, central_key):
        with contextlib.suppress(ValidationError):
            head = IntakeHead.model_validate_json(signed.head)
            return head if head.district == district else None
    return None


def common_size(known: IntakeHead, head: IntakeHead) -> int | None:
    """How many entries the log of ``head`` has in common with the one of which ``known`` is a head, if all is right;
    None where the epoch of ``known`` is none of its epochs any more."""
    later = [era.size for era in head.eras]
    ids = [era.id for era in head.eras]
    if known.epoch not in ids:
        return None
    return min([known.size, *later[ids.index(known.epoch) + 1 :]])


def is_extension(known: IntakeHead, head: IntakeHead, since: int, proof: list[str]) -> bool:
    """Whether the proof shows that the log of ``head`` begins with that of ``known``, all ``since`` entries of it."""
    if since != known.size:
        return False
    hashes = [bytes.fromhex(part) for part in proof]
    return begins_with(known.size, bytes.fromhex(known.root), head.size, bytes.fromhex(head.root), hashes)


# Entries and versions


class IntakeEntry(NamedTuple):
    """One entry: its number, when the central took it in (milliseconds since 1970), how many ``versions`` it has
    and the root over their commitments."""

    number: int
    at: int
    versions: int
    root: bytes

    @property
    def leaf(self) -> bytes:
        """The hash of the entry in the log."""
        parts = (self.number, self.at & (1 << 64) - 1, self.versions)
        return leaf_hash(b"guanjia intake\n" + b"".join(part.to_bytes(8, "big") for part in parts) + self.root)


def commitment(nonce: bytes, wire: bytes) -> bytes:
    """The hash of a version in its entry: of the secret number and the canonical text."""
    return leaf_hash(nonce + wire)


class VersionProof(WireMessage):
    """That the central took in a version: the ``nonce`` of its commitment, its ``place`` among the ``count`` of its
    entry with the proof (``path``), the entry's ``number`` and time ``at``, and the proof that the entry is in the log
    of a head (``log``)."""

    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    place: Size
    count: Size
    path: Proof
    number: Size
    at: Time
    log: Proof
