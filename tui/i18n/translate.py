"""Words: every text that people see, in their language, from the gettext catalogs in ``tui/locale``.

Message ids are English sentences. Stored values (``in_progress``, ``lead_leader``) are translated by `word`, with the
family they belong to as gettext context: the same value may need different words in two families. Only the standard
library is used, because the first paint and ``guanjia find`` wait for this module. Chinese until told otherwise.
"""

from __future__ import annotations

from gettext import NullTranslations, translation
from pathlib import Path
from typing import NamedTuple

from store.exceptions import GuanjiaError
from store.values.text import sanitize

LANGUAGES = ("zh", "en")
"""The languages there are catalogs for; the first is the default."""
LOCALE = Path(__file__).with_name("locale")
DOMAIN = "guanjia"


class _ActiveCatalog:
    """The catalog in use. One per process: a terminal shows one person one language."""

    language: str = ""
    catalog: NullTranslations = NullTranslations()


class ErrorText(NamedTuple):
    """What an error says: what happened, what it means for the person's data, what to do next."""

    what: str
    data: str
    remedy: str


def set_language(language: str) -> None:
    """Speak ``language`` from now on; an unknown one falls back to the default."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    _ActiveCatalog.catalog = translation(DOMAIN, LOCALE, [known], fallback=True)
    _ActiveCatalog.language = known


def show_source_texts() -> None:
    """Use no catalog: every text is shown as it is in the source, every stored value as it is stored."""
    _ActiveCatalog.catalog = NullTranslations()
    _ActiveCatalog.language = "source"


def current_language() -> str:
    """The language in use."""
    _catalog()
    return _ActiveCatalog.language


def _catalog() -> NullTranslations:
    if not _ActiveCatalog.language:
        set_language(LANGUAGES[0])
    return _ActiveCatalog.catalog


def _(message: str) -> str:
    """``message`` in the language in use."""
    return _catalog().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """``singular`` or ``plural`` in the language in use, as ``n`` asks for."""
    return _catalog().ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """``message`` in the language in use, where the same English words mean several things."""
    return _catalog().pgettext(context, message)


def N_(message: str) -> str:
    """Marks ``message`` for the catalogs and returns it as it is: for tables that are translated when shown."""
    return message


def value_label(family: str, value: str) -> str:
    """The word for a stored ``value`` of a family such as ``state``, ``light`` or ``visit.how`` (see
    ``tui/i18n/labels.py``); a value that this version does not know is shown as it is stored."""
    return _catalog().pgettext(family, value)


def error_text(error: GuanjiaError) -> ErrorText:
    """What ``error`` says in the language in use, as inert text."""
    return ErrorText(*(sanitize(part) for part in error.localized(_, value_label)))
