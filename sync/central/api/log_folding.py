"""The log of a serving process: what repeats is written once a minute, with how often it came.

A client that does the same wrong thing a thousand times a second, or a database that is away, must not fill the disk.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

FOLD_S = 60.0
"""Records that are alike are written once in so many seconds."""
MAX_KINDS = 500
"""So many kinds of records are remembered; beyond that all are forgotten."""


@dataclass(slots=True)
class RepeatCount:
    """The last of the records of one kind, when the first of this minute was written, and how many were not."""

    record: logging.LogRecord
    written_at: float
    left_out: int = 0


class FoldingHandler(logging.StreamHandler[TextIO]):
    """Writes to a stream, standard error by default. Records are alike that have the same logger, level and message
    text before its values are filled in and, with a traceback, an error raised at the same place."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._kinds: dict[tuple[object, ...], RepeatCount] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record unless one like it was written within the last minute."""
        now = self._clock()
        self._write_counts(now - FOLD_S)
        known = self._kinds.get(_kind_of(record))
        if known is not None:
            known.record, known.left_out = record, known.left_out + 1
            return
        if len(self._kinds) >= MAX_KINDS:
            self._write_counts(now)
        self._kinds[_kind_of(record)] = RepeatCount(record, now)
        super().emit(record)

    def close(self) -> None:
        """Write the counts that are left, and close."""
        self._write_counts(self._clock())
        super().close()

    def _write_counts(self, until: float) -> None:
        """Write what was left out of the kinds that began until then, and forget those kinds."""
        for kind in [kind for kind, count in self._kinds.items() if count.written_at <= until]:
            count = self._kinds.pop(kind)
            if count.left_out:
                text = f"{count.record.getMessage()} (repeated {count.left_out} times)"
                folded = logging.makeLogRecord({**count.record.__dict__, "msg": text, "args": (), "exc_info": None})
                folded.exc_text = None
                super().emit(folded)


def _kind_of(record: logging.LogRecord) -> tuple[object, ...]:
    place: object = None
    if record.exc_info and record.exc_info[2]:
        trace = record.exc_info[2]
        while trace.tb_next is not None:
            trace = trace.tb_next
        place = (record.exc_info[0], trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    return record.name, record.levelno, record.msg, place
