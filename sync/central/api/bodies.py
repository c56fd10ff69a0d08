"""Bodies of requests, decoded. In a push one line that cannot be decoded never holds up the others.

JSON as every device writes it is decoded at once. What strict JSON does not carry (half a character, a number beyond 64
bits, NaN, an object nested without end) is cut into its lines first, and each is decoded by itself: `validate_line`
then rejects it under its own id, and the others go on. Next: ``sync/central/writes/validation.py``.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from sync import protocol
from sync.central.exceptions import Refusal
from sync.protocol.blobs import BlobSendHead, split_head
from sync.protocol.documents import ExchangeMessage

_LINES = re.compile(r'"lines"\s*:\s*(?=\[)')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
_ID = re.compile(r'"id"\s*:\s*"([0-9a-f-]{36})"')


RequestT = TypeVar("RequestT", bound=BaseModel)


def parse_request(model: type[RequestT], body: bytes) -> RequestT:
    """The request in a body. Raises `Refusal` (422), naming the fields. NUL, which PostgreSQL does not store,
    is dropped from its texts."""
    try:
        request = model.model_validate_json(body)
        return model.model_validate(_without_nul(request.model_dump())) if b"\\u0000" in body else request
    except ValidationError as error:
        fields = {".".join(map(str, item["loc"])) or "body" for item in error.errors(include_input=False)}
        raise Refusal(422, "bad_request", f"not a {model.__name__}: {', '.join(sorted(fields))}") from None


def _without_nul(value: object) -> object:
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(item) for name, item in value.items()}
    if isinstance(value, list):
        return list(map(_without_nul, value))
    return value.replace("\0", "") if isinstance(value, str) else value


def parse_sent_bytes(body: bytes) -> tuple[BlobSendHead, bytes]:
    """The head of a request with bytes, and the bytes. Raises `Refusal` (422)."""
    try:
        head, content = split_head(body)
    except ValueError:
        raise Refusal(422, "bad_request", "the bytes have no head") from None
    return parse_request(BlobSendHead, head), content


def parse_push(body: bytes) -> tuple[list[object], protocol.PushChain | None]:
    """The lines of a push, decoded and not checked yet, and its link of the chain. Raises `Refusal` (422)."""
    head, lines = _head_and_lines(body)
    chain = head.get("chain")
    return lines, None if chain is None else parse_request(protocol.PushChain, orjson.dumps(chain))


def parse_exchange(body: bytes) -> tuple[ExchangeMessage, list[object]]:
    """A message of protocol 2, and its lines, decoded and not checked yet. Raises `Refusal` (422)."""
    head, lines = _head_and_lines(body)
    return parse_request(ExchangeMessage, orjson.dumps(head)), lines


def _head_and_lines(body: bytes) -> tuple[dict[str, object], list[object]]:
    """The fields of a request without its lines, and the lines. The lines need not be strict JSON, what stands before
    them is. Raises `Refusal` (422)."""
    try:
        request: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        text, begin = _text_and_lines(body)
        lines = _lines_of({"lines": [_decoded(line) for line in _cut_lines(text, begin.end())]})
        return _head(text[: begin.start()]), lines
    lines = _lines_of(request)
    return {name: value for name, value in request.items() if name != "lines"} if isinstance(
        request, dict
    ) else {}, lines


def _head(text: str) -> dict[str, object]:
    try:
        head: object = orjson.loads(text.rstrip().removesuffix(",") + "}")
    except orjson.JSONDecodeError:
        raise Refusal(422, "bad_request", "not JSON") from None
    return head if isinstance(head, dict) else {}


def _lines_of(request: object) -> list[object]:
    lines = request.get("lines") if isinstance(request, dict) else None
    if not isinstance(lines, list) or len(lines) > protocol.PAGE_LINES:
        raise Refusal(422, "bad_request", f"not a PushRequest of up to {protocol.PAGE_LINES} lines")
    return lines


def _text_and_lines(body: bytes) -> tuple[str, re.Match[str]]:
    """The text of a body, and where in it its list of lines is. Raises `Refusal` (422) where it has none."""
    with contextlib.suppress(UnicodeDecodeError):
        text = body.decode()
        if begin := _LINES.search(text):
            return text, begin
    raise Refusal(422, "bad_request", "not JSON")


def parse_heal(body: bytes) -> tuple[protocol.HealRequest, list[object]]:
    """A healing, and its versions, decoded and not checked yet. Devices send what they got, which is strict JSON: one
    that is not is refused whole. Raises `Refusal` (422)."""
    try:
        request: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refusal(422, "bad_request", "not JSON") from None
    lines = _lines_of(request)
    rest = {name: value for name, value in request.items() if name != "lines"} if isinstance(request, dict) else {}
    return parse_request(protocol.HealRequest, orjson.dumps(rest)), lines


def _cut_lines(text: str, begin: int) -> Iterator[str]:
    """The texts of the lines in a list that begins there, found by brackets and commas outside of strings. Raises
    `Refusal` (422) where it does not end."""
    depth, start = 0, 0
    for token in _TOKEN.finditer(text, begin):
        mark = token[0]
        if depth == 1 and mark in (",", "]"):
            if line := text[start : token.start()].strip():
                yield line
            start = token.end()
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark, 0)
        if depth == 1 and not start:
            start = token.end()
        if depth == 0:
            return
    raise Refusal(422, "bad_request", "not JSON")


def _decoded(text: str) -> object:
    """The line in a text, as far as Python can decode it; else an object with its id alone."""
    try:
        decoded: object = json.loads(text)
    except (ValueError, RecursionError):
        line_id = _ID.search(text)
        return {"id": line_id[1] if line_id else ""}
    return decoded
