"""The HTTP client accepts nothing that is not the central's, ends every call, and resends only what is safe."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import logging
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from store.exceptions import BadSetting
from sync.exceptions import (
    BadAddress,
    BadInvite,
    CentralBusy,
    CentralUnreachable,
    DeviceRefused,
    DeviceUnknown,
    DistrictMismatch,
    GatewayFailure,
    InsecureAddress,
    JoinDelayed,
    NotTheCentral,
    RequestDeclined,
    SlowConnection,
    SyncError,
    TooManyRequests,
    UpgradeRequired,
)
from sync.protocol import (
    COMPRESS_MIN_BYTES,
    DeviceName,
    FetchRequest,
    HelloRequest,
    JoinRequest,
    PullRequest,
    RenewRequest,
)
from sync.transport.client import MAX_ANSWER_BYTES, HttpCentral, Timeouts
from sync.transport.endpoint import check_address, check_token
from tests.sync.servers import Answering, ReceivedRequest, answer, answering_with, serving

DEVICE = "01900000-0000-7000-8000-000000000001"
GREETING = HelloRequest(device=DEVICE, agreed=(0, 0, 0), time=1)
WELCOME = orjson.dumps({"protocol": 1, "time": 5, "news": False, "equal": True, "central": "c", "newer": "field"})
BRIEF = Timeouts(call=0.4, page=0.4)

Call = Callable[[HttpCentral], Awaitable[Any]]


def asking(answering: Answering, call: Call | None = None, **options: Any) -> Any:
    """What ``call`` (a hello, by default) gives against a server that answers so."""

    async def run() -> Any:
        async with serving(answering) as address, HttpCentral(address, "the-token", **options) as central:
            return await (call or (lambda c: c.hello(GREETING)))(central)

    return asyncio.run(run())


def test_a_sound_answer_is_read_and_unknown_fields_are_ignored() -> None:
    """A hello answered by the protocol gives its fields; a newer central may say more."""
    assert asking(answering_with(answer(200, WELCOME, "application/json; charset=utf-8"))).time == 5


@pytest.mark.parametrize(
    "portal",
    [
        answer(200, b"<html>Welcome to the hotel</html>", "text/html"),
        answer(200, WELCOME, "text/plain"),
        answer(200, b"<html>Welcome</html>"),
        answer(200, b"[]"),
        answer(200, b'{"ok": true}'),
        answer(200, WELCOME, content_encoding="gzip"),
        answer(200, WELCOME, content_encoding="zstd"),
        answer(302, b"", "text/html", location="https://portal.example/login"),
        answer(307, WELCOME, location="/v1/elsewhere"),
        answer(401, b"<html>Log in first</html>", "text/html"),
        answer(404, b'{"detail": "Not Found"}'),
        answer(511, b"<html>Log in first</html>", "text/html"),
    ],
)
def test_a_captive_portal_is_not_believed(portal: bytes) -> None:
    """Whatever a portal or proxy answers in place of the central gets its own error; above all never that of a
    revocation."""
    with pytest.raises(NotTheCentral):
        asking(answering_with(portal))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"code": "unknown_token", "detail": ""}, DeviceUnknown),
        (401, {"code": "revoked", "detail": ""}, DeviceRefused),
        (426, {"code": "upgrade_required", "detail": "", "min": 2, "max": 3}, UpgradeRequired),
        (403, {"code": "bad_invite", "detail": ""}, BadInvite),
        (409, {"code": "other_district", "detail": "", "ours": "A", "theirs": "B"}, DistrictMismatch),
        (403, {"code": "forbidden", "detail": "no \x1b[31mred"}, RequestDeclined),
        (500, {"code": "internal", "detail": ""}, CentralUnreachable),
    ],
)
def test_every_refusal_has_its_error(status: int, body: dict[str, Any], error: type[SyncError]) -> None:
    """A status with the central's code becomes one error of ours, with inert text."""
    with pytest.raises(error) as caught:
        asking(answering_with(answer(status, orjson.dumps(body))))
    assert type(caught.value) is error
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7),
        ({"retry_after": "0"}, 1),
        ({"retry_after": "99999999999"}, 3_600),
        ({"retry_after": "9" * 5_000}, 3_600),
        ({"retry_after": "Wed, 21 Oct 2015 07:28:30 +99999999999999", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 60),
        ({"retry_after": "-5"}, 60),
        ({"retry_after": "nan"}, 60),
        ({"retry_after": "soon"}, 60),
        ({}, 60),
        ({"retry_after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 30),
        ({"retry_after": "Wed, 21 Oct 2015 07:28:30 GMT"}, 60),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_understood_and_bounded(status: int, headers: dict[str, str], seconds: int) -> None:
    """Seconds or a date, which counts from the answer's own since our clock may be wrong; nonsense waits a minute."""
    with pytest.raises(TooManyRequests if status == 429 else GatewayFailure) as caught:
        asking(answering_with(answer(status, b"", "text/html", **headers)))
    assert caught.value.values["retry_after"] == seconds


def test_a_join_that_must_wait_promises_no_daemon() -> None:
    """Who is told to wait before joining is told that nothing joins by itself, and the code is still good (S18)."""
    request = JoinRequest(code="x", device=DeviceName(id=DEVICE, name="x"))
    with pytest.raises(JoinDelayed) as caught:
        asking(answering_with(answer(429, b"", "text/html", retry_after="30")), lambda c: c.join(request))
    assert caught.value.values["retry_after"] == 30
    assert "daemon" not in caught.value.remedy
    assert "not used up" in caught.value.data


def test_a_drip_feed_does_not_hold_a_call() -> None:
    """An answer that comes a byte at a time, each in good time, is given up at the call's deadline."""
    whole = answer(200, WELCOME)

    async def dripping(asked: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        del asked
        for byte in whole:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.02)

    with pytest.raises(SlowConnection, match="slowest accepted line"):
        asking(dripping, timeouts=BRIEF)


def test_a_lost_reply_is_sent_again() -> None:
    """A push whose answer was lost on the way is sent again, the same, and answered then."""
    asked: list[ReceivedRequest] = []
    pushed = orjson.dumps({"outcomes": [{"id": DEVICE, "outcome": "applied"}], "time": 5})
    got = asking(answering_with(b"", answer(200, pushed), asked=asked), lambda c: c.push([b'{"id":1}']))
    assert got.outcomes[0].outcome == "applied"
    assert [one.json for one in asked] == [{"lines": [{"id": 1}]}] * 2


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.join(JoinRequest(code="x", device=DeviceName(id=DEVICE, name="x"))),
        lambda c: c.renew(RenewRequest(device=DeviceName(id=DEVICE, name="x"))),
    ],
)
def test_what_works_once_is_not_sent_again(call: Call) -> None:
    """A one-time code and a renewal are sent once, even when the answer is lost."""
    asked: list[ReceivedRequest] = []
    with pytest.raises(CentralUnreachable):
        asking(answering_with(b"", asked=asked), call)
    assert len(asked) == 1


def test_resending_is_bounded() -> None:
    """A central that always loses its reply is given up after a few tries."""
    asked: list[ReceivedRequest] = []
    with pytest.raises(CentralUnreachable):
        asking(answering_with(b"", asked=asked))
    assert len(asked) == 3


def test_an_answer_cut_short_is_not_believed() -> None:
    """A connection that ends in the middle of an answer is a lost reply, whatever the part says."""
    asked: list[ReceivedRequest] = []

    async def cutting(request: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        asked.append(request)
        writer.write(answer(200, WELCOME)[:-3])
        await writer.drain()
        writer.close()

    with pytest.raises(CentralUnreachable):
        asking(cutting)
    assert len(asked) == 3


def test_nobody_there_is_unreachable() -> None:
    """A closed port is unreachable, not a crash."""

    async def run() -> None:
        async with serving(answering_with(b"")) as address:
            pass
        async with HttpCentral(address, None) as central:
            await central.hello(GREETING)

    with pytest.raises(CentralUnreachable):
        asyncio.run(run())


def test_only_large_bodies_are_compressed() -> None:
    """A small request travels as it is; from one KiB on it is zstd, and says the same."""
    asked: list[ReceivedRequest] = []
    pushed = answer(200, orjson.dumps({"outcomes": [], "time": 5}))
    small, large = b'{"a":1}', b'{"a":"' + b"x" * COMPRESS_MIN_BYTES + b'"}'

    async def both(central: HttpCentral) -> None:
        await central.push([small])
        await central.push([large])

    asking(answering_with(pushed, asked=asked), both)
    assert [one.headers.get("content-encoding") for one in asked] == [None, "zstd"]
    assert asked[1].json == {"lines": [orjson.loads(large)]}
    assert len(asked[1].raw) < 200


def test_compressed_answers_are_read_with_their_lines_untouched() -> None:
    """A page of lines comes zstd-compressed and its lines are given as they are."""
    lines = [{"id": n, "body": {"text": "走访" * 100}} for n in range(50)]
    page = orjson.dumps({"lines": lines, "cursor": "next", "more": True, "time": 5, "granted": ["d"]})
    packed = answer(200, zstandard.compress(page), content_encoding="zstd")
    got = asking(answering_with(packed), lambda c: c.pull(PullRequest()))
    assert (got.lines, got.cursor, got.more, got.granted, got.dropped) == (lines, "next", True, ["d"], [])


@pytest.mark.parametrize(
    "page", [{"cursor": "x", "more": False, "time": 1}, {"lines": {}, "after": None}, {"lines": []}]
)
def test_a_page_of_another_shape_is_not_believed(page: dict[str, Any]) -> None:
    """A page without lines, or with lines that are no list, or without its other fields, is refused."""
    for call in (lambda c: c.pull(PullRequest()), lambda c: c.fetch(FetchRequest(buckets=["d"]))):
        with pytest.raises(NotTheCentral):
            asking(answering_with(answer(200, orjson.dumps(page))), call)


def test_a_compression_bomb_unfolds_to_the_bound_and_no_further() -> None:
    """A few kilobytes that would decompress to gigabytes are refused."""
    packer = zstandard.ZstdCompressor().compressobj()
    block = bytes(1 << 20)
    bomb = b"".join(packer.compress(block) for _ in range((MAX_ANSWER_BYTES >> 20) + 1)) + packer.flush()
    assert len(bomb) < 100_000
    with pytest.raises(NotTheCentral):
        asking(answering_with(answer(200, bomb, content_encoding="zstd")))


def test_an_endless_answer_is_cut_off() -> None:
    """An answer that never ends is given up once it is longer than any page."""
    with pytest.raises(NotTheCentral, match="too long"):
        asking(answering_with(answer(200, bytes(1 << 17))), max_answer_bytes=1 << 16)


@pytest.mark.parametrize(
    "address",
    ["http://central.example", "http://10.0.0.5:8000", "http://127.0.0.1.example", "HTTP://[2001:db8::1]/"],
)
def test_plain_http_is_for_this_machine_only(address: str) -> None:
    """An unencrypted address of another machine is refused before anything is sent."""
    with pytest.raises(InsecureAddress):
        HttpCentral(address, "token")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "central.example",
        "ftp://x.example",
        "https://",
        "https://u:p@x.example",
        "https://x:99999",
        "https://[x",
        "https://xn--zz",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Something that is no web address, or that carries a password, is not tried."""
    with pytest.raises(BadAddress):
        check_address(address)


def test_addresses_of_this_machine_and_https_are_taken() -> None:
    """Loopback may be plain; anything may be https, also below a path."""
    for address in ("http://localhost:1", "http://127.8.9.1:1", "http://[::1]:1", "https://x.example:8443/guanjia"):
        assert check_address(f"{address}/") == address


def test_the_token_is_in_one_header_and_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the most verbose log nor an error contains the token."""
    caplog.set_level(logging.DEBUG)
    asked: list[ReceivedRequest] = []
    with pytest.raises(CentralUnreachable) as caught:
        asking(answering_with(answer(500, b'{"code": "internal"}'), asked=asked))
    assert asked[0].headers["authorization"] == "Bearer the-token"
    held = "".join(value for name, value in asked[0].headers.items() if name != "authorization")
    assert "the-token" not in held + caplog.text + str(caught.value) + asked[0].raw.decode()
    with pytest.raises(DeviceRefused) as refused:
        check_token("secret\nx: y")
    assert "secret" not in str(refused.value)


def test_proxies_of_the_environment_are_not_asked_about_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy variable does not send plain requests to somebody else."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert asking(answering_with(answer(200, WELCOME))).time == 5


def test_https_goes_through_the_environments_proxy_as_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a proxy set, an https call asks it for a tunnel to the host, and tells it no token."""
    seen: list[bytes] = []

    async def run() -> None:
        async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(proxy, "127.0.0.1", 0)
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with HttpCentral("https://central.invalid", "the-token") as central:
            await central.hello(GREETING)

    with pytest.raises(CentralUnreachable):
        asyncio.run(run())
    assert seen[0].startswith(b"CONNECT central.invalid:443 ")
    assert b"the-token" not in seen[0]


def make_certificates(folder: Path, host: str) -> tuple[Path, ssl.SSLContext]:
    """A private authority's PEM file and the TLS context of a server whose certificate it signed for ``host``."""
    now = dt.datetime.now(dt.UTC)

    def sign(name: str, key: ec.EllipticCurvePrivateKey, issuer: str, issuer_key: ec.EllipticCurvePrivateKey) -> Any:
        ca = name == issuer
        builder = x509.CertificateBuilder(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]),
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
            key.public_key(),
            x509.random_serial_number(),
            now - dt.timedelta(days=1),
            now + dt.timedelta(days=1),
        ).add_extension(x509.BasicConstraints(ca, None), critical=True)
        if not ca:
            names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(issuer_key, hashes.SHA256())

    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(sign("Office CA", authority, "Office CA", authority).public_bytes(pem))
    secret = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(secret + sign(host, own, "Office CA", authority).public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return folder / "ca.pem", context


def tls_hello(context: ssl.SSLContext, ca_file: str | None) -> Any:
    """A hello to an https server."""

    async def run() -> Any:
        async with (
            serving(answering_with(answer(200, WELCOME)), context) as address,
            HttpCentral(address, None, ca_file=ca_file) as central,
        ):
            return await central.hello(GREETING)

    return asyncio.run(run())


def test_certificates_are_checked_and_a_private_authority_can_be_named(tmp_path: Path) -> None:
    """A private central is trusted by its named authority only; without it, or for another host, it is not."""
    (tmp_path / "right").mkdir()
    (tmp_path / "wrong").mkdir()
    ca, context = make_certificates(tmp_path / "right", "127.0.0.1")
    assert tls_hello(context, str(ca)).time == 5
    with pytest.raises(NotTheCentral, match="certificate"):
        tls_hello(context, None)
    other_ca, elsewhere = make_certificates(tmp_path / "wrong", "127.0.0.9")
    with pytest.raises(NotTheCentral, match="certificate"):
        tls_hello(context, str(other_ca))
    with pytest.raises(NotTheCentral, match="certificate"):
        tls_hello(elsewhere, str(other_ca))


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_cannot_be_used_is_named(tmp_path: Path, content: str | None) -> None:
    """A missing or senseless CA file is an error about the setting, not a connection without a check."""
    if content:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(BadSetting, match="ca_file"):
        HttpCentral("https://central.example", None, ca_file=str(tmp_path / "ca.pem"))


async def first_hints(central: HttpCentral) -> list[str]:
    """The stream's events until it ends."""
    return [name async for name in central.live_events()]


def test_live_hints_are_events_whatever_else_the_stream_says() -> None:
    """Events come by name, split or joined anyhow; comments and data are passed over."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"

    async def streaming(asked: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        assert asked.headers["authorization"] == "Bearer the-token"
        for part in (head, b": hello\n\nevent: hi", b"nt\ndata: event: x\n\nevent: hint\r\n\r\n", b"event:bye\n\n"):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.close()

    assert asking(streaming, first_hints) == ["open", "hint", "hint", "bye"]


@pytest.mark.parametrize(
    ("reported", "error"),
    [
        (answer(200, b"<html>portal</html>", "text/html"), NotTheCentral),
        (answer(200, WELCOME), NotTheCentral),
        (answer(401, b'{"code": "revoked", "detail": ""}'), DeviceRefused),
        (answer(503, b'{"code": "unavailable"}', retry_after="9"), CentralBusy),
    ],
)
def test_a_live_stream_is_believed_like_any_answer(reported: bytes, error: type[SyncError]) -> None:
    """Answers that are no event stream get their own errors: a portal, a revocation, a request to wait."""
    with pytest.raises(error):
        asking(answering_with(reported), first_hints)


def test_a_silent_live_stream_ends() -> None:
    """A stream without a heartbeat is ended, so that a dead connection is noticed."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    with pytest.raises(CentralUnreachable):
        asking(answering_with(head), first_hints, timeouts=Timeouts(live_read=0.2))
