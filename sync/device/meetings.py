"""What a device asks of its central for meetings with others, and keeps of the answer, in its greeting.

A card, by which others know who this device is and what it may see; how far the central has judged what those wrote
whom it has met; and, once it has given lines itself, how far its own are judged. Next: ``sync/round/meeting.py``.
"""

from __future__ import annotations

from typing import NamedTuple

from store.db.connection import Connection
from store.db.device_facts import DeviceFacts, read_device_facts
from store.queries.outbox import judged_before
from store.queries.provisional import provisional_devices
from store.writer.unsent import GAVE
from sync.device.device import Device
from sync.protocol import MAX_MET, HelloAnswer
from sync.protocol.meeting import CARD_AGE_MS, Card, read_card

CARD, CARD_AT = "card", "card_at"
"""The facts with the card, and when the central has issued it (ms)."""
GAVE_JUDGED = "gave_judged"
"""The fact with the stamp up to which the central knows to be judged what was given in meetings (`GAVE`)."""


class MeetingAsk(NamedTuple):
    """What a greeting asks; as `sync.protocol.HelloRequest` has it."""

    card: bool | None
    judged: int | None
    met: list[str] | None


def what_to_ask(device: Device, connection: Connection, facts: DeviceFacts) -> MeetingAsk:
    """What the next greeting asks, by the facts of the ``connection``'s snapshot."""
    met = provisional_devices(connection)[: MAX_MET - 1]
    age_ms = device.now_ms() + facts.offset_ms - int(facts.get(CARD_AT) or 0)
    card = None if 0 <= age_ms < CARD_AGE_MS else True
    gave, told = int(facts.get(GAVE) or 0), int(facts.get(GAVE_JUDGED) or 0)
    judged = judged_before(connection, gave) if gave > told else 0
    if judged <= told:
        return MeetingAsk(card, None, met or None)
    return MeetingAsk(card, judged, [*met, facts.device])  # its own: the answer confirms what it has said before


def tells_of_meetings(own: str, answer: HelloAnswer) -> bool:
    """Whether the answer has anything for `note_meetings`; most have nothing."""
    return bool(answer.card) or own in answer.judged


def note_meetings(device: Device, own: str, answer: HelloAnswer) -> None:
    """Keep a card that the central has given, and what it has confirmed. To be called in the store's thread."""
    facts, kept = read_device_facts(device.ledger.database.connection()), dict[str, str]()
    central_key = facts.get("central_key") or answer.key
    if answer.card and central_key:
        card = read_card(answer.card, central_key, facts.district, answer.time)
        if card is not None and card.device == facts.device:
            kept |= {CARD: answer.card, CARD_AT: str(card.issued)}
    judged = answer.judged.get(own, 0)
    if judged > int(facts.get(GAVE_JUDGED) or 0):
        kept[GAVE_JUDGED] = str(judged)
    if kept:
        device.ledger.save_facts(**kept)


def own_card(facts: DeviceFacts, now_ms: int) -> Card | None:
    """The card of this device, if it has one that is good and of its present keys; else None."""
    text, central_key = facts.get(CARD), facts.get("central_key")
    card = read_card(text, central_key, facts.district, now_ms) if text and central_key else None
    return card if card is not None and card.device == facts.device else None
