"""Cards: what the central says of a device to others that meet it without a network, and how far it has judged what
each device wrote (``sync/protocol/meeting.py``)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, exists, select

from store.ledger.hlc import MAX_HLC
from sync.central.accounts import identity
from sync.central.accounts.authentication import Caller, keys_of_device
from sync.central.db.database import is_one_of
from sync.central.db.tables import DEVICE, JUDGED
from sync.protocol.meeting import CARD_LIFE_MS, MAX_CARD_GRANTS, Card, CardGrant, card_message, card_text, write_card


def make_card(connection: Connection, caller: Caller, now_ms: int) -> str | None:
    """A card for the caller's device; None where it has told no keys yet, or has more roles than a card holds."""
    keys = keys_of_device(connection, caller.district, caller.device)
    if keys is None or len(caller.grants) > MAX_CARD_GRANTS:
        return None
    card = Card(
        district=caller.district,
        device=caller.device,
        person=caller.person,
        name=caller.name,
        keys=keys,
        grants=[CardGrant(**grant._asdict()) for grant in caller.grants],
        issued=now_ms,
        expires=now_ms + CARD_LIFE_MS,
    )
    return write_card(card, identity.sign(caller.secret, card_message(card_text(card))))


def judged_until(connection: Connection, district: str, devices: Collection[str]) -> dict[str, int]:
    """Up to which stamp all is judged that these devices wrote, as far as they have said; of a device that was revoked,
    and that none took the place of, nothing more is accepted, and it says nothing any more."""
    chosen = (JUDGED.c.district == district, is_one_of(connection, JUDGED.c.device, sorted(devices)))
    rows = connection.execute(select(JUDGED.c.device, JUDGED.c.until).where(*chosen))
    told = {device: until for device, until in rows}
    successor = DEVICE.alias()
    revoked = select(DEVICE.c.id).where(
        DEVICE.c.district == district,
        is_one_of(connection, DEVICE.c.id, sorted(devices)),
        DEVICE.c.revoked_at.is_not(None),
        ~exists().where(successor.c.district == district, successor.c.parent == DEVICE.c.id),
    )
    return told | dict.fromkeys(connection.execute(revoked).scalars(), MAX_HLC)
