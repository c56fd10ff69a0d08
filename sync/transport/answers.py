"""What an answer is: the central's, or whose else. Only JSON of the central is believed; whatever else answers gets the
error that says what it is: a login page, a gateway, a firewall, another program.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
import orjson
import zstandard

from store.values.text import sanitize
from sync import protocol
from sync.exceptions import (
    AmbiguousName,
    BadInvite,
    BadRole,
    CaptivePortal,
    CentralBusy,
    CentralClockWrong,
    CentralDiskFull,
    CentralUnreachable,
    DeviceRefused,
    DeviceReplaced,
    DeviceUnknown,
    DistrictMismatch,
    FirewallRefusal,
    GatewayFailure,
    HomeCopied,
    LastBureauDevice,
    NoSuchCode,
    NotForThisRole,
    NothingToReadmit,
    NotTheCentral,
    OtherPerson,
    PersonNotSpecified,
    RequestDeclined,
    RequestTooLarge,
    SyncError,
    TokenExpired,
    TokenRemoved,
    TooManyDevices,
    TooManyRequests,
    UnknownName,
    UpgradeRequired,
)
from sync.transport.busy import CentralLoaded

DEFAULT_RETRY_AFTER_S = 60
"""How long to wait when the central does not say how long."""
MAX_RETRY_AFTER_S = 3_600
MAX_LIST_LENGTH = 2_000
"""Characters of a list of candidates, which has their ids."""
_MOST_DIGITS = 9
"""Digits of a number of seconds that is read: Python refuses to read one of thousands."""
JSON, HTML, ZSTD, GZIP = "application/json", "text/html", "zstd", "gzip"
RAW = "application/octet-stream"
_CLIENT_CLOSED = 499
"""What nginx notes when the other side hung up."""
_GATEWAY = (HTTPStatus.REQUEST_TIMEOUT, _CLIENT_CLOSED)
"""With every failure from 500 on: what says so in other words than the central's stands before it."""
_FIREWALL = (
    HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.IM_A_TEAPOT,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
)  # fmt: skip
"""What firewalls answer too, once it is known that the central is there: a web server may answer the same."""
_PORTAL = (HTTPStatus.OK, HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED)

_REFUSED_JOINS: dict[str, tuple[type[SyncError], tuple[str, ...]]] = {
    BadInvite.code: (BadInvite, ()),
    DistrictMismatch.code: (DistrictMismatch, ("ours", "theirs")),
    OtherPerson.code: (OtherPerson, ("ours", "theirs")),
    TooManyDevices.code: (TooManyDevices, ("most",)),
    HomeCopied.code: (HomeCopied, ()),
}
"""Refusals of a join or a push by their code, and the fields of the answer that their texts need."""

_REFUSED_ADMIN: dict[str, tuple[type[SyncError], tuple[str, ...]]] = {
    NotForThisRole.code: (NotForThisRole, ()),
    UnknownName.code: (UnknownName, ("what_kind", "name")),
    AmbiguousName.code: (AmbiguousName, ("what_kind", "name", "candidates")),
    PersonNotSpecified.code: (PersonNotSpecified, ("name", "candidates")),
    BadRole.code: (BadRole, ("detail", "roles")),
    LastBureauDevice.code: (LastBureauDevice, ("name",)),
    NoSuchCode.code: (NoSuchCode, ("name",)),
    NothingToReadmit.code: (NothingToReadmit, ("name",)),
}
"""Refusals of the bureau's calls, in the same way."""

_REFUSED_DEVICES: dict[str, type[DeviceRefused]] = {
    "replaced": DeviceReplaced,
    "unknown_token": DeviceUnknown,
    "expired": TokenExpired,
}
"""Refusals of a token that say more than that it is refused."""

JsonAnswer = dict[str, object]


def read_answer(
    central: str, response: httpx.Response, raw: bytes, *, max_bytes: int, sent: int, is_proven: bool = False
) -> JsonAnswer:
    """The decoded JSON object of a 200 from the central. Raises the error of any other answer; ``sent`` is the size of
    the request, ``max_bytes`` the largest decompressed answer, ``is_proven``: the central has answered before."""
    status = response.status_code
    answer = _decode(response, raw, max_bytes) if content_type(response) == JSON else None
    if status == HTTPStatus.OK and answer is not None:
        return answer
    code = answer.get("code") if answer is not None else None
    if answer is not None and code == CentralClockWrong.code:
        off_ms = answer.get("off_ms")
        raise CentralClockWrong.off_by_ms(off_ms if isinstance(off_ms, int) else 0)
    if answer is not None and isinstance(code, str):
        raise _refusal(central, status, code, answer, response, sent)
    raise _stranger(central, response, sent, is_empty=not raw, is_proven=is_proven)


