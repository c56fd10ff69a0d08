"""The sync status of this home: whose it is, what is unsent, when it was last found equal with its central."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.db.device_facts import FirstReadProgress
    from store.domain.permissions import Verb


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """Person, district, outbox counts, and how the latest round went. Times are ms since 1970. ``offline_since`` is
    the last time the central answered, when the latest round did not reach it; ``failure_code`` the code of any other
    reason why that round failed; ``in_agreement``: it found both sides equal, and nothing waits or was refused since;
    ``roles`` those that this person holds, as far as is known; ``daemon``: one runs on this home;
    ``lock_minutes``: after so many idle ones the screens ask for a PIN, where one is set; ``coming``: how far the first
    read is, None where it is done; ``told_address``: the central's address as others are told it."""

    person: str
    district: str
    central: str | None = None
    unsent: int = 0
    rejected: int = 0
    verified_at: int | None = None
    offline_since: int | None = None
    failure_code: str | None = None
    offset_ms: int = 0
    in_agreement: bool = False
    roles: tuple[str, ...] = ()
    daemon: bool = False
    lock_minutes: int = 0
    coming: FirstReadProgress | None = None
    told_address: str | None = None

    def may_write(self, kind: str, verb: Verb) -> bool:
        """Whether this person may write such a line somewhere; a device that works alone or knows of no role offers
        everything. A hint: the central decides."""
        from store.domain.permissions import OWN_KINDS, may_write  # noqa: PLC0415 - loaded already: a status is read from the open store

        return kind in OWN_KINDS or self.central is None or not self.roles or may_write(self.roles, kind, verb=verb)
