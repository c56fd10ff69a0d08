"""What repeats in the log is written once a minute, with how often it came."""

from __future__ import annotations

import io
import logging

from sync.central.api.log_folding import FOLD_S, MAX_KINDS, FoldingHandler


class Log:
    """A logger over a folding handler with a clock that is set."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.stream = io.StringIO()
        self.handler = FoldingHandler(self.stream, lambda: self.now)
        self.logger = logging.Logger("guanjia.test")
        self.logger.addHandler(self.handler)

    @property
    def lines(self) -> list[str]:
        """What was written."""
        return self.stream.getvalue().splitlines()


def test_a_flood_is_one_line_a_minute_with_its_count() -> None:
    """A thousand warnings that differ in their values only are one line, and their number a minute later."""
    log = Log()
    for n in range(1_000):
        log.logger.warning("%s: too slow", n)
    assert log.lines == ["0: too slow"]
    log.now += FOLD_S
    log.logger.warning("%s: too slow", "x")
    assert log.lines[1:] == ["999: too slow (repeated 999 times)", "x: too slow"]


def test_other_records_are_written_at_once_and_bring_the_counts() -> None:
    """A flood hides nothing else; its count comes with the next record of any kind, or at the end."""
    log = Log()
    for _ in range(3):
        log.logger.warning("flood")
    log.logger.error("flood")
    log.logger.warning("something else")
    log.now += FOLD_S
    log.logger.warning("later")
    log.logger.warning("later")
    log.handler.close()
    expected = ["flood", "flood", "something else", "flood (repeated 2 times)", "later", "later (repeated 1 times)"]
    assert log.lines == expected


def test_errors_of_different_places_are_different() -> None:
    """Two mistakes under one message are both written with their tracebacks; the same one again is counted."""
    log = Log()
    for n in range(4):
        try:
            raise ValueError(n) if n % 2 else KeyError(n)
        except (ValueError, KeyError):
            log.logger.exception("failed")
    assert sum(line == "Traceback (most recent call last):" for line in log.lines) == 2


def test_what_is_remembered_is_bounded() -> None:
    """Messages that are all different fill no memory, and all are written."""
    log = Log()
    for n in range(3 * MAX_KINDS):
        log.logger.warning(f"message {n}")
    assert len(log.lines) == 3 * MAX_KINDS
    assert len(log.handler._kinds) <= MAX_KINDS
