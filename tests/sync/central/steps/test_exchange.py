"""exchange: hello, push and pull in one answer, by the same rules; who has to correct itself first is told so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from store.ledger.buckets import SetChecksum
from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line, canonical_json
from sync.central.admin import admin
from sync.protocol.documents import CIPHER, DIGEST, EXCHANGE, FORMAT, SPOKEN
from tests.sync.central.ledger import ids, outcome_codes, project, visit
from tests.sync.central_fixture import Central, Laptop

HOUR_MS = 3_600_000


def message(laptop: Laptop, lines: Sequence[Line] = (), *, asked: dict[str, Any] | None = None) -> dict[str, Any]:
    """A first message of a round, of a device whose clock is right; ``asked`` replaces fields of its greeting."""
    hello = laptop.greeting() | {"time": system_clock_ms(), "offset_ms": 0} | (asked or {})
    sent = {"hello": hello, "lines": [orjson.loads(canonical_json(line)) for line in lines]}
    return sent | ({"cursor": laptop.cursor} if laptop.cursor else {})


def test_a_message_gets_outcomes_and_what_others_wrote_and_the_checksum(central: Central) -> None:
    """The answer has an outcome for each line, what another device wrote, nothing that the message brought, and the
    checksum of the whole scope at its cursor. The same message again gets the same and changes nothing."""
    laptop, other = central.enrol("局长"), central.enrol("副局长")
    own = project(laptop)
    laptop.push([own])
    laptop.pull_all()
    theirs, ours = visit(other, own.id), visit(laptop, own.id)
    other.push([theirs])
    sent = message(laptop, [ours])
    answer = laptop.ask(EXCHANGE, sent)
    assert outcome_codes(answer["push"]["outcomes"]) == ["applied"]
    assert ids([answer["pull"]][0]) == [theirs.id] and not answer["pull"]["more"]
    told = admin.stats(central.data_dir)
    again = laptop.ask(EXCHANGE, sent)
    assert (again["push"]["outcomes"], again["checksum"]) == (answer["push"]["outcomes"], answer["checksum"])
    assert again["pull"]["lines"] == answer["pull"]["lines"]
    assert admin.stats(central.data_dir) == told
    laptop.cursor = answer["pull"]["cursor"]
    quiet = laptop.ask(EXCHANGE, message(laptop, asked={"agreed": answer["checksum"]}))
    assert quiet["hello"]["equal"] and not quiet["hello"]["news"] and "pull" not in quiet
    assert answer["checksum"][0] == SetChecksum(*answer["checksum"]).lines == quiet["hello"]["lines"]


@pytest.mark.parametrize(
    "unknowing",
    [{"time": system_clock_ms() - HOUR_MS}, {"offset_ms": None}, {"offset_ms": HOUR_MS}, {"epoch": "7-x"}],
    ids=["clock jumped", "clock never measured", "offset is wrong", "another epoch"],
)
def test_a_device_that_has_to_correct_itself_gets_no_outcomes_before(at: Central, unknowing: dict[str, Any]) -> None:
    """Lines stamped by a clock that is not the central's, and lines of a device that has to heal the central first, are
    not taken in with the greeting; without it, once the device has corrected itself, they are."""
    laptop = at.enrol("局长")
    own = project(laptop)
    sent = message(laptop, [own], asked=unknowing)
    if "time" in unknowing:
        sent["hello"]["time"] = system_clock_ms() - HOUR_MS
    answer = laptop.ask(EXCHANGE, sent)
    assert "push" not in answer and answer["account"]["speaks"] == SPOKEN
    assert ("pull" in answer) == ("epoch" not in unknowing)
    del sent["hello"]
    assert outcome_codes(laptop.ask(EXCHANGE, sent)["push"]["outcomes"]) == ["applied"]


def test_what_seldom_changes_is_told_once(at: Central) -> None:
    """A device that names the mark of what it knows of its account is not told again, until that changes."""
    laptop = at.enrol("局长")
    told = laptop.ask(EXCHANGE, message(laptop))["account"]
    assert (told["key"], told["devices"][0]["id"]) == (laptop.hello()["key"], laptop.device)
    assert "account" not in laptop.ask(EXCHANGE, message(laptop) | {"account": told["mark"]})
    assert "account" in laptop.ask(EXCHANGE, message(laptop) | {"account": "another"})


@pytest.mark.parametrize("other", [{"format": 3}, {"digest": "sm3"}, {"cipher": "sm4"}])
def test_a_document_of_an_unknown_form_is_refused_whole(at: Central, other: dict[str, Any]) -> None:
    """Message and answer name their format, digest and cipher; of one that is not known nothing is read."""
    laptop = at.enrol("局长")
    own = project(laptop)
    refused = laptop.post(EXCHANGE, message(laptop, [own]) | other)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_format")
    answer = laptop.ask(EXCHANGE, message(laptop))
    assert (answer["format"], answer["digest"], answer["cipher"]) == (FORMAT, DIGEST, CIPHER)
    assert own.id not in str(answer)


def test_a_bad_line_holds_nothing_up_in_a_message(at: Central) -> None:
    """What strict JSON does not carry is one line's own matter here too; a head that is none is a bad request."""
    laptop = at.enrol("局长")
    own = canonical_json(project(laptop))
    head = orjson.dumps(message(laptop)["hello"])
    answer = laptop.ask(EXCHANGE, b'{"hello":' + head + b',"lines":[{"id":"x","stamp":NaN},' + own + b"]}")
    assert outcome_codes(answer["push"]["outcomes"]) == ["bad_line", "applied"]
    assert laptop.post(EXCHANGE, b'{"hello":{"time":NaN},"lines":[' + own + b"]}").status_code == 422
