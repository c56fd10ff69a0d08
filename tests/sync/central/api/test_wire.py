"""Bodies and errors on the wire: compression, bounds, codes, and what OpenAPI says."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlcipher3.dbapi2 as sqlite
import zstandard
from sqlalchemy import event

from sync import protocol
from sync.admin_protocol import EXPORTS
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.api.admin_routes import CALLS
from sync.central.api.app import create_app
from sync.central.api.health import LIVE_PATH, READY_PATH
from sync.central.api.wire import MAX_REQUEST_BYTES
from sync.protocol import COMPRESS_MIN_BYTES, PAGE_BYTES, PAGE_LINES
from sync.protocol.authority import AUTHORITY
from sync.protocol.blobs import BLOB_GET, BLOB_PUT, BLOB_READ, BLOB_SEND, BLOB_STATES
from sync.protocol.carried import BUNDLE
from sync.protocol.documents import EXCHANGE
from sync.protocol.evidence.package import EVIDENCE, SEAL
from sync.protocol.intake import INTAKE
from tests.sync.central.ledger import every_id, outcome_codes, project, visit
from tests.sync.central_fixture import DISTRICT, DISTRICT_NAME, Central, Laptop, push_body, running_central, serving_app
from tests.sync.postgres import Cluster

ZSTD = {"content-encoding": "zstd"}


@pytest.fixture(scope="module")
def central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Central]:
    """One central for all tests here: what they show has nothing to do with the database."""
    with running_central(tmp_path_factory.mktemp("wire")) as running:
        yield running


@pytest.fixture(scope="module")
def laptop(central: Central) -> Laptop:
    """A bureau's device."""
    return central.enrol("局长")


def test_compressed_requests_are_read(laptop: Laptop) -> None:
    """A zstd body is unfolded and means the same."""
    own = project(laptop)
    body = zstandard.compress(push_body([own, *(visit(laptop, own.id) for _ in range(50))]))
    answer = laptop.client.post("/v1/push", content=body, headers=ZSTD)
    assert set(outcome_codes(answer.json()["outcomes"])) == {"applied"}


def test_long_answers_are_compressed_for_who_takes_it(laptop: Laptop) -> None:
    """From a kilobyte on an answer is zstd; a short one, or one to a client that does not ask for it, is plain."""
    own = project(laptop)
    laptop.push([own, *(visit(laptop, own.id) for _ in range(50))])
    laptop.client.cookies.clear()
    long = laptop.client.post("/v1/pull", json={}, headers={"accept-encoding": "zstd"})
    assert long.headers["content-encoding"] == "zstd"
    assert int(long.headers["content-length"]) < len(long.content) // 2
    plain = laptop.client.post("/v1/pull", json={}, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert len(plain.content) > COMPRESS_MIN_BYTES
    short = laptop.client.post("/v1/hello", json=laptop.greeting(), headers={"accept-encoding": "zstd"})
    assert "content-encoding" not in short.headers


def test_a_quiet_hello_is_small(laptop: Laptop) -> None:
    """Request and answer, headers included, stay within a kilobyte each way."""
    laptop.pull_all()
    response = laptop.client.post("/v1/hello", json=laptop.greeting())
    sent = sum(len(k) + len(v) + 4 for k, v in response.request.headers.raw) + len(response.request.content) + 30
    received = sum(len(k) + len(v) + 4 for k, v in response.headers.raw) + len(response.content) + 20
    assert sent <= 1_024
    assert received <= 1_024


def test_bombs_and_long_bodies_are_refused(laptop: Laptop) -> None:
    """A body that is too long, or unfolds to one that is, gets 413 and not the central's memory."""
    bomb = zstandard.compress(b" " * (64 << 20))
    assert len(bomb) < 10_000
    for body, headers in ((bomb, ZSTD), (b" " * (MAX_REQUEST_BYTES + 1), {})):
        response = laptop.client.post("/v1/push", content=body, headers=headers)
        assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"not zstd", ZSTD, 400),
        (b"{}", {"content-encoding": "br"}, 415),
        (b"{", {}, 422),
        (b"[]", {}, 422),
        (b'{"lines": 7}', {}, 422),
        (b'{"lines":[' + b",".join([b"0"] * (PAGE_LINES + 1)) + b"]}", {}, 422),
        (b"\xff\xfe", {}, 422),
    ],
)
def test_rubbish_is_refused_with_a_code(laptop: Laptop, body: bytes, headers: dict[str, str], status: int) -> None:
    """Whatever is wrong with a body, the answer is JSON with a code and a detail."""
    for path in ("/v1/push", "/v1/hello") if not body.startswith(b'{"lines"') else ("/v1/push",):
        response = laptop.client.post(path, content=body, headers=headers)
        assert response.status_code == status
        assert set(response.json()) == {"code", "detail"}


@pytest.mark.parametrize("path", ["/", "/v1/nothing", "/v1/hello", "/docs"])
def test_what_is_not_there_is_answered_in_json(laptop: Laptop, path: str) -> None:
    """Unknown paths and methods have the same form of answer."""
    response = laptop.client.get(path)
    assert response.status_code in (404, 405)
    assert response.json()["code"] in ("not_found", "not_allowed")


