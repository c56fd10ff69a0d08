"""Attendance: one person at one training (R44, R45)."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Index

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine


class Attendance(LedgerLine, table=True):
    """A line for each person, so that two clerks who record attendance never overwrite each other."""

    __tablename__ = "attendance"
    __table_args__ = (Index("attendance_training", "training_id"), Index("attendance_person", "person_id"))
    area: ClassVar[Area] = Area.DISTRICT

    training_id: Id
    person_id: Id
