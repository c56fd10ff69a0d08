"""Trust a central that is its own authority: by the pin that its address carries (``sync/protocol/authority.py``)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from store.home.settings import Settings
from sync.protocol.authority import (
    AUTHORITY,
    PIN_DIGITS,
    AuthorityAnswer,
    AuthorityRequest,
    authority_message,
    pin_of,
)
from sync.transport.answers import JSON, content_type
from sync.transport.client import SMALL_ANSWER_BYTES, Timeouts
from sync.transport.endpoint import check_address
from sync.transport.exceptions import BadPin, OtherAuthority
from sync.transport.failures import connection_error
from sync.transport.proxy import proxy_for

_BETWEEN = re.compile(r"[\s:·-]+")
"""What may stand between the digits of a pin, as people write them in groups."""


class JoinAddress(NamedTuple):
    """A central's address, and the pin of its key; empty where the address has none."""

    address: str
    pin: str


def parse_join_address(text: str) -> JoinAddress:
    """The address that was typed, with or without a pin after ``#``. Raises `BadAddress`, `BadPin`,
    `InsecureAddress`."""
    address, mark, rest = text.strip().partition("#")
    checked = check_address(address)
    pin = _BETWEEN.sub("", rest).lower()
    if mark and not re.fullmatch(f"[0-9a-f]{{{PIN_DIGITS}}}", pin):
        raise BadPin(central=text)
    return JoinAddress(checked, pin if checked.startswith("https:") else "")


def with_pin(address: str, sign_key: str) -> str:
    """The address of a central with the pin of this key, in groups of four."""
    pin = pin_of(sign_key)
    return f"{address}#" + "-".join(pin[i : i + 4] for i in range(0, PIN_DIGITS, 4))


def ask_authority(joined: JoinAddress, timeouts: Timeouts = Timeouts()) -> str:  # noqa: B008 - immutable
    """The certificate (PEM) of the authority of the central with this pin; empty where the address has none. Raises
    `OtherAuthority`, or `CentralUnreachable`."""
    return asyncio.run(_ask(joined, timeouts)) if joined.pin else ""


async def _ask(joined: JoinAddress, timeouts: Timeouts) -> str:
    try:
        async with asyncio.timeout(timeouts.call):
            body = await _fetch(joined, timeouts)
    except TimeoutError:
        raise await connection_error(httpx.ReadTimeout(""), joined.address, proxy_for(joined.address)) from None
    try:
        answer = AuthorityAnswer.model_validate_json(body)
    except ValidationError:
        raise OtherAuthority(central=joined.address) from None
    if not is_named_by(joined.pin, answer):
        raise OtherAuthority(central=joined.address)
    return answer.certificate


async def _fetch(joined: JoinAddress, timeouts: Timeouts) -> bytes:
    """The answer of whoever is there: the connection proves nothing, so nothing but the pin is sent on it."""
    anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE
    proxy = proxy_for(joined.address)
    body = b""
    try:
        async with (
            httpx.AsyncClient(
                verify=anything, proxy=proxy.url if proxy else None, trust_env=False,
                timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect),
            ) as client,
            client.stream(
                "POST", f"{joined.address}{AUTHORITY}", content=AuthorityRequest(pin=joined.pin).model_dump_json(),
                headers={"accept": JSON, "content-type": JSON, "accept-encoding": "identity"},
            ) as response,
        ):  # fmt: skip
            if response.status_code != httpx.codes.OK or content_type(response) != JSON:
                raise OtherAuthority(central=joined.address)
            async for part in response.aiter_raw():
                body += part
                if len(body) > SMALL_ANSWER_BYTES:
                    raise OtherAuthority(central=joined.address)
    except httpx.TransportError as error:
        raise await connection_error(error, joined.address, proxy) from None
    return body


def is_named_by(pin: str, answer: AuthorityAnswer) -> bool:
    """Whether the key that has this pin has signed the answer, and what it names is a certificate."""
    try:
        if pin_of(answer.key) != pin:
            return False
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(answer.key))
        key.verify(bytes.fromhex(answer.signature), authority_message(answer.certificate))
        return len(x509.load_pem_x509_certificates(answer.certificate.encode())) == 1
    except (InvalidSignature, ValueError):
        return False


@contextlib.contextmanager
def trusting(settings: Settings, authority: str) -> Iterator[Settings]:
    """The settings by which calls trust this authority (PEM), while they are made; as they are without one, or where
    they name another by themselves."""
    if not authority or settings.ca_file:
        yield settings
        return
    descriptor, name = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(authority)
        yield settings._replace(ca_file=name)
    finally:
        Path(name).unlink(missing_ok=True)