def test_an_old_device_is_told_to_upgrade(central: Central, laptop: Laptop) -> None:
    """A protocol that the central does not speak gets the range that it does, before anything else is judged."""
    for path, asked in (
        ("/v1/hello", laptop.greeting()),
        ("/v1/join", {"code": "x", "device": {"id": laptop.device, "name": ""}}),
    ):
        response = laptop.post(path, asked | {"protocol": protocol.PROTOCOL + 1})
        assert response.status_code == 426
        assert response.json() | {"detail": ""} == {
            "code": "upgrade_required", "detail": "", "min": protocol.OLDEST_PROTOCOL, "max": protocol.PROTOCOL,
        }  # fmt: skip


def test_pages_are_bounded_in_bytes(laptop: Laptop) -> None:
    """Lines of a third of a megabyte come in pages of a few; none is lost."""
    own = project(laptop)
    laptop.push([own])
    large = [visit(laptop, own.id, "长" * 80_000) for _ in range(40)]
    for start in range(0, len(large), 10):
        laptop.push(large[start : start + 10])
    reader = Laptop(str(laptop.client.base_url))
    reader.client.headers["authorization"] = laptop.client.headers["authorization"]
    pages = reader.pull_all()
    assert (
        max(sum(len(line["body"].get("text", "").encode()) for line in page["lines"]) for page in pages) <= PAGE_BYTES
    )
    assert {line.id for line in large} <= set(every_id(pages))


def test_a_locked_database_is_answered_503(tmp_path: Path) -> None:
    """When the database stays busy the device is asked to come back; nothing of its push is half done."""
    data_dir = tmp_path / "central"
    code = admin.create(data_dir, DISTRICT, DISTRICT_NAME)
    database = open_database(data_dir)
    event.listen(database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout = 50"))
    database.close()  # a pooled connection would still have the timeout of the program
    with serving_app(create_app(database)) as url:
        central = Central(data_dir, url, code)
        laptop = central.enrol("局长")
        own = project(laptop)
        blocker = sqlite.connect(str(central.data_dir / "central.db"), isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        response = laptop.post("/v1/push", push_body([own]))
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert int(response.headers["retry-after"]) >= 1
        blocker.execute("ROLLBACK")
        assert outcome_codes(laptop.push([own])) == ["applied"]


@pytest.mark.needs("postgresql")
def test_a_database_that_comes_back(tmp_path: Path, postgres: Cluster) -> None:
    """When PostgreSQL drops all connections (a restart), a device is asked to come back, and the next request works."""
    url = postgres.database()
    with running_central(tmp_path, url) as running:
        laptop = running.enrol("局长")
        with psycopg.connect(url, autocommit=True) as surgeon:
            surgeon.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        first = laptop.post("/v1/hello", laptop.greeting())
        assert (first.status_code, first.json().get("code")) == (503, "unavailable")
        own = project(laptop)
        assert outcome_codes(laptop.push([own])) == ["applied"]


def test_a_failure_inside_tells_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected failure is 500 with a code; what happened is in the log and not in the answer."""
    with running_central(tmp_path) as central:
        laptop = central.enrol("局长")
        vandal = sqlite.connect(str(central.data_dir / "central.db"), isolation_level=None)
        vandal.execute("UPDATE district SET secret = 'not a key'")
        response = laptop.post("/v1/pull", {})
    assert response.status_code == 500
    assert response.json() == {"code": "internal", "detail": "the central failed; its log says why"}
    assert "/v1/pull failed" in caplog.text
    assert laptop.token not in caplog.text


_POSTS = [
    protocol.JOIN,
    protocol.IDENTITY,
    protocol.HELLO,
    EXCHANGE,
    protocol.PUSH,
    protocol.PULL,
    protocol.FETCH,
    protocol.VERIFY,
    protocol.HEAL,
    protocol.ROSTER,
    protocol.RENEW,
    protocol.INVITATION,
    protocol.RETURN,
    protocol.ROTATE,
    EXPORTS,
    BUNDLE,
    BLOB_STATES,
    BLOB_PUT,
    BLOB_GET,
    BLOB_READ,
    AUTHORITY,
    INTAKE,
    EVIDENCE,
    SEAL,
    *(call.path for call in CALLS),
]


def test_openapi_names_every_call_and_model(laptop: Laptop) -> None:
    """The running central describes itself: every endpoint has a summary, a request model and an answer model."""
    described = laptop.client.get("/openapi.json").json()
    assert set(described["paths"]) == {
        *_POSTS,
        BLOB_SEND,
        LIVE_PATH,
        READY_PATH,
        protocol.LIVE,
        protocol.HISTORY + "/{line_id}",
    }
    for path in _POSTS:
        call = described["paths"][path]["post"]
        asked = call["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        answered = call["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert call["summary"]
        assert asked.endswith(("Request", "Message"))
        assert answered.endswith("Answer")
        assert {asked, answered} <= set(described["components"]["schemas"])


def test_a_device_that_hangs_up_is_no_failure_of_the_central(
    central: Central, laptop: Laptop, caplog: pytest.LogCaptureFixture
) -> None:
    """A request that ends in its middle, as when a laptop's lid closes, is not in the log as an error; who comes next
    is served."""
    host, _, port = central.url.rpartition("//")[2].partition(":")
    head = "POST /v1/push HTTP/1.1\r\nHost: central\r\nContent-Length: 1000\r\n\r\n"
    for _ in range(20):
        with socket.create_connection((host, int(port))) as line:
            line.sendall(head.encode() + b"{")
        assert laptop.hello()["time"] > 0
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
