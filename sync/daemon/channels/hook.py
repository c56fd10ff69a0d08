"""The office's gateway: the message as JSON by HTTPS, signed so that the gateway knows whose it is.

``X-Guanjia-Signature`` is ``v1=`` and the HMAC-SHA-256, in hexadecimal, of the timestamp's digits, a full stop and the
body; ``X-Guanjia-Timestamp`` are seconds since 1970, so that a gateway can refuse what somebody sends again. Redirects
are not followed, no answer is read but its status, and the whole call has one deadline.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets

import httpx

from store.exceptions import BadSetting, InsecureCredentials
from store.home.credentials import read_private
from store.home.exceptions import ReminderKeyOpen
from store.home.paths import Home, write_private
from store.values.text_files import decode_secret
from sync.daemon.channels import DEADLINE_S, ChannelOutcome
from sync.exceptions import BadAddress, BadProxy, InsecureAddress
from sync.transport.endpoint import is_loopback, ssl_context
from sync.transport.proxy import proxy_for

SIGNATURE, TIMESTAMP = "X-Guanjia-Signature", "X-Guanjia-Timestamp"


def hook_key(home: Home) -> str:
    """The key that signs what this home sends; made when it is first asked for. Raises `ReminderKeyOpen` where others
    can read it."""
    try:
        if (kept := read_private(home.reminder_key)) is None:
            write_private(home.reminder_key, f"{secrets.token_hex(32)}\n".encode())
            kept = read_private(home.reminder_key)
    except InsecureCredentials:
        raise ReminderKeyOpen(path=home.reminder_key) from None
    if key := decode_secret(kept or b"").strip():
        return key
    raise ReminderKeyOpen(path=home.reminder_key)


def signature_of(key: str, timestamp: int, body: bytes) -> str:
    """The value of the signature's header."""
    signed = f"{timestamp}.".encode() + body
    return f"v1={hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()}"


def post_to_hook(
    url: str, body: bytes, key: str, timestamp: int, ca_file: str | None = None, deadline_s: float = DEADLINE_S
) -> ChannelOutcome:
    """Post the message; any status of 200 to 299 is yes."""
    try:
        return asyncio.run(_post(url, body, key, timestamp, ca_file, deadline_s))
    except (TimeoutError, httpx.TimeoutException):
        return "timeout"
    except (httpx.HTTPError, httpx.StreamError, OSError):
        return "unreachable"
    except (BadSetting, BadProxy, BadAddress, InsecureAddress, httpx.InvalidURL, ValueError):
        return "bad_setting"


async def _post(
    url: str, body: bytes, key: str, timestamp: int, ca_file: str | None, deadline_s: float
) -> ChannelOutcome:
    address = httpx.URL(url)
    if address.scheme != "https" and not (address.scheme == "http" and is_loopback(address.host)):
        return "bad_setting"
    proxy = proxy_for(url)
    headers = {
        "content-type": "application/json",
        "user-agent": "guanjia",
        TIMESTAMP: str(timestamp),
        SIGNATURE: signature_of(key, timestamp, body),
    }
    client = httpx.AsyncClient(
        verify=ssl_context(ca_file) if address.scheme == "https" else False,
        proxy=proxy.url if proxy else None,
        trust_env=False,
        follow_redirects=False,
        timeout=deadline_s,
    )
    async with (
        asyncio.timeout(deadline_s),
        client,
        client.stream("POST", address, content=body, headers=headers) as got,
    ):
        if got.is_success:
            return "sent"
        return "redirected" if got.is_redirect else "refused"
