"""The daemon's log: one JSON object a line, whatever happens."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import orjson
import pytest

from store.values.json_lines import JsonFormatter
from sync.daemon.json_log import LOG, configure_json_logging, log_event


@pytest.fixture
def root_restored() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level, own = list(root.handlers), root.level, LOG.level
    yield
    root.handlers, root.level = handlers, level
    LOG.setLevel(own)


def test_every_record_is_one_json_object(root_restored: None) -> None:
    """Events with facts, a library's message with a newline and a traceback all come as one line of JSON each."""
    del root_restored
    configure_json_logging("info")
    stream = io.StringIO()
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    assert isinstance(handler.formatter, JsonFormatter)
    handler.setStream(stream)
    log_event("round", pushed=3, what="走访\n第二行")
    log_event("called", logging.DEBUG, by="commit")
    logging.getLogger("httpx").info("HTTP Request: POST https://central.example/v1/hello")
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        logging.getLogger("library").exception("it failed %s", "badly")
    lines = [orjson.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["round", "it failed badly"]
    assert (lines[0]["pushed"], lines[0]["what"], lines[0]["level"]) == (3, "走访\n第二行", "info")
    assert "ValueError" in lines[1]["trace"]
