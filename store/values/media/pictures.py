"""A picture's working copy, facts and preview: decoded by ``picture_process.py`` in a process with limits."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO

from store.values.media.exceptions import DamagedPicture, PictureTooLarge
from store.values.times import SHANGHAI, format_moment, stored_day

COPY_TYPE = "image/jpeg"
"""The media type of working copies."""
_PROGRAM = Path(__file__).with_name("picture_process.py")
_MAX_SECONDS = 60
_EXIT_TOO_LARGE = 4
_CAMERA_TIME = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)", re.ASCII)
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """A picture of at most 200 kB that is made of another: upright, in the colours of screens, without anything that
    the file says beside its pixels. ``width`` and ``height`` are the original's as it is seen, in pixels. ``taken_at``
    is a moment in the district's time, ``place`` “latitude,longitude” in degrees (WGS 84); None where the camera wrote
    none."""

    content: bytes
    width: int
    height: int
    taken_at: str | None
    place: str | None
    media_type: str = COPY_TYPE


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture as so many pixels, three bytes each, row by row."""

    width: int
    height: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture as JPEG, without anything that a file says beside its pixels; its size in pixels."""

    content: bytes
    width: int
    height: int


def working_copy(picture: bytes | IO[bytes], media_type: str, file: str = "") -> WorkingCopy:
    """The working copy of a picture of one of `PICTURE_TYPES`. ``file`` is its name for errors. Raises
    `DamagedPicture`, `PictureTooLarge`."""
    facts, content = _decode(picture, [media_type, "copy"], file)
    return WorkingCopy(
        content,
        int(str(facts["width"])),
        int(str(facts["height"])),
        taken_at(str(facts.get("taken") or ""), str(facts.get("zone") or "")),
        f"{facts['latitude']},{facts['longitude']}" if "latitude" in facts else None,
    )


def preview(picture: bytes | IO[bytes], media_type: str, width: int, height: int, file: str = "") -> Preview:
    """The picture in at most ``width`` by ``height`` pixels, upright. Raises what `working_copy` raises."""
    facts, pixels = _decode(picture, [media_type, "preview", str(width), str(height)], file)
    return Preview(int(str(facts["width"])), int(str(facts["height"])), pixels)


def thumbnail(picture: bytes | IO[bytes], media_type: str, width: int, height: int, file: str = "") -> Thumbnail:
    """The picture as a JPEG of at most ``width`` by ``height`` pixels, upright. Raises what `working_copy` raises."""
    facts, content = _decode(picture, [media_type, "thumbnail", str(width), str(height)], file)
    return Thumbnail(content, int(str(facts["width"])), int(str(facts["height"])))


def taken_at(text: str, zone: str = "") -> str | None:
    """The moment that a camera wrote, as the ledger stores it; None for what is no moment that it may have been. A
    time without a zone is the district's: phones show the local time, and cameras are set to it."""
    found, offset = _CAMERA_TIME.fullmatch(text.strip("\0 ")), _ZONE.fullmatch(zone.strip("\0 "))
    if found is None:
        return None
    hours, minutes = (int(offset[2]), int(offset[3])) if offset else (8, 0)
    try:
        away = timezone((-1 if offset and offset[1] == "-" else 1) * timedelta(hours=hours, minutes=minutes))
        year, month, day, hour, minute, second = map(int, found.groups())
        moment = datetime(year, month, day, hour, minute, second, tzinfo=away).astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        return None
    written = format_moment(moment)
    return written if moment.year >= 1990 and stored_day(written) else None


def _decode(picture: bytes | IO[bytes], arguments: list[str], file: str) -> tuple[dict[str, object], bytes]:
    command = [sys.executable, "-I", str(_PROGRAM), *arguments]
    try:
        ended = (
            subprocess.run(command, input=picture, capture_output=True, timeout=_MAX_SECONDS, check=False)
            if isinstance(picture, bytes)
            else subprocess.run(command, stdin=picture, capture_output=True, timeout=_MAX_SECONDS, check=False)
        )
    except subprocess.TimeoutExpired:
        raise PictureTooLarge(file=file) from None
    if ended.returncode == _EXIT_TOO_LARGE or ended.returncode < 0:  # ended by a limit
        raise PictureTooLarge(file=file)
    head, _newline, content = ended.stdout.partition(b"\n")
    if ended.returncode or not content:
        raise DamagedPicture(file=file)
    return json.loads(head), content