def refused_by_code(status: int, code: str, answer: JsonAnswer, central: str = "") -> SyncError:
    """The error of the central's own refusal, whichever way it came: its status, its code, and what its text needs."""
    if status == HTTPStatus.UNAUTHORIZED:
        removed = TokenRemoved(central=central, detail=f"HTTP {status}, {truncated(code)}")
        days = truncated(answer.get("days", "?"))
        refused = _REFUSED_DEVICES.get(code, DeviceRefused)(detail=truncated(code), days=days)
        return removed if answer.get("missing") is True else refused
    if status == HTTPStatus.UPGRADE_REQUIRED:
        versions = {name: truncated(answer.get(name, "?")) for name in ("min", "max")}
        return UpgradeRequired(ours=protocol.PROTOCOL, **versions)
    if code in _REFUSED_JOINS:
        refusal, fields = _REFUSED_JOINS[code]
        return refusal(**{name: truncated(answer.get(name, "?")) for name in fields})
    if code in _REFUSED_ADMIN:
        refusal, fields = _REFUSED_ADMIN[code]
        return refusal(**{name: sanitize(str(answer.get(name, "?")))[:MAX_LIST_LENGTH] for name in fields})
    return RequestDeclined(detail=f"{truncated(code)}: {truncated(answer.get('detail', ''))}")


def content_type(response: httpx.Response) -> str:
    """The media type of an answer, in lower case and without parameters."""
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()


def truncated(text: object) -> str:
    """Text of the other side, fit to be shown."""
    return sanitize(str(text))[:200]


def _decode(response: httpx.Response, raw: bytes, max_bytes: int) -> JsonAnswer | None:
    """The JSON object of a body, decompressed up to a bound; None for anything else. gzip was not asked for, but some
    gateways compress whatever passes."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    try:
        if encoding == ZSTD:
            plain = zstandard.ZstdDecompressor().stream_reader(raw).read(max_bytes + 1)
        elif encoding == GZIP:
            plain = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(raw, max_bytes + 1)
        else:
            plain = raw if encoding == "identity" else b""
        answer = orjson.loads(plain) if len(plain) <= max_bytes else None
    except (zstandard.ZstdError, zlib.error, orjson.JSONDecodeError):
        return None
    return answer if isinstance(answer, dict) else None


def _refusal(
    central: str, status: int, code: str, answer: JsonAnswer, response: httpx.Response, sent: int
) -> SyncError:
    """The error of an answer with a code: the central's own refusals."""
    if code == protocol.BUSY:
        return CentralLoaded(central=central, retry_after=_retry_after(response))
    if error := _away(central, status, response, sent, truncated(code)):
        return error
    return refused_by_code(status, code, answer, central)


def _away(central: str, status: int, response: httpx.Response, sent: int, detail: str) -> CentralUnreachable | None:
    """The error of a status that says: not now, or not so much. None for other statuses."""
    wait = {"central": central, "retry_after": _retry_after(response)}
    detail = f"HTTP {status}, {detail}"
    errors: dict[int, CentralUnreachable] = {
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: RequestTooLarge(central=central, size=sent, detail=detail),
        HTTPStatus.TOO_MANY_REQUESTS: TooManyRequests(**wait),
        HTTPStatus.SERVICE_UNAVAILABLE: CentralBusy(**wait),
        HTTPStatus.INSUFFICIENT_STORAGE: CentralDiskFull(**wait),
    }
    if status in errors:
        return errors[status]
    is_failure = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return CentralUnreachable(central=central, detail=detail) if is_failure else None


def _stranger(
    central: str, response: httpx.Response, sent: int, *, is_empty: bool, is_proven: bool
) -> CentralUnreachable:
    """The error of an answer without a code: whose is it?"""
    kind, status = content_type(response), response.status_code
    detail = f"HTTP {status}, {truncated(kind) or '?'}"
    if response.is_redirect:
        to = urlsplit(truncated(response.headers.get("location", "")))
        detail = f"HTTP {status} → {to.netloc or to.path or '?'}"
        is_portal = to.hostname not in (None, urlsplit(central).hostname) and kind in (HTML, "")
    else:
        is_portal = status in _PORTAL and kind == HTML and not is_empty
    if is_portal:
        return CaptivePortal(central=central, detail=detail)
    if status == HTTPStatus.FORBIDDEN or (is_proven and status in _FIREWALL):
        return FirewallRefusal(central=central, detail=detail)
    if status in _GATEWAY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = _retry_after(response) if status == HTTPStatus.SERVICE_UNAVAILABLE else 0
        return GatewayFailure(central=central, detail=detail, retry_after=wait)
    if error := _away(central, status, response, sent, truncated(kind) or "?"):
        return error
    return NotTheCentral(central=central, detail="its answer cannot be read" if kind == JSON else detail)


def _retry_after(response: httpx.Response) -> int:
    """Seconds to wait, at least one and at most an hour. A date is relative to the answer's own, since our clock may be
    wrong."""
    value = response.headers.get("retry-after", "")
    seconds: float = DEFAULT_RETRY_AFTER_S
    if re.fullmatch("[0-9]+", value):
        seconds = MAX_RETRY_AFTER_S if len(value) > _MOST_DIGITS else int(value)
    elif value:
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            until, now = (parsedate_to_datetime(text) for text in (value, response.headers.get("date", "")))
            seconds = (until - now).total_seconds()
    return int(min(max(seconds, 1), MAX_RETRY_AFTER_S))
