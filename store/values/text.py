"""Sanitizes text and normalizes names and phones for comparison.

Terminals act on escape sequences and bidirectional controls mislead readers, so C0 (but newline and tab), DEL, C1 and
bidi controls are stripped at every entrance (typing, import, bundle) and refused at the central.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from store.values.han_variants import fold_variants

FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_UNDECODED = re.compile("[\udc80-\udcff]+")
_SPACE = re.compile("[\\s\u00ad\u034f\u180b-\u180f\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f\U000e0000-\U000e0fff]+")
"""What nobody sees in a name: blanks of every width, joiners, marks that choose a character's form."""
_NAME_DOTS = re.compile("[•‧∙⋅▪・･]|(?<=[\u3400-\u9fff])\\.(?=[\u3400-\u9fff])")
"""The dots that people put between the parts of a minority name; a full stop only between ideographs."""


def sanitize(text: str) -> str:
    """``text`` without forbidden characters, line ends as ``\\n``. Bytes that Python could not decode are read as what
    they are, before they would be stripped: see `restore_undecoded`."""
    if text.isprintable():  # no control, no mark of direction, nothing undecoded
        return text
    text = restore_undecoded(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return FORBIDDEN.sub("", text) if FORBIDDEN.search(text) else text


def restore_undecoded(text: str) -> str:
    """``text`` with the bytes that Python did not decode as the UTF-8 that they are. In the C locale every byte of
    a Chinese argument or path stands in a ``str`` as a lone surrogate."""
    return _UNDECODED.sub(_decoded_run, text) if _UNDECODED.search(text) else text


def _decoded_run(run: re.Match[str]) -> str:
    try:
        return run[0].encode("ascii", "surrogateescape").decode()
    except UnicodeDecodeError:
        return run[0]


def is_blank(value: object) -> bool:
    """Whether a typed value says nothing: none, an empty list, or a text of blanks."""
    return not sanitize(value).strip() if isinstance(value, str) else value in (None, [], ())


def sanitize_deep(value: Any) -> Any:
    """``value`` with every string in it sanitized; structure and other values unchanged."""
    if isinstance(value, str):
        return sanitize(value)
    if isinstance(value, list):
        return [sanitize_deep(item) for item in value]
    if isinstance(value, dict):
        return {sanitize(key): sanitize_deep(item) for key, item in value.items()}
    return value


def escape_json(encoded: str) -> str:
    """JSON with the forbidden characters in its strings escaped: the same value, and nothing that acts on a terminal.
    Line ends stay: in JSON they stand between values."""
    if encoded.isprintable():
        return encoded
    return FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", encoded)


def normalize_name(name: str) -> str:
    """A person's, unit's or project's name as it is compared: NFKC, nothing that is not seen, folded case, one form of
    each character (`fold_variants`), one dot between the parts of a name."""
    plain = _SPACE.sub("", unicodedata.normalize("NFKC", sanitize(name))).casefold()
    return plain if plain.isascii() else _NAME_DOTS.sub("·", fold_variants(plain))


def normalize_phone(phone: str) -> str:
    """A phone as digits with a leading + where it has one: NFKC, everything else dropped."""
    text = unicodedata.normalize("NFKC", phone).strip()
    digits = re.sub(r"\D", "", text)
    return ("+" if text.startswith("+") else "") + digits


def phone_key(phone: str) -> str:
    """A phone as it is compared: its digits, without China's country code before a mobile number."""
    digits = normalize_phone(phone).removeprefix("+")
    return digits[2:] if len(digits) == 13 and digits.startswith("861") else digits


_LOOK_ALIKES = str.maketrans("OIL", "011")


def fold_code(code: str) -> str:
    """A one-time code as it was typed, in the form that is sent and hashed: upper case, half width, no look-alikes, and
    neither blanks nor dashes of any kind."""
    folded = unicodedata.normalize("NFKC", code).upper()
    return "".join(filter(str.isalnum, folded)).translate(_LOOK_ALIKES)
