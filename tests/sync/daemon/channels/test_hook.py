"""The office's gateway: what it gets, how it knows whose it is, and what a hostile one cannot do."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
from pathlib import Path

import pytest

from store.home.exceptions import ReminderKeyOpen
from store.home.paths import Home
from sync.daemon.channels.hook import SIGNATURE, TIMESTAMP, hook_key, post_to_hook
from tests.sync.servers import Answering, ReceivedRequest, answer, answering_with, serving

BODY, KEY, NOW = '{"count": 1, "text": "1 项提醒"}'.encode(), "k" * 64, 1_796_000_000


def posted(answering: Answering, deadline_s: float = 30.0) -> str:
    """What comes of a message that such a gateway is posted."""

    async def run() -> str:
        async with serving(answering) as address:
            return await asyncio.to_thread(post_to_hook, f"{address}/in?to=1", BODY, KEY, NOW, None, deadline_s)

    return asyncio.run(run())


def test_a_message_is_signed_over_its_time_and_body() -> None:
    """The gateway computes the same from the key, the header of the time and the bytes that came."""
    asked: list[ReceivedRequest] = []
    assert posted(answering_with(answer(204, b""), asked=asked)) == "sent"
    (request,) = asked
    signed = f"{request.headers[TIMESTAMP.lower()]}.".encode() + request.raw
    assert request.headers[SIGNATURE.lower()] == "v1=" + hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()
    assert (request.path, request.raw, request.headers[TIMESTAMP.lower()]) == ("/in?to=1", BODY, str(NOW))


def test_a_gateway_that_errs_hangs_or_leads_elsewhere(tmp_path: Path) -> None:
    """Each ends within its deadline and says what it was; a redirect is not followed, so nothing is told to others;
    an endless answer is not read."""
    asked: list[ReceivedRequest] = []
    elsewhere = answer(307, b"", location="http://127.0.0.1:9/other")
    assert posted(answering_with(elsewhere, asked=asked)) == "redirected" and len(asked) == 1
    assert posted(answering_with(answer(500, b"<html>"))) == "refused"
    assert posted(answering_with(b"not http at all\r\n\r\n")) == "unreachable"
    assert posted(answering_with(b"")) == "unreachable"
    assert posted(answering_with(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")) == "sent"

    async def silent(request: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        del request, writer
        await asyncio.sleep(120)

    assert posted(silent, 0.3) == "timeout"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        assert post_to_hook(f"http://127.0.0.1:{port}/", BODY, KEY, NOW) == "unreachable"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://gateway.example/",
        "ftp://gateway.example/",
        "https://",
        "//x",
        "",
        "https://[::1",
        "http://localhost.evil.example/",
    ],
)
def test_only_https_or_this_machine_is_posted_to(url: str) -> None:
    """Nothing is read from a file, and nothing is sent where others on the way can read it."""
    assert post_to_hook(url, BODY, KEY, NOW) in ("bad_setting", "unreachable")
    assert post_to_hook(url, BODY, KEY, NOW) == "bad_setting" or url == "https://"


def test_the_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    """Two looks give one key; a file that others may read is refused rather than used."""
    home = Home(tmp_path)
    key = hook_key(home)
    assert len(key) == 64 and hook_key(home) == key
    home.reminder_key.chmod(0o644)
    with pytest.raises(ReminderKeyOpen):
        hook_key(home)
    home.reminder_key.unlink()
    assert hook_key(home) != key
    home.reminder_key.write_bytes(b"")
    with pytest.raises(ReminderKeyOpen):
        hook_key(home)
