"""What devices show and give each other when they meet without a network (``sync/round/meeting.py``): a card by which
the central says who a device is and what it may see, and the documents of a bundle of the kind ``meeting``.
"""

from __future__ import annotations

from typing import Literal

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field, ValidationError

from sync.protocol import MAX_CARD_BYTES, Code, DeviceKeys, Key, Name, Signature, Time, Uuid, WireMessage

CARD_LIFE_MS = 30 * 86_400_000
"""How long a card is good: for so long a role that was withdrawn, or a device that was revoked, still counts among
devices that do not reach the central."""
CARD_AGE_MS = 86_400_000
"""A device asks for another card once its own is as old as this."""
MAX_CARD_GRANTS = 400
"""The most roles on a card; who has more gets none."""
MAX_MEETING_LINES = 5_000
"""The most lines that one device gives another at once."""
MAX_MEETING_BYTES = 16 << 20
"""The longest bundle that a device takes from another."""
MAX_DOCUMENTS_BYTES = 2 * MAX_MEETING_BYTES
"""The most that is in one, decompressed: a device gives half of it."""


class CardGrant(WireMessage):
    """A role of the card's person: for one project, one department, or the whole district."""

    role: Code
    project: Uuid | None = None
    department: Uuid | None = None


class Card(WireMessage):
    """What a central says of a device: whose it is (``person``, a person line's id), its public keys, and the roles of
    the person when it was ``issued``; good until it ``expires`` (milliseconds since 1970)."""

    format: Literal[1] = 1
    district: Code
    device: Uuid
    person: Uuid
    name: Name
    keys: DeviceKeys
    grants: list[CardGrant] = Field(max_length=MAX_CARD_GRANTS)
    issued: Time
    expires: Time


class SignedCard(WireMessage):
    """A card as JSON text, exactly as the central has signed it, and the signature (Ed25519)."""

    card: str = Field(max_length=MAX_CARD_BYTES)
    signature: Signature


def card_message(card: str) -> bytes:
    """What the central signs of a card."""
    return b"guanjia card\n" + card.encode()


def read_card(text: str | bytes, central_key: Key, district: str, now_ms: int) -> Card | None:
    """The card in a text, if the central of this ``district`` with this public key has signed it and it is still good;
    else None."""
    try:
        signed = SignedCard.model_validate_json(text)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(central_key)).verify(
            bytes.fromhex(signed.signature), card_message(signed.card)
        )
        card = Card.model_validate_json(signed.card)
    except (InvalidSignature, ValidationError, ValueError):
        return None
    return card if card.district == district and card.expires >= now_ms else None


def write_card(card: Card, signature: str) -> str:
    """The text of a card, with its signature over `card_text`."""
    return SignedCard(card=card_text(card), signature=signature).model_dump_json()


def card_text(card: Card) -> str:
    """A card as JSON, in the one form that is signed."""
    return orjson.dumps(card.model_dump(), option=orjson.OPT_SORT_KEYS).decode()
