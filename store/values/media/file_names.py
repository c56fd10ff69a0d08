"""Safe names of attached files: no path, nothing that acts on a terminal or misleads a reader, on every system."""

from __future__ import annotations

import re
import unicodedata

from store.values.media.content_types import EXTENSIONS
from store.values.text import sanitize

MAX_NAME_CHARACTERS = 80
UNNAMED = "file"
_FOLDERS = re.compile(r".*[/\\]", re.DOTALL)
_FORBIDDEN = re.compile('[<>:"|?*\n\t]')
_UNSEEN = re.compile(
    "[\u00ad\u034f\u180b-\u180f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufe00-\ufe0f\U000e0000-\U000e0fff]"
)
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices, whatever their extension."""
_SAME = {
    ".jpeg": ".jpg",
    ".jpe": ".jpg",
    ".jfif": ".jpg",
    ".heif": ".heic",
    ".qt": ".mov",
    ".m4v": ".mp4",
    ".webm": ".mkv",
}


def safe_name(name: str, media_type: str) -> str:
    """``name`` as the ledger keeps it: the last part of a path, at most `MAX_NAME_CHARACTERS`, with the extension of
    the content's type. What a sender typed as another extension stays before it (``photo.exe.jpg``)."""
    plain = _UNSEEN.sub("", sanitize(unicodedata.normalize("NFC", name)))
    plain = _FORBIDDEN.sub("_", _FOLDERS.sub("", plain)).strip(" .")
    extension = EXTENSIONS.get(media_type, "")
    stem, dot, ending = plain.rpartition(".")
    if dot and _SAME.get(f".{ending.lower()}", f".{ending.lower()}") == extension:
        plain, extension = stem, f".{ending.lower()}"
    plain = plain.rstrip(" .") or UNNAMED
    if _DEVICES.fullmatch(plain):
        plain = f"_{plain}"
    return plain[: MAX_NAME_CHARACTERS - len(extension)].rstrip(" .") + extension
