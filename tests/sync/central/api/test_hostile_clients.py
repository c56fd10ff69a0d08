"""Nothing costly happens before the token is known, and a known device has bounds too."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
import sqlcipher3.dbapi2 as sqlite
import zstandard
from starlette.requests import Request

from store.ledger.buckets import bucket_group
from sync import protocol
from sync.central.api.change_feed import STREAMS_PER_TOKEN
from sync.central.api.wire import CHECKSUMS, COSTLY_BYTES, LINES, SMALL, BodyBudget
from sync.central.exceptions import Refusal
from sync.central.integrity import CHECK_EVERY_S, RecentChecks
from sync.protocol.documents import EXCHANGE
from sync.steps.verify import BYTES_PER_BUCKET
from tests.sync.central.ledger import outcome_codes, project, visit
from tests.sync.central_fixture import Central, Laptop

UNKNOWN = "210903.01900000-0000-7000-8000-000000000001.secret"
ZSTD = {"content-encoding": "zstd"}


def answer_to(central: Central, head: str, body: bytes = b"") -> bytes:
    """What the central answers to a request of which no more comes than this."""
    address = urlsplit(central.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as line:
        line.sendall(f"{head}\r\nHost: central\r\n\r\n".encode() + body)
        answer = b""
        while b"}" not in answer:
            answer += line.recv(65_536)
        return answer


def test_an_unknown_token_is_refused_before_the_body_is_read(at: Central) -> None:
    """A body that would cost something is not waited for: the answer comes while nothing of it has been sent."""
    bodies = (
        "Content-Length: 8000000",
        "Transfer-Encoding: chunked",
        "Content-Length: 730\r\nContent-Encoding: zstd",
        f"Content-Length: {COSTLY_BYTES + 1}",
    )
    for path in (EXCHANGE, protocol.PUSH, protocol.VERIFY, protocol.HELLO):
        for headers in bodies:
            answer = answer_to(at, f"POST {path} HTTP/1.1\r\nAuthorization: Bearer {UNKNOWN}\r\n{headers}")
            assert answer.startswith(b"HTTP/1.1 401")
            assert b"unknown_token" in answer


def test_a_request_without_a_token_is_refused_before_its_body_is_read(at: Central) -> None:
    """Without a token not even a short body is waited for; a code for joining is, since it is in the body. The answer
    says that none came: a device that sent one knows then that something on the way takes it away."""
    answer = answer_to(at, f"POST {protocol.HELLO} HTTP/1.1\r\nContent-Length: 10")
    assert answer.startswith(b"HTTP/1.1 401") and b'"missing":true' in answer
    assert answer_to(at, f"POST {protocol.JOIN} HTTP/1.1\r\nContent-Length: 2", b"{}").startswith(b"HTTP/1.1 422")


def test_a_body_with_two_lengths_is_refused_and_ends_the_connection(at: Central) -> None:
    """What one server takes for the rest of a body another takes for a request of somebody else. A short length beside
    a long chunked body does not get it read before the token is known either."""
    both = "Content-Length: 10\r\nTransfer-Encoding: chunked"
    hidden = b"0\r\n\r\nGET /v1/nothing HTTP/1.1\r\nHost: central\r\n\r\n"
    for request in (f"POST {protocol.JOIN}", f"POST {protocol.PUSH}", "GET /v1/history/x"):
        answer = answer_to(at, f"{request} HTTP/1.1\r\nAuthorization: Bearer {UNKNOWN}\r\n{both}", hidden)
        assert answer.startswith(b"HTTP/1.1 400") and answer.count(b"HTTP/1.1") == 1
        assert b"connection: close" in answer


@pytest.mark.parametrize(("path", "size"), [(protocol.HELLO, SMALL.size), (protocol.JOIN, SMALL.size)])
def test_a_call_reads_no_more_than_it_may_need(at: Central, path: str, size: int) -> None:
    """A hello of a megabyte is refused by its announced length; one that unfolds to as much is refused too."""
    laptop = at.enrol("局长")
    announced = laptop.client.post(path, content=b"{" + b" " * size + b"}")
    assert (announced.status_code, announced.json()["code"]) == (413, "too_large")
    packed = laptop.client.post(path, content=zstandard.compress(b" " * (1 << 20)), headers=ZSTD)
    assert (packed.status_code, packed.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (EXCHANGE, b'{"format":2,"lines":[' + b"[]," * LINES.values + b"[]]}"),
        (protocol.PUSH, b'{"lines":[' + b"[]," * LINES.values + b"[]]}"),
        (protocol.PUSH, b'{"lines":[[' + b"{}," * LINES.values + b"{}]]}"),
        (protocol.VERIFY, b'{"cursor":null,"buckets":{"a":[' + b"1," * CHECKSUMS.values + b"1]}}"),
        (protocol.FETCH, b'{"buckets":[' + b'"",' * 10_000 + b'""]}'),
    ],
)
def test_a_small_body_does_not_unfold_to_a_million_values(at: Central, path: str, body: bytes) -> None:
    """Under a kilobyte of zstd that would become hundreds of megabytes of values is refused before it is parsed."""
    packed = zstandard.compress(body)
    assert len(packed) < 1_000
    response = at.enrol("局长").client.post(path, content=packed, headers=ZSTD)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_full_page_of_ordinary_lines_is_within_the_bounds(at: Central) -> None:
    """The longest push of a device passes: as many lines as a page may have, with commas in their texts."""
    laptop = at.enrol("局长")
    own = project(laptop)
    lines = [own, *(visit(laptop, own.id, "走访,问候,记录,反馈," * 10) for _ in range(protocol.PAGE_LINES - 1))]
    assert set(outcome_codes(laptop.push(lines))) == {"applied"}


def test_bodies_on_their_way_are_bounded_in_all() -> None:
    """What all bodies together may take is bounded: one more is asked to come back, and passes when another is in."""
    budget = BodyBudget(LINES.size + SMALL.size)
    long, short = (Request({"type": "http", "headers": [(b"content-length", size)]}) for size in (b"99999999", b"100"))
    unannounced = Request({"type": "http", "headers": []})
    with budget.reserve(unannounced, LINES), budget.reserve(short, SMALL):
        with pytest.raises(Refusal) as caught, budget.reserve(long, LINES):
            pass
        assert (caught.value.status, caught.value.retry_after) == (503, 2)
    with budget.reserve(long, LINES):
        assert caught.value.code == "busy"


# verify


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_a_sound_bucket_is_read_once_a_minute_for_a_device() -> None:
    """What was found sound for a device is due again after a minute; for another device at once."""
    clock = Clock()
    checks = RecentChecks(clock)
    assert checks.due("d", "laptop", ["a", "b"]) == ["a", "b"]
    checks.record("d", "laptop", ["a"])
    assert checks.due("d", "laptop", ["a", "b"]) == ["b"]
    assert checks.due("d", "other", ["a"]) == ["a"]
    clock.now += CHECK_EVERY_S
    assert checks.due("d", "laptop", ["a"]) == ["a"]


@contextmanager
def write_lock(central: Central) -> Iterator[None]:
    """Somebody else writes as long as the block runs."""
    blocker = sqlite.connect(str(central.data_dir / "central.db"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    yield
    blocker.execute("ROLLBACK")
    blocker.close()


def test_wrong_sums_of_a_device_keep_nobody_waiting(at: Central) -> None:
    """A device with wrong sums has its buckets checked without the write lock, and gets its answer while another
    writes."""
    laptop = at.enrol("局长")
    own = project(laptop)
    laptop.push([own, visit(laptop, own.id)])
    laptop.pull_all()
    bucket = f"p:{own.id}"
    asked = {"cursor": laptop.cursor, "buckets": {bucket: [9, 9, 9]}, "within": [bucket_group(bucket)]}
    with write_lock(at):
        assert laptop.ask("/v1/verify", asked)["differ"] == [bucket]
        assert laptop.ask("/v1/verify", {"cursor": laptop.cursor, "groups": {}})["news"] is False


# Streams


def test_a_device_has_a_few_streams_and_the_oldest_ends(at: Central) -> None:
    """One stream too many of a device ends its oldest; the others, and those of other devices, stay open."""
    laptop, other = at.enrol("局长"), at.enrol("副局长")
    streams = [Stream(other), *(Stream(laptop) for _ in range(STREAMS_PER_TOKEN + 1))]
    assert streams[1].has_ended()
    for stream in streams:
        stream.close()


class Stream:
    """An open stream of a device."""

    def __init__(self, laptop: Laptop) -> None:
        self._client = httpx.Client(base_url=laptop.client.base_url, headers=laptop.client.headers, timeout=20)
        self._response = self._client.send(self._client.build_request("GET", protocol.LIVE), stream=True)
        self._parts = self._response.iter_raw()
        assert next(self._parts)

    def has_ended(self) -> bool:
        """Whether the central ends the stream; waits for its last heartbeat."""
        return all(part.startswith(b":") for part in self._parts)

    def close(self) -> None:
        """Hang up."""
        self._response.close()
        self._client.close()


def test_the_bounds_are_those_of_the_protocol(tmp_path: Path) -> None:
    """A device that checks every bucket of its scope asks in parts that the central takes."""
    del tmp_path
    names = [f"i:{n:036}" for n in range(protocol.PAGE_BYTES // BYTES_PER_BUCKET)]
    owner = {"project": "x" * 36, "department": "x" * 36}
    body = {
        "cursor": "x" * 200,
        "buckets": {name: [2**31, 2**40, 2**40] for name in names},
        "within": [],
        "owners": dict.fromkeys(names, owner),
    }
    encoded = orjson.dumps(body)
    assert len(encoded) < CHECKSUMS.size
    assert encoded.count(b",") + encoded.count(b"[") + encoded.count(b"{") < CHECKSUMS.values
