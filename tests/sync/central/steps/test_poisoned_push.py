"""A hostile or broken client: wrong values of every kind are rejected line by line, and never stop the others."""

from __future__ import annotations

import json
from collections.abc import Iterator

from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line, new_id
from sync.central.writes.validation import InvalidLine, validate_line
from sync.protocol.documents import EXCHANGE
from tests.store.ledger.poisons import NO_DAYS, POISONS, poisoned_bodies
from tests.sync.central.ledger import project
from tests.sync.central_fixture import Central, Laptop


def decoded(line: Line) -> dict[str, object]:
    """A line as decoded JSON."""
    return dict(line._asdict())


def one_of_each(laptop: Laptop, own: Line) -> Iterator[Line]:
    """A poisoned line for every field of every kind, with poisons in turn."""
    seen: dict[tuple[str, str], int] = {}
    for kind, field, body in poisoned_bodies():
        nth = seen[kind, field] = seen.get((kind, field), -1) + 1
        if nth == len(seen) % (len(POISONS) - 3):
            yield laptop.line(kind, body, own.id)


def test_no_poisoned_line_is_valid() -> None:
    """Every wrong value in every field of every kind is rejected, with the field or the reason."""
    envelope = {"project": new_id(), "stamp": 1, "device": new_id(), "author": new_id(), "deleted": False, "base": 0}
    for kind, field, body in poisoned_bodies():
        judged = validate_line({**envelope, "id": new_id(), "kind": kind, "body": body}, system_clock_ms())
        assert isinstance(judged, InvalidLine), (kind, field, body[field])
        assert judged.code in ("bad_line", "unclean", "too_large") and judged.reason


def test_poisoned_lines_never_hold_up_the_good_ones(central: Central) -> None:
    """A batch full of numbers beyond 64 bits, half characters, NaN and endless nesting: each of these lines is rejected
    under its own id, and the good line among them is applied."""
    laptop = central.enrol("局长", "bureau")
    good = project(laptop)
    bad = [decoded(line) for line in one_of_each(laptop, good)]
    endless = f'{{"id":"{new_id()}","kind":"visit","body":{"[" * 3_000}{"]" * 3_000}}}'
    body = f'{{"lines":[{", ".join(map(json.dumps, bad))},{endless},7,{json.dumps(decoded(good))}]}}'
    outcomes = laptop.ask("/v1/push", body.encode())["outcomes"]
    assert [outcome["id"] for outcome in outcomes[: len(bad)]] == [line["id"] for line in bad]
    assert [outcome["outcome"] for outcome in outcomes] == [*["rejected"] * (len(bad) + 2), "applied"]


def test_an_odd_approval_is_rejected(central: Central) -> None:
    """An approval whose versions are no versions is rejected, deleted or not; the call is answered."""
    laptop = central.enrol("局长", "bureau")
    own = project(laptop)
    odd: tuple[object, ...] = (5, "x", [5], [{"id": ["x"]}], [{"id": {}, "stamp": "x"}], [[]], {"id": 1})
    bodies = [{"issue_id": new_id(), "act": "approved", "versions": versions} for versions in odd]
    steps = [laptop.line("issue_step", body, own.id, deleted=gone) for body in bodies for gone in (False, True)]
    assert {outcome["outcome"] for outcome in laptop.push([own, *steps])[1:]} == {"rejected"}


def test_nul_is_never_an_internal_error(central: Central) -> None:
    """NUL in names, codes, buckets and cursors is answered like any other text, on both databases."""
    laptop = central.enrol("局长", "bureau")
    asked = (
        ("/v1/join", {"code": "a\0b", "district": "2\0", "device": {"id": new_id(), "name": "\0"}}),
        ("/v1/hello", {"device": "\0", "cursor": "\0", "agreed": [0, 0, 0], "time": 10**30}),
        ("/v1/pull", {"cursor": "a\0b"}),
        (EXCHANGE, {"hello": {"agreed": [0, 0, 0], "time": 10**30}, "cursor": "\0", "account": "a", "lines": ["\0"]}),
        ("/v1/fetch", {"buckets": ["d\0", "\0"], "after": "\0"}),
        (
            "/v1/verify",
            {"cursor": None, "groups": {"\0": [0, 0, 0]}, "buckets": {"\0": [2**70, 0, 0]}, "within": ["\0"]},
        ),
        ("/v1/renew", {"device": {"id": new_id(), "name": "\0"}}),
    )
    assert {path: laptop.post(path, dict(body)).status_code < 500 for path, body in asked} == dict.fromkeys(
        (path for path, _body in asked), True
    )


def test_days_that_there_are_not_are_named(central: Central) -> None:
    """The reason names the field and what is wrong with it."""
    laptop = central.enrol("局长", "bureau")
    own = project(laptop)
    body = {"number": "1", "title": "甲", "kind": "problem"}
    issues = [laptop.line("issue", {**body, "due": day}, own.id) for day in NO_DAYS]
    outcomes = laptop.push([own, *issues])
    assert {outcome["reason"] for outcome in outcomes[1:]} == {"due is no day or time between 1900 and 2100"}


def test_a_poisoned_link_of_the_chain_is_a_bad_request(central: Central) -> None:
    """Half a character, nothing but NUL, or something else than a link, where a push says which one it follows: refused
    as such, and nothing fails."""
    laptop = central.enrol("局长", "bureau")
    nul = rb'{"prev":"","next":"\u0000"}'
    for chain in (nul, rb'{"prev":"\ud800","next":"a"}', rb'{"prev":"","next":NaN}', b'{"prev":1}', b"[]", b"7"):
        for lines in (b"[]", b"[NaN]"):
            body = b'{"chain":' + chain + b',"lines":' + lines + b"}"
            assert laptop.post(EXCHANGE, body).status_code in (200, 422)
            answer = laptop.post("/v1/push", body)
            refused = answer.status_code == 422 or (answer.status_code == 200 and chain in (b"[]", b"7"))
            assert refused, (chain, lines, answer.text)
