"""Translation of every text that people read, by the gettext catalogs in ``tui/i18n/locale``.

Message ids are English sentences. Stored values (``in_progress``, ``lead_leader``) are translated by `value_label`,
with their family as gettext context: the same value may need different labels in two families. Only the standard
library is used, because the first paint and ``guanjia find`` wait for this module. The default language is Chinese.
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
    """The texts of an error: what happened, what it means for the person's data, the remedy."""

    what: str
    data: str
    remedy: str


def set_language(language: str) -> None:
    """Use the catalog of ``language``; of the default language if it is unknown."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    _ActiveCatalog.catalog = translation(DOMAIN, LOCALE, [known], fallback=True)
    _ActiveCatalog.language = known


def show_source_texts() -> None:
    """Use no catalog: every text is shown as it is in the source, every stored value as it is stored."""
    _ActiveCatalog.catalog = NullTranslations()
    _ActiveCatalog.language = "source"


def current_language() -> str:
    """The current language."""
    _catalog()
    return _ActiveCatalog.language


def _catalog() -> NullTranslations:
    if not _ActiveCatalog.language:
        set_language(LANGUAGES[0])
    return _ActiveCatalog.catalog


def _(message: str) -> str:
    """``message`` in the current language."""
    return _catalog().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """``singular`` or ``plural`` for ``n``, in the current language."""
    return _catalog().ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """``message`` in the current language, where the same English text has several meanings."""
    return _catalog().pgettext(context, message)


def N_(message: str) -> str:
    """Marks ``message`` for the catalogs and returns it as it is: for tables that are translated when shown."""
    return message


def value_label(family: str, value: str) -> str:
    """The label of a stored ``value`` of a family such as ``state``, ``light`` or ``visit.how`` (see
    ``tui/i18n/labels.py``); an unknown value is returned as it is stored."""
    return _catalog().pgettext(family, value)


def label_in(language: str, family: str, value: str) -> str:
    """As `value_label`, in a language that need not be the one in use."""
    return translation(DOMAIN, LOCALE, [language], fallback=True).pgettext(family, value)


def error_text(error: GuanjiaError) -> ErrorText:
    """The texts of ``error`` in the current language, sanitized."""
    return ErrorText(*(sanitize(part) for part in error.localized(_, value_label)))
