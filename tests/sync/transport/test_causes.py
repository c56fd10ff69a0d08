"""Each cause that keeps a device from its central has its own error, which names the evidence."""

from __future__ import annotations

import ast
import asyncio
import datetime as dt
import gzip
import ipaddress
import socket
import ssl
from pathlib import Path

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from store.exceptions import UNREACHABLE_CODES
from sync import protocol
from sync.exceptions import (
    BadAddress,
    BadProxy,
    CaptivePortal,
    CentralDiskFull,
    CentralUnreachable,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateWrongName,
    ConnectionCut,
    FirewallRefusal,
    GatewayFailure,
    NotJoined,
    NotTheCentral,
    ProxyRefused,
    ProxyUnreachable,
    RequestTooLarge,
    SlowConnection,
    SyncError,
    TokenRemoved,
    UntrustedCertificate,
)
from sync.transport.client import HttpCentral, Timeouts
from sync.transport.proxy import proxy_for
from tests.sync.servers import Answering, ReceivedRequest, answer, answering_with, serving
from tui.i18n.labels import FAMILIES

GREETING = protocol.HelloRequest(device="01900000-0000-7000-8000-000000000001", agreed=(0, 0, 0), time=1)
WELCOME = orjson.dumps({"protocol": 1, "time": 5, "news": False, "equal": True, "central": "c"})
HTML = b"<html>x</html>"
CENTRAL = "https://central.example.gov.cn"
_SAYING = ("NotTheCentral", "SlowConnection", "CentralUnreachable", "_not_the_central")


def failing(answering: Answering, lines: list[bytes] | None = None) -> SyncError:
    """The error of a hello (or of a push of ``lines``) against a server that answers so."""

    async def run() -> None:
        async with serving(answering) as address, HttpCentral(address, "the-token") as central:
            await (central.hello(GREETING) if lines is None else central.push(lines))

    with pytest.raises(SyncError) as caught:
        asyncio.run(run())
    return caught.value


# Certificates


def self_signed(folder: Path, begins: int, ends: int, name: str, *names: str) -> tuple[Path, ssl.SSLContext]:
    """A self-made certificate, valid from ``begins`` to ``ends`` days from now, for ``names``; its file, and the TLS
    context of a server that shows it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin, end = (now + dt.timedelta(days=days) for days in (begins, ends))
    built = x509.CertificateBuilder(subject, subject, key.public_key(), 7, begin, end)
    if names:
        listed: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(one)) for one in names]
        built = built.add_extension(x509.SubjectAlternativeName(listed), critical=False)
    pem = serialization.Encoding.PEM
    shown = folder / "shown.pem"
    shown.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(shown, folder / "key.pem")
    return shown, server


def failing_tls(
    folder: Path, *, trusted: bool = True, certificate: tuple[int, int, str, *tuple[str, ...]]
) -> SyncError:
    """The error of a hello to a server with this certificate, which the device trusts or not."""
    shown, tls = self_signed(folder, *certificate)
    asked: list[ReceivedRequest] = []

    async def run() -> None:
        ca_file = str(shown) if trusted else None
        async with (
            serving(answering_with(answer(404, b""), asked=asked), tls) as address,
            HttpCentral(address, "the-token", ca_file=ca_file) as central,
        ):
            await central.hello(GREETING)

    with pytest.raises(SyncError) as caught:
        asyncio.run(run())
    assert not any("authorization" in request.headers for request in asked)
    return caught.value


def test_an_expired_certificate_says_since_when(tmp_path: Path) -> None:
    """An expired certificate is told as that, with its last day and this machine's clock; no token is sent."""
    error = failing_tls(tmp_path, certificate=(-30, -2, "127.0.0.1", "127.0.0.1"))
    assert type(error) is CertificateExpired
    last = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))) - dt.timedelta(days=2)
    assert f"expired on {last:%Y-%m-%d}" in str(error)


def test_a_certificate_of_the_future_asks_for_the_clock(tmp_path: Path) -> None:
    """A certificate that is not valid yet names its first day and asks whether this machine's clock is right."""
    error = failing_tls(tmp_path, certificate=(365, 700, "127.0.0.1", "127.0.0.1"))
    assert type(error) is CertificateNotYetValid
    first = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))) + dt.timedelta(days=365)
    assert f"only from {first:%Y-%m-%d}" in str(error)
    assert "clock" in error.remedy


