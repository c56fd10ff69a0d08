"""Reminder device: on which of their devices a person is reminded."""

from __future__ import annotations

from typing import ClassVar

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine, Moment


class ReminderDevice(LedgerLine, table=True):
    """The person ``person_id`` is reminded on the device that wrote the latest version of this line: the one at which
    they worked, since ``at``. The line's id follows from the person (``store/commands/reminders.py``)."""

    __tablename__ = "reminder_device"
    area: ClassVar[Area] = Area.DISTRICT

    person_id: Id
    at: Moment
