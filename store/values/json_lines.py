"""Log records as JSON, one object a line: the daemon's log, and the central's where its settings say so."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import orjson

from store.values.text import escape_json


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