@pytest.mark.parametrize(("names", "named"), [(("10.9.8.7", "10.9.8.6"), "10.9.8.7 10.9.8.6"), ((), "CN=old.example")])
def test_a_certificate_of_another_name_says_which_names_it_has(
    tmp_path: Path, names: tuple[str, ...], named: str
) -> None:
    """A certificate for other names says which; one with none but the common name, which counts no more, says that."""
    error = failing_tls(tmp_path, certificate=(-1, 1, "old.example", *names))
    assert type(error) is CertificateWrongName
    assert f"not for 127.0.0.1, but for: {named}." in str(error)


def test_an_unknown_authority_is_named(tmp_path: Path) -> None:
    """A certificate signed by nobody that this machine trusts names who signed it, for whom and for which days: it may
    be of another name, or this machine's clock may be wrong, too."""
    error = failing_tls(tmp_path, trusted=False, certificate=(365, 700, "Some Office", "10.9.8.7"))
    assert type(error) is UntrustedCertificate
    now = dt.datetime.now(dt.timezone(dt.timedelta(hours=8)))
    assert "CN=Some Office" in str(error) and " as 10.9.8.7, " in str(error)
    assert f"{now + dt.timedelta(days=365):%Y-%m-%d}" in str(error) and f"here it is {now:%Y-%m-%d}" in str(error)


def test_a_server_without_tls_is_told_as_that() -> None:
    """https to a server that does not speak it is not told as a certificate's fault, nor as nobody there."""

    async def run() -> None:
        async with (
            serving(answering_with(answer(400, b""))) as address,
            HttpCentral(address.replace("http:", "https:"), None, timeouts=Timeouts(connect=1)) as central,
        ):
            await central.hello(GREETING)

    with pytest.raises(NotTheCentral, match="does not speak TLS"):
        asyncio.run(run())


# Proxies


