"""Every call of the central, as its own description lists them: nothing is read before the token, each has bounds, and
nothing that a body says makes the central fail."""

from __future__ import annotations

import os
from typing import Any

import pytest

from store.ledger.line import new_id
from sync import protocol
from sync.central.api.wire import COSTLY_BYTES, MAX_REQUEST_BYTES
from sync.protocol.authority import AUTHORITY
from tests.sync.central.api.test_hostile_clients import UNKNOWN, answer_to
from tests.sync.central_fixture import Central, Laptop

WITHOUT_TOKEN = {protocol.JOIN, protocol.INVITATION, protocol.IDENTITY, protocol.RETURN, AUTHORITY}
STRANGE: tuple[Any, ...] = (
    "a\0b", "\u202e\x1b[2J", "字" * 80, "x" * 10_000, -1, 1 << 63, 1 << 70, None, [], ["\0"], {"\0": "\0"},
)  # fmt: skip
"""What no device sends: texts that PostgreSQL does not store, numbers beyond its own, other types."""


def calls(central: Central) -> dict[str, dict[str, Any]]:
    """The fields of the body of every call, by path, as the central describes them."""
    described = Laptop(central.url).client.get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    found = {}
    for path, methods in described["paths"].items():
        if "post" in methods:
            content = methods["post"]["requestBody"]["content"]
            reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")  # bytes as they are: none
            found[path] = schemas.get(reference.rpartition("/")[2], {}).get("properties", {})
    return found


def test_no_call_reads_a_long_body_before_the_token_is_known(at: Central) -> None:
    """Whatever is posted with an unknown token, or without one, is refused while nothing of it has been sent;
    after very many of them without a look at the token."""
    for path in calls(at).keys() - WITHOUT_TOKEN:
        for token in (f"\r\nAuthorization: Bearer {UNKNOWN}", ""):
            answer = answer_to(at, f"POST {path} HTTP/1.1\r\nContent-Length: {COSTLY_BYTES + 1}{token}")
            assert answer.startswith((b"HTTP/1.1 401", b"HTTP/1.1 429")), path


def test_every_call_has_a_bound(at: Central) -> None:
    """A body beyond all bounds is refused by its announced length, with a good token too, before it is read."""
    boss = at.enrol("局长")
    for path in calls(at):
        head = f"POST {path} HTTP/1.1\r\nAuthorization: Bearer {boss.token}\r\nContent-Length: {MAX_REQUEST_BYTES * 9}"
        assert answer_to(at, head).startswith(b"HTTP/1.1 413"), path


@pytest.mark.soak
def test_nothing_that_a_body_says_makes_the_central_fail(central: Central, database_url: str | None) -> None:
    """Each field of each call gets what no device would send: the answer is a refusal or an ordinary answer, never a
    failure of the central, and the bureau's device goes on. Outside the soak every other field goes to SQLite."""
    boss = central.enrol("局长")
    failed = []
    step = 1 if database_url or os.environ.get("TESTS_SOAK") else 2
    for path, fields in calls(central).items():
        for field in sorted(fields)[::step]:
            for value in STRANGE:
                response = boss.post(path, {**usual(fields), field: value})
                if response.status_code >= 500:
                    failed.append((path, field, value))
    assert failed == []
    assert boss.hello()


def usual(fields: dict[str, Any]) -> dict[str, Any]:
    """A body with the fields that calls have in common, so that others are looked at."""
    known: dict[str, Any] = {"name": "没有", "people": [new_id()], "protocol": 1, "time": 0}
    return {name: value for name, value in known.items() if name in fields}
