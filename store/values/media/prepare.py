"""A file as it is attached: judged by content, with a safe name, and with a working copy where it is a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from store.values.media.content_types import MACROS, PICTURE_TYPES, media_type
from store.values.media.exceptions import EmptyMedia, MacrosInside, UnknownMedia
from store.values.media.file_names import safe_name
from store.values.media.pictures import WorkingCopy, working_copy


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known of a file before it is attached. ``copy`` is None where it is no picture."""

    name: str
    media_type: str
    copy: WorkingCopy | None


def prepare(stream: BinaryIO, name: str) -> Prepared:
    """Judge the file in ``stream``, which is seekable and at its beginning again afterwards. Raises a `MediaError`."""
    shown = safe_name(name, "")
    found = media_type(stream)
    if found == MACROS:
        raise MacrosInside(file=shown)
    if found is None:
        raise (UnknownMedia if stream.read(1) else EmptyMedia)(file=shown)
    copy = working_copy(stream.read(), found, shown) if found in PICTURE_TYPES else None
    stream.seek(0)
    return Prepared(safe_name(name, found), found, copy)
