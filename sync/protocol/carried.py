"""What is in a bundle: the documents of protocol 2, and what a file needs beside them. Next: ``sync/steps/carried.py``
(the device), ``sync/central/bundles.py`` (the central).

Attached files travel in bundles of their own beside it, so that no text waits for them and half a stick has all text.

A message is an opening and then one document or more; the lines of all are one sequence. An answer is an opening, then
for each document its answer, pages until there is no more, and the buckets that were granted, whole.
"""

from __future__ import annotations

from typing import Annotated, Literal

import orjson
from pydantic import Field

from sync.protocol import (
    MAX_FETCH_BUCKETS,
    MAX_SCOPE_CHANGES,
    PAGE_LINES,
    Bucket,
    Code,
    JoinAnswer,
    JoinRequest,
    Key,
    Signature,
    Stamp,
    Text,
    Time,
    Uuid,
    WireMessage,
)
from sync.protocol.authority import MAX_CERTIFICATE_LENGTH
from sync.protocol.blobs import BlobName, BlobState, Bytes

BUNDLE = "/v2/bundle"
"""The call by which a device hands in another's bundle."""
MAX_CARRIED_BYTES = 4 << 20
"""The longest bundle that a colleague's round hands in, and about the longest answer that it gets."""

MAX_CARRIED_FILES = 1_000
"""The most attached files that one bundle carries in either direction."""
CARRIED_PARTS = 4
"""So many parts are in one document: whatever they say, it has no more values than a document may have."""

Digest = Annotated[int, Field(ge=0, lt=1 << 64)]
SentVersion = tuple[Stamp, Digest]
"""A version that a message carries: its stamp and digest. The answer repeats them, so that the device knows which
versions the outcomes are about, whatever it has written since."""


class MessageOpening(WireMessage):
    """Whose message it is, and which buckets the device still has to fetch whole."""

    device: Uuid
    buckets: list[Bucket] = Field(default=[], max_length=MAX_SCOPE_CHANGES)


class CarriedRefusal(WireMessage):
    """Why the central takes nothing of a device in: as the same message over a network would be refused."""

    status: int = Field(ge=400, le=599)
    code: Code
    detail: Text = ""
    extra: dict[str, str | int | bool | None] = Field(default={})


class AnswerOpening(WireMessage):
    """When the central answered, and its ``refusal``, if it refuses the device."""

    time: Time
    refusal: CarriedRefusal | None = None


class SentVersions(WireMessage):
    """The versions of a document's lines, in order."""

    sent: list[SentVersion] = Field(default=[], max_length=PAGE_LINES)


class FetchedBuckets(WireMessage):
    """The buckets that a page of whole buckets is about."""

    buckets: list[Bucket] = Field(max_length=MAX_FETCH_BUCKETS)


class CarriedJoin(WireMessage):
    """A join, as a file: its device has keys."""

    request: JoinRequest


class CarriedJoinAnswer(WireMessage):
    """The answer to a join, or why there is none; with it the certificate (PEM) of the central's own authority, to be
    trusted once there is a network."""

    time: Time
    answer: JoinAnswer | None = None
    refusal: CarriedRefusal | None = None
    authority: str | None = Field(default=None, max_length=MAX_CERTIFICATE_LENGTH)


class WantedBlob(BlobName):
    """Bytes that a device asks for, from ``offset`` on."""

    offset: Bytes


class FilesOpening(WireMessage):
    """Whose attached files follow, each document a head (`BlobSendHead`), a line feed and parts; and what the device
    ``wanted`` of others."""

    device: Uuid
    wanted: list[WantedBlob] = Field(default=[], max_length=MAX_CARRIED_FILES)


class CarriedBlobState(BlobName):
    """What the central has of bytes that came, and why it refused them, if it did."""

    state: BlobState
    refused: Code | None = None


class FiledOpening(WireMessage):
    """When the central took the files in, in which epoch, and what it has of each; or its ``refusal``. What the device
    wanted follows, as far as there was room, in documents of the same form."""

    time: Time
    epoch: str = Field(default="", max_length=100)
    states: list[CarriedBlobState] = Field(default=[], max_length=MAX_CARRIED_FILES)
    refusal: CarriedRefusal | None = None


class InvitationFile(WireMessage):
    """An invitation as a file: where the central is (empty where no network leads to it), its keys, the code and for
    whom it is; ``signature`` by the central over all else. Whoever has it can join: it is kept as a code is."""

    format: Literal[1] = 1
    district: Code
    district_name: Text
    address: str = Field(default="", max_length=2_048)
    name: Text = ""
    central: Code
    key: Key
    agree: Key
    code: str = Field(max_length=64)
    expires: Time
    signature: Signature


def invitation_message(invitation: InvitationFile) -> bytes:
    """What the central signs of an invitation: all of it but the signature."""
    fields = invitation.model_dump(exclude={"signature"})
    return b"guanjia invitation\n" + orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


class HandedInRequest(WireMessage):
    """Another's bundle, as a colleague's device hands it in: base64."""

    bundle: str = Field(max_length=MAX_CARRIED_BYTES * 4 // 3 + 4)


class HandedInAnswer(WireMessage):
    """The answer to it, a bundle for its writer, base64; or the code of why it is ``refused``."""

    bundle: str | None = None
    refused: Code | None = None