@pytest.mark.parametrize(
    ("variable", "value", "shown"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:7890", "socks5://127.0.0.1:7890"),
        ("all_proxy", "socks5h://user:secret@127.0.0.1:7890", "socks5h://127.0.0.1:7890"),
        ("HTTPS_PROXY", "http://[::1", "http://[::1"),
        ("HTTPS_PROXY", "http://xn--zz:1", "http://xn--zz:1"),
        ("https_proxy", "http://127.0.0.1:notaport", "http://127.0.0.1:notaport"),
        ("https_proxy", "127.0.0.1:99999", "http://127.0.0.1:99999"),
        ("HTTPS_PROXY", "http://127.0.0.1:-1", "http://127.0.0.1:-1"),
    ],
)
def test_a_proxy_that_cannot_be_used_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, shown: str
) -> None:
    """A proxy variable that httpx cannot use is an error of ours with the variable's name, never a traceback, and shows
    no password."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadProxy) as caught:
        HttpCentral(CENTRAL, "the-token")
    assert (caught.value.values["origin"], caught.value.values["proxy"]) == (variable, shown)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("exceptions", "address", "is_asked"),
    [
        ("localhost,127.0.0.0/8,::1,fe80::/10,[fd00::]/8", CENTRAL, True),
        ("fe80::/10,.gov.cn", CENTRAL, False),
        ("*", CENTRAL, False),
        ("fe80::/10,10.0.0.0/8", "https://10.1.2.3:8443", False),
        ("fe80::/10", "https://[fe80::1]:8443", False),
        ("10.0.0.0/8", "http://127.0.0.1:1", False),
        ("", CENTRAL, True),
    ],
)
def test_exceptions_from_the_proxy_may_be_networks(
    monkeypatch: pytest.MonkeyPatch, exceptions: str, address: str, is_asked: bool
) -> None:
    """``no_proxy`` with networks, of either version, is obeyed and breaks nothing."""
    monkeypatch.setenv("ALL_PROXY", "127.0.0.1:7890")
    monkeypatch.setenv("no_proxy", exceptions)
    setting = proxy_for(address)
    assert (setting is not None) is is_asked
    assert setting is None or setting == ("http://127.0.0.1:7890", "http://127.0.0.1:7890", "ALL_PROXY")
    HttpCentral(address, "the-token")


def calling_central() -> SyncError:
    """The error of a hello to a central behind a proxy."""

    async def run() -> None:
        async with HttpCentral(CENTRAL, "the-token") as central:
            await central.hello(GREETING)

    with pytest.raises(SyncError) as caught:
        asyncio.run(run())
    return caught.value


@pytest.mark.parametrize(
    ("cause", "remedy"),
    [
        (CentralUnreachable(central="c", detail="nothing answers there"), "guanjia join"),
        (ProxyUnreachable(central="c", proxy="p", origin="ALL_PROXY", detail="nothing answers there"), "ALL_PROXY"),
    ],
)
def test_a_join_without_a_connection_speaks_of_no_next_round(cause: CentralUnreachable, remedy: str) -> None:
    """Who joins has no round to come and nothing that waits: the error says that the code is still good."""
    told = NotJoined(cause)
    what, data, todo = told.localized()
    assert (told.code, what) == (cause.code, cause.localized()[0])
    assert "the code can still be used" in data
    assert remedy in todo


def test_a_proxy_that_is_away_is_told_from_a_central_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nobody at the proxy's port the error names the proxy and its variable, not the central."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("ALL_PROXY", f"http://user:secret@127.0.0.1:{port}")
    error = calling_central()
    assert type(error) is ProxyUnreachable
    assert f"The proxy http://127.0.0.1:{port}, named by ALL_PROXY," in str(error)
    assert "secret" not in str(error) + error.evidence


@pytest.mark.parametrize("status", [b"407 Proxy Authentication Required", b"502 Bad Gateway"])
def test_a_proxy_that_opens_no_tunnel_says_why(monkeypatch: pytest.MonkeyPatch, status: bytes) -> None:
    """A proxy that refuses the connection is named with its answer."""

    async def run() -> SyncError:
        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        return await asyncio.to_thread(calling_central)

    error = asyncio.run(run())
    assert type(error) is ProxyRefused
    assert status.decode() in str(error)
    assert "https_proxy" in str(error)


# Who answered


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer(200, HTML, "text/html; charset=utf-8"), CaptivePortal),
        (answer(511, HTML, "text/html"), CaptivePortal),
        (answer(302, HTML, "text/html", location="http://login.hotel/"), CaptivePortal),
        (answer(301, HTML, "text/html", location="/elsewhere"), NotTheCentral),
        (answer(303, b"", "text/html", location="https://127.0.0.1/v1/hello"), NotTheCentral),
        (answer(200, b"", "text/html"), NotTheCentral),
        (answer(200, b'{"result": "login"}'), NotTheCentral),
        (answer(405, HTML, "text/html"), NotTheCentral),
        (answer(408, b"", "text/plain"), GatewayFailure),
        (answer(500, HTML, "text/html"), GatewayFailure),
        (answer(521, HTML, "text/html"), GatewayFailure),
        (answer(401, b'{"code": "unknown_token", "detail": "", "missing": true}'), TokenRemoved),
        (b"220 mail.example.gov.cn ESMTP\r\n\r\n", NotTheCentral),
        (answer(502, HTML, "text/html"), GatewayFailure),
        (answer(503, HTML, "text/html"), GatewayFailure),
        (answer(504, b"upstream", "text/plain"), GatewayFailure),
        (answer(404, HTML, "text/html"), NotTheCentral),
        (answer(401, HTML, "text/html"), NotTheCentral),
        (answer(403, HTML, "text/html"), FirewallRefusal),
        (answer(403, b'{"message": "blocked"}'), FirewallRefusal),
        (answer(413, HTML, "text/html"), RequestTooLarge),
        (answer(413, b'{"message": "too large"}'), RequestTooLarge),
        (answer(413, b'{"code": "too_large", "detail": ""}'), RequestTooLarge),
        (answer(507, b'{"code": "disk_full", "detail": ""}', retry_after="60"), CentralDiskFull),
    ],
)
def test_who_answered_in_the_centrals_place_is_told(reply: bytes, error: type[SyncError]) -> None:
    """A login page is one only when it is: gateways, firewalls and other servers are told as what they are."""
    assert type(failing(answering_with(reply))) is error


def test_a_firewall_is_told_by_more_than_403_once_the_central_has_answered() -> None:
    """Some firewalls answer 405 or 406. Before the central was heard that may be any web server; afterwards it is
    something on the way that refuses this request, and smaller or uncompressed ones are tried."""

    async def reply(request: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, WELCOME) if request.path == protocol.HELLO else answer(405, HTML, "text/html"))

    async def run() -> None:
        async with serving(reply) as address, HttpCentral(address, "the-token") as central:
            await central.hello(GREETING)
            await central.push([b"{}"])

    with pytest.raises(FirewallRefusal):
        asyncio.run(run())


def test_a_firewall_that_reads_no_zstd_is_passed_uncompressed() -> None:
    """Where a compressed request is refused by a firewall it is sent as it is, and so are those after it."""
    asked: list[ReceivedRequest] = []
    pushed = answer(200, orjson.dumps({"outcomes": [], "time": 5}))

    async def firewall(request: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        asked.append(request)
        writer.write(answer(403, HTML, "text/html") if "content-encoding" in request.headers else pushed)

    async def run() -> None:
        async with serving(firewall) as address, HttpCentral(address, "the-token") as central:
            for _ in range(2):
                await central.push([b'"' + b"x" * 5_000 + b'"'])

    asyncio.run(run())
    assert ["content-encoding" in request.headers for request in asked] == [True, False, False]


def test_an_answer_that_a_gateway_packed_is_read() -> None:
    """gzip was not asked for, but is read, within the same bound."""
    packed = answer(200, gzip.compress(WELCOME), content_encoding="gzip")

    async def run(bound: int) -> int:
        async with (
            serving(answering_with(packed)) as address,
            HttpCentral(address, "the-token", max_answer_bytes=bound) as central,
        ):
            return (await central.hello(GREETING)).time

    assert asyncio.run(run(1_000)) == 5
    with pytest.raises(NotTheCentral):
        asyncio.run(run(20))


# Slow and broken lines


def test_a_connection_that_ends_in_an_answer_is_told_as_that() -> None:
    """A page that never comes whole is no answer of another program."""

    async def cutting(request: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        del request
        writer.write(answer(200, WELCOME)[:-3])
        await writer.drain()
        writer.close()

    assert type(failing(cutting)) is ConnectionCut


@pytest.mark.parametrize("closes", [True, False])
def test_how_much_of_an_answer_had_arrived_is_known(closes: bool) -> None:
    """Where an answer stops in its middle, by an end or by silence, the error says how much of it came."""
    whole = answer(200, WELCOME)

    async def stopping(request: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        del request
        writer.write(whole[: -len(WELCOME) // 2])
        await writer.drain()
        if closes:
            writer.close()

    async def run() -> None:
        timeouts = Timeouts(read=0.1, max_retries=0)
        async with serving(stopping) as address, HttpCentral(address, "the-token", timeouts=timeouts) as central:
            await central.hello(GREETING)

    with pytest.raises(ConnectionCut if closes else SlowConnection) as caught:
        asyncio.run(run())
    assert 0.4 < caught.value.arrived < 0.6


def test_a_slow_line_that_goes_on_moving_is_waited_for() -> None:
    """An answer that takes longer than the base time of its call, but comes faster than the lowest rate, arrives."""
    whole = answer(200, WELCOME)

    async def slowly(request: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        del request
        for start in range(0, len(whole), 20):
            writer.write(whole[start : start + 20])
            await writer.drain()
            await asyncio.sleep(0.02)

    async def run() -> int:
        timeouts = Timeouts(call=0.1, minimum_rate=300)
        async with serving(slowly) as address, HttpCentral(address, "the-token", timeouts=timeouts) as central:
            return (await central.hello(GREETING)).time

    assert asyncio.run(run()) == 5


def test_no_drip_feed_lasts_for_ever() -> None:
    """However fast it comes, an answer that never ends is given up when it has taken what its call may need."""

    async def endless(request: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        del request
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" " * 2_000)
            await writer.drain()
            await asyncio.sleep(0.001)

    async def run() -> None:
        timeouts = Timeouts(call=0.05, minimum_rate=1e6)
        async with serving(endless) as address, HttpCentral(address, "the-token", timeouts=timeouts) as central:
            await central.hello(GREETING)

    with pytest.raises(CentralUnreachable):
        asyncio.run(run())


# Codes


def codes_below(error: type[SyncError]) -> set[str]:
    """The codes of an error class and of all that derive from it."""
    return {error.code}.union(*(codes_below(sub) for sub in error.__subclasses__()))


def test_every_cause_has_a_stable_code_that_counts_as_offline() -> None:
    """Every error of a central that was not reached has a code of its own, by which commands exit 4 and screens say
    offline."""
    assert codes_below(CentralUnreachable) == set(UNREACHABLE_CODES)
    assert len(UNREACHABLE_CODES) == len(set(UNREACHABLE_CODES))


def test_no_cause_is_told_in_english_alone() -> None:
    """Whatever the program itself says of an answer is one of the causes that have words in each language."""
    said = set[str]()
    for path in (Path(__file__).parents[3] / "sync").rglob("*.py"):
        if "central" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in _SAYING:
                texts = [*node.args, *(each.value for each in node.keywords if each.arg == "detail")]
                parts = [part.value for text in texts for part in ast.walk(text) if isinstance(part, ast.Constant)]
                said |= {part for part in parts if isinstance(part, str) and " " in part}
    assert said <= set(FAMILIES["network_cause"])


def test_httpx_raises_nothing_else_for_an_address() -> None:
    """An address that httpx would refuse in its constructor is refused as an address."""
    with pytest.raises(BadAddress):
        HttpCentral("https://central\x7f.example", None)
