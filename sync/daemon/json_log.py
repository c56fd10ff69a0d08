"""The daemon's log: one JSON object a line on stderr, for people, journals and scripts."""

from __future__ import annotations

import logging
import sys

from store.values.json_lines import JsonFormatter

LOG = logging.getLogger("guanjia.sync")


def log_event(event: str, level: int = logging.INFO, **facts: object) -> None:
    """Log one event with its facts. Never a line's content, a token or a key."""
    LOG.log(level, event, extra={"facts": facts})


def configure_json_logging(level: str) -> None:
    """Log to stderr as JSON lines; from libraries warnings and errors only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    LOG.setLevel(level.upper())
