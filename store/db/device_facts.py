"""Device facts: what the device knows of itself that must commit together with lines. Table ``meta`` of the ledger.

Identity (district, person, device), the last stamp, the clock offset, the cursor, the central, roles, the last round.
Values are text in the table; `DeviceFacts` gives and takes them typed. State that need not commit with lines is in a
file of its own (``store/home/device_state.py``). May import ``store/db/connection`` and the bounds of time only:
``guanjia find`` loads this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from store.db.connection import Connection
from store.values.plausible_time import LATEST_MS, is_plausible

FIRST_READ = "first_read"
"""Key of the fact that says how far a first read is: lines that have come, lines in all, and the numbers of the index
that are kept for the rest (``store/writer/first_read.py``); empty when it is done."""


class FirstReadProgress(NamedTuple):
    """How many lines of a first read have ``come``, of how many in all."""

    come: int
    total: int

    @property
    def percent(self) -> int:
        """The same in per cent: 100 only when it is done."""
        return min(99, 100 * self.come // max(1, self.total))


def first_read_progress(text: str | None) -> FirstReadProgress | None:
    """The progress in the fact `FIRST_READ`; None where no first read goes on."""
    if not text:
        return None
    come, total, *_block = text.split(" ")
    return FirstReadProgress(int(come), int(total))


class DeviceFacts(dict[str, str]):
    """The facts by key, as text, and those that the program computes with as typed properties.

    Other keys: chain and chain_next (``sync/steps/push.py``), renew and place (a copied store), verified_at and
    reached (moments), last_round and roles (JSON), waiting (how many lines wait for the bureau's decision),
    key_copied, device_name, judged_by (``store/writer/adoption.py``), counted_by (``store/writer/issue_states.py``),
    page_limits (``sync/transport/page_limits.py``), rewording and rewording_done (``store/writer/reindex.py``), heard
    (the central's own time when it last answered), bundle_seed (what the device's keys for files follow from),
    keys_told, central_agree, central_authority (PEM of the central's own authority) and told_address
    (its address with its pin, for whom this person invites), carried and heard_before (messages
    that left as files, and which of them before the central was last heard: ``sync/steps/carried.py``), carried_until
    and gave (``store/writer/unsent.py``), card, card_at and gave_judged (``sync/device/meetings.py``)."""

    @property
    def district(self) -> str:
        """The district's code."""
        return self.get("district", "")

    @property
    def district_name(self) -> str:
        """The district's name."""
        return self.get("district_name", "")

    @property
    def person(self) -> str:
        """The id of the person whose home this is."""
        return self.get("person", "")

    @property
    def person_name(self) -> str:
        """The name of that person."""
        return self.get("person_name", "")

    @property
    def device(self) -> str:
        """The device's id."""
        return self.get("device", "")

    @property
    def central(self) -> str | None:
        """The address of the central that was joined."""
        return self.get("central")

    @property
    def stamp(self) -> int:
        """The last stamp that this device has given or seen; 0 before the first, and where it is none of a possible
        time: an absurd one, once kept, would keep this home from ever writing again."""
        stamp = int(self.get("stamp", "0"))
        return stamp if 0 <= stamp >> 16 < LATEST_MS else 0

    @stamp.setter
    def stamp(self, stamp: int) -> None:
        """Set the last stamp."""
        self["stamp"] = str(stamp)

    @property
    def offset_ms(self) -> int:
        """The measured clock offset, central minus device, in milliseconds; 0 where it is longer than time."""
        offset_ms = int(self.get("offset_ms", "0"))
        return offset_ms if abs(offset_ms) < LATEST_MS else 0

    @offset_ms.setter
    def offset_ms(self, offset_ms: int) -> None:
        """Set the measured clock offset."""
        self["offset_ms"] = str(offset_ms)

    @property
    def last_contact(self) -> tuple[int, int]:
        """When a round last reached the central: the last stamp given until then, and the central's time in
        milliseconds; zeros for an impossible one."""
        stamp, _, now_ms = self.get("spoken", "0 0").partition(" ")
        return (int(stamp), int(now_ms)) if int(stamp) >> 16 < LATEST_MS and int(now_ms) < LATEST_MS else (0, 0)

    @last_contact.setter
    def last_contact(self, stamp_and_ms: tuple[int, int]) -> None:
        """Note a contact with the central."""
        self["spoken"] = "{} {}".format(*stamp_and_ms)

    @property
    def key_copied_at(self) -> str | None:
        """When the ledger's key was last written to a file of its own; None where it never was."""
        return self.get("key_copied")

    @property
    def differing_buckets(self) -> list[str]:
        """The buckets that the latest comparison found to differ."""
        return [str(bucket) for bucket in json.loads(self.get("differ") or "[]")]


def corrected_ms(wall_ms: int, offset_ms: int) -> int:
    """This machine's clock corrected by the offset, where that gives a possible time; in ms since 1970."""
    return wall_ms + offset_ms if is_plausible(wall_ms + offset_ms) else wall_ms


def read_device_facts(connection: Connection) -> DeviceFacts:
    """All facts."""
    return DeviceFacts(connection.execute("SELECT key, value FROM meta"))


def write_device_facts(connection: Connection, facts: Mapping[str, str], stored: Mapping[str, str]) -> None:
    """Write the facts that differ from those that are ``stored``."""
    changed = [(key, value) for key, value in facts.items() if stored.get(key) != value]
    connection.executemany(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", changed
    )
