"""The daemon's log: one JSON object a line on stderr, for people, journals and scripts."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import orjson

from store.values.text import escape_json

LOG = logging.getLogger("guanjia.sync")


class JsonFormatter(logging.Formatter):
    """Formats a record as ``{"at", "level", "event", …facts}``."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "event": record.getMessage()}
        line.update(getattr(record, "facts", {}))
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return escape_json(orjson.dumps(line, default=str).decode())


def log_event(event: str, level: int = logging.INFO, **facts: object) -> None:
    """Log one event with its facts. Never a line's content, a token or a key."""
    LOG.log(level, event, extra={"facts": facts})


def configure_json_logging(level: str) -> None:
    """Log to stderr as JSON lines; from libraries warnings and errors only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    LOG.setLevel(level.upper())
