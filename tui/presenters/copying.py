"""What can be copied from a screen: the phones that stand on its page, the line under the cursor, all of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tui.i18n.translate import _

_PHONE = re.compile(
    r"(?<![\d.])(?:"
    r"(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}"  # mobile
    r"|0\d{2,3}[- ]?\d{7,8}(?:[-转]\d{1,5})?"  # an office's, with an extension
    r"|[48]00[- ]?\d{3}[- ]?\d{4}"
    r")(?![\d.])"
)
_SHOWN = 60


class CopyChoice(NamedTuple):
    """A text that can be copied, and what it is called."""

    text: str
    label: str


def phones_in(text: str) -> list[str]:
    """The phones in a text, as they are written there."""
    return _PHONE.findall(text)


def copy_choices(line: str, page: Sequence[str]) -> list[CopyChoice]:
    """What can be copied: each phone of the page by the line it stands in, then the line under the cursor, then the
    whole page. Without a phone only what is likeliest meant, so that the key copies at once."""
    phones = {phone: text for text in page for phone in phones_in(text)}
    choices = [CopyChoice(phone, " ".join(text.split())[:_SHOWN]) for phone, text in phones.items()]
    if line:
        choices.append(CopyChoice(line, _("The line: {text}").format(text=line[:_SHOWN])))
    if page and (phones or not line):
        choices.append(CopyChoice("\n".join(page), _("All of the page")))
    return choices
