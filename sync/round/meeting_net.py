"""Meetings over a local network: one device shows a code (``meeting_code.py``), others type it.

https with a certificate that is made for the meeting and kept in memory only. Nobody vouches for it; the code does:
both sides prove that they know the code by an HMAC whose key follows from the code and from the fingerprint of the
certificate that they see (scrypt, so that what somebody between them records cannot be searched for the code). Who does
not know it learns nothing but that a meeting is there, and is asked no more after a few attempts from one address. Then
cards and bundles are exchanged as in a folder (``meeting.py``): these are encrypted and signed by themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hmac
import http.client
import logging
import os
import socket
import ssl
import tempfile
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from store.db.device_facts import read_device_facts
from store.home.paths import Home
from store.home.settings import Settings
from sync.device.device import Device
from sync.device.meetings import CARD
from sync.protocol import MAX_CARD_BYTES, WireMessage
from sync.protocol.bundle.exceptions import MeetingFailed, WrongMeetingCode
from sync.protocol.meeting import MAX_MEETING_BYTES, MAX_MEETING_LINES
from sync.round.meeting import MAX_PAGES, MetColleague, card_of_other, require_card
from sync.round.meeting_code import PORTS, MeetingAddress, new_code, place_in, proof_key, prove
from sync.round.meeting_exchange import Exchange, Given, Greeting, HostGreeting, give_next, take_given

GREET, EXCHANGE = "/meeting/1/greet", "/meeting/1/exchange"
MAX_WRONG = 5
"""So many wrong proofs from one address, and nothing more is answered there."""
MAX_CONNECTIONS, MAX_FROM_ONE = 32, 4
"""The most connections at a time, in all and from one address: who holds some open shuts nobody else out."""
TIMEOUT_S = 30.0
"""How long each part of a message may take."""
GREET_S = 20.0
"""So long may a connection take until it has proven to know the code, however busily it sends."""
_MAX_BODY = MAX_MEETING_BYTES * 4 // 3 + 4 * MAX_CARD_BYTES
_SMALL_BODY = 4_096
_LOG = logging.getLogger("guanjia.sync")


# The host


@contextlib.contextmanager
def hosting(
    home: Home,
    settings: Settings,
    on_met: Callable[[MetColleague], None],
    host: str | None = None,
    port: int = PORTS[0],
    greet_s: float = GREET_S,
    page_lines: int = MAX_MEETING_LINES,
) -> Iterator[MeetingAddress]:
    """While the block runs, whoever has the code, and shows it within ``greet_s`` seconds, may meet this device;
    ``on_met`` is told of each, in another thread. It ends once those who have come have their answers.
    Raises `NotEnrolled`, `NoCard`, `MeetingFailed`, or an error of opening the home."""
    with Device.open(home, settings) as device:
        asyncio.run(device.run_in_store(require_card, device))
        certificate, context = _certificate()
        server = _listening(context, host or "", port)
        place, at_port = host or own_address(), int(server.server_address[1])
        code = new_code(place, at_port)
        server.room = room = _Room(device, proof_key(code, certificate), on_met, page_lines)
        server.greet_s = greet_s
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="meeting")
        thread.start()
        try:
            yield MeetingAddress(place, at_port, code)
        finally:
            server.shutdown()
            thread.join()
            room.wait_for_guests()
            server.server_close()


def own_address() -> str:
    """The address by which others on the network most likely reach this machine. Nothing is sent to find it. A network
    that leads nowhere else has no way to the first place that is tried, perhaps to the second."""
    for elsewhere in ("192.0.2.1", "169.254.255.254"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
            probe.connect((elsewhere, 9))
            return str(probe.getsockname()[0])
    with contextlib.suppress(OSError):
        named = socket.gethostbyname_ex(socket.gethostname())[2]
        return next((address for address in named if not address.startswith("127.")), "127.0.0.1")
    return "127.0.0.1"


class _Room:
    """What the handlers of one meeting share: its device, the key of its proofs, and who typed a wrong code."""

    def __init__(self, device: Device, key: bytes, on_met: Callable[[MetColleague], None], page_lines: int) -> None:
        self.device, self.key, self.on_met, self.page_lines = device, key, on_met, page_lines
        self.wrong: Counter[str] = Counter()
        self.lock = threading.Lock()
        self._connections: Counter[str] = Counter()
        self._count_lock = threading.Lock()
        self._guests, self._guests_changed = 0, threading.Condition()

    def note_guest(self, change: int) -> None:
        """A guest who has shown the code has come (1), or its connection has ended (-1)."""
        with self._guests_changed:
            self._guests += change
            self._guests_changed.notify_all()

    def wait_for_guests(self) -> None:
        """Wait until every guest who has come has its answer, unless one is too slow."""
        with self._guests_changed:
            self._guests_changed.wait_for(lambda: not self._guests, TIMEOUT_S)

    def let_in(self, address: str) -> bool:
        """Whether there is room for another connection from this address; `leave` makes room again."""
        with self._count_lock:
            has_room = self._connections.total() < MAX_CONNECTIONS and self._connections[address] < MAX_FROM_ONE
            self._connections[address] += has_room
            return has_room

    def leave(self, address: str) -> None:
        """A connection from this address has ended."""
        with self._count_lock:
            self._connections[address] -= 1

    def card(self) -> str:
        """The card of this device, to be shown to who has proven to know the code."""
        return asyncio.run(self.device.run_in_store(_card_text, self.device))

    def exchange(self, guest: Given, so_far: Exchange) -> Exchange | None:
        """Take in what a guest gives, and make what it may see. None for a guest without a good card."""
        with self.lock:
            return asyncio.run(self.device.run_in_store(self._exchange, guest, so_far))

    def _exchange(self, guest: Given, so_far: Exchange) -> Exchange | None:
        other = so_far.other or card_of_other(self.device, guest.card)
        if other is None:
            return None
        begun = so_far._replace(other=other, met=so_far.met._replace(name=other.name))
        taken = take_given(self.device, begun, guest)  # first: it is signed, so the guest is whose card it shows
        return give_next(self.device, taken)


def _card_text(device: Device) -> str:
    require_card(device)
    return read_device_facts(device.ledger.database.connection())[CARD]


class _Server(ThreadingHTTPServer):
    """TLS begins in the thread of a connection, so that a silent one holds up no other; there are only so many."""

    allow_reuse_address = os.name == "posix"  # elsewhere another program could then listen on the port beside this one
    daemon_threads = True
    block_on_close = False
    request_queue_size = MAX_CONNECTIONS
    room: _Room
    context: ssl.SSLContext
    greet_s: float

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        if not self.room.let_in(str(client_address[0])):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        encrypted = deadline = None
        try:
            request.settimeout(TIMEOUT_S)
            encrypted = self.context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
            deadline = threading.Timer(self.greet_s, _cut_off, (encrypted,))
            deadline.daemon = True
            deadline.start()
            encrypted.do_handshake()
            _Handler(encrypted, client_address, self, deadline)  # rather than the class that the server was given
        except OSError as error:  # among them every failure of TLS
            _LOG.debug("a connection to the meeting ended (%s)", error)
        except Exception as error:  # whatever one guest's connection fails by, the meeting goes on
            _LOG.warning("a connection to the meeting failed (%s)", type(error).__name__)
        finally:
            if deadline is not None:
                deadline.cancel()
            self.room.leave(str(client_address[0]))
            self.shutdown_request(encrypted or request)


def _cut_off(connection: ssl.SSLSocket) -> None:
    """End what is read from a connection and written to it in another thread, below TLS."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection. ``is_known``: whoever is at its other end has proven on it to know the code."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "guanjia", ""
    timeout = TIMEOUT_S
    server: _Server

    def __init__(
        self, request: ssl.SSLSocket, client_address: tuple[str, int], server: _Server, deadline: threading.Timer
    ) -> None:
        self.is_known, self._deadline = False, deadline
        self._exchange = Exchange(page_lines=server.room.page_lines)
        self._is_told = False
        super().__init__(request, client_address, server)  # answers it

    def do_POST(self) -> None:
        """Answer a greeting or an exchange; whatever else is asked, and whoever asks it, gets the same refusal."""
        room, address = self.server.room, str(self.client_address[0])
        told = self.headers.get("Content-Length") or ""
        length = int(told) if told.isascii() and told.isdigit() and len(told) < 12 else -1
        if not 0 <= length <= (_MAX_BODY if self.is_known else _SMALL_BODY):
            self._answer(403, b"{}")
            return
        body = self.rfile.read(length)
        try:
            answer = None if room.wrong[address] >= MAX_WRONG else self._answer_to(self.path, body, address)
        except Exception as error:  # of the message, or of this machine, as a full disk
            _LOG.warning("a guest's message was not taken in (%s)", type(error).__name__)
            answer = None
        if answer is None:
            self._answer(403, b"{}")
        else:
            self._answer(200, answer.model_dump_json().encode())
        if self._exchange.is_over:
            self._tell()

    def _tell(self) -> None:
        """Tell of a guest, once it has its answer: the last one's ends the meeting."""
        if self._exchange.pages and not self._is_told:
            self._is_told = True
            self.server.room.on_met(self._exchange.met)

    def _answer_to(self, path: str, body: bytes, address: str) -> WireMessage | None:
        room = self.server.room
        if path == GREET:
            greeting = Greeting.model_validate_json(body)
            if not hmac.compare_digest(greeting.proof, prove(room.key, "guest", greeting.nonce)):
                room.wrong[address] += 1
                return None
            self._note_known()
            nonce = os.urandom(32).hex()
            proof = prove(room.key, "host", greeting.nonce, nonce)
            return HostGreeting(nonce=nonce, proof=proof, card=room.card())
        if path != EXCHANGE or not self.is_known or self._is_told:
            return None
        exchanged = room.exchange(Given.model_validate_json(body), self._exchange)
        if exchanged is None:
            return None
        self._exchange = exchanged
        return exchanged.answer

    def _note_known(self) -> None:
        self._deadline.cancel()
        if not self.is_known:
            self.is_known = True
            self.server.room.note_guest(1)

    def finish(self) -> None:
        super().finish()
        try:
            self._tell()
        finally:
            if self.is_known:
                self.server.room.note_guest(-1)

    def _answer(self, status: int, body: bytes) -> None:
        if status != 200:
            self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """To what is no request of a meeting the same refusal."""
        self._answer(403, b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Into the log of the program, not to standard error."""
        _LOG.debug("meeting: " + format, *args)


def _listening(context: ssl.SSLContext, host: str, port: int) -> _Server:
    """A server at this port; where it is taken at another, of those that a code can name if there is one."""
    others = [*(each for each in PORTS if each != port), 0] if port else []
    for each in (port, *others):
        try:
            server = _Server((host, each), BaseHTTPRequestHandler)
        except OSError as error:
            cause = _cause(error)
            continue
        server.context = context
        return server
    raise MeetingFailed(address=host or str(port), detail=cause)


def _certificate() -> tuple[bytes, ssl.SSLContext]:
    """A certificate for this meeting, as DER, and the TLS that shows it. Its key is on the disk for a moment only, in
    a folder of this user, since the library reads keys from files alone."""
    key, now = generate_private_key(SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "guanjia meeting")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with tempfile.TemporaryDirectory(prefix="guanjia-") as folder:
        path = Path(folder) / "meeting.pem"
        path.touch(mode=0o600)
        path.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )
        context.load_cert_chain(path)
    return certificate.public_bytes(Encoding.DER), context


# The guest


def meet_host(home: Home, settings: Settings, code: str, address: str | None = None) -> MetColleague:
    """Meet the device that shows this code at this address (``host`` or ``host:port``), or where the code says.
    Raises `NotEnrolled`, `NoCard`, `MistypedMeetingCode`, `WrongMeetingCode`, `MeetingFailed`, or an error of
    opening the home."""
    with Device.open(home, settings) as device:
        return asyncio.run(device.run_in_store(_meet_host, device, code, address))


def _meet_host(device: Device, code: str, typed: str | None) -> MetColleague:
    require_card(device)
    said = place_in(code) if typed is None else None
    address = typed if typed is not None else ":".join(map(str, said or ()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the code vouches for the certificate
    try:
        host, port = _place(address)
        connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
    except (ValueError, http.client.HTTPException):
        raise MeetingFailed(address=address, detail="its name is not known on this network") from None
    try:
        connection.connect()
        certificate: bytes = connection.sock.getpeercert(binary_form=True) or b""
        return _talk(device, connection, proof_key(code, certificate))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise MeetingFailed(address=address, detail=_cause(error)) from None
    finally:
        connection.close()


def _place(address: str) -> tuple[str, int]:
    """Host and port of an address as it was typed, in full width too. Raises `ValueError` for a port that is none."""
    typed = unicodedata.normalize("NFKC", address).replace("。", ".").strip()
    host, colon, port = typed.rpartition(":")
    if not colon or typed.endswith("]"):
        return typed, PORTS[0]
    if not port.isdecimal() or int(port) >= 1 << 16:
        raise ValueError("no port")
    return host, int(port)


class _NotAccepted(http.client.HTTPException):
    """The host does not answer an exchange."""


def _cause(error: Exception) -> str:
    """Why there is no connection, or no answer: one of the family ``network_cause``."""
    if isinstance(error, TimeoutError):
        return "no connection within the time"
    if isinstance(error, socket.gaierror):
        return "its name is not known on this network"
    if isinstance(error, ConnectionRefusedError):
        return "nothing answers there"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS as this machine does"
    if isinstance(error, OSError) and error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return "no way leads there from this network"
    is_broken = isinstance(error, OSError | http.client.RemoteDisconnected | http.client.IncompleteRead)
    is_refused = isinstance(error, _NotAccepted)
    answer = "it did not accept the card or the lines of this device" if is_refused else "its answer cannot be read"
    return "the connection broke off" if is_broken else answer


def _talk(device: Device, connection: http.client.HTTPSConnection, key: bytes) -> MetColleague:
    nonce = os.urandom(32).hex()
    answer = _ask(connection, GREET, Greeting(nonce=nonce, proof=prove(key, "guest", nonce)))
    greeting = HostGreeting.model_validate_json(answer)
    if not hmac.compare_digest(greeting.proof, prove(key, "host", nonce, greeting.nonce)):
        raise WrongMeetingCode()
    other = card_of_other(device, greeting.card)
    if other is None:
        raise WrongMeetingCode()
    so_far, card = Exchange(other, MetColleague(other.name, 0, 0)), _card_text(device)
    for _page in range(MAX_PAGES):
        so_far = give_next(device, so_far)
        answer = _ask(connection, EXCHANGE, so_far.answer.model_copy(update={"card": card}))
        so_far = take_given(device, so_far, Given.model_validate_json(answer))
        if so_far.is_over:
            break
    return so_far.met


def _ask(connection: http.client.HTTPSConnection, path: str, message: WireMessage) -> bytes:
    connection.request("POST", path, message.model_dump_json().encode(), {"Content-Type": "application/json"})
    response = connection.getresponse()
    body = response.read(_MAX_BODY + 1)
    if response.status != 200 and path == GREET:
        raise WrongMeetingCode()
    if response.status != 200:  # it knows the code, and may have taken in what was given before it failed
        raise _NotAccepted
    if len(body) > _MAX_BODY:
        raise http.client.HTTPException("its answer is too long")
    return body
