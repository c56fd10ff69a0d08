"""The texts that tables of the store declare: registers, limits, settings, warnings of an import.

The store never translates and marks nothing for translation: its tables hold plain texts, whose message ids are
collected here from the tables themselves. Whoever shows one translates it. Used by ``tui/i18n/extract.py`` only.
"""

from __future__ import annotations

from collections.abc import Iterator

from store.domain.limits import LIMIT_DESCRIPTIONS
from store.domain.registers import REGISTERS
from store.home.setting_table import ALL_SETTINGS
from store.home.settings import SETTINGS_FILE_TEXTS
from store.importing.import_report import ENDED_TEXTS, VERDICT_REASONS, WARNING_TEXTS


def declared_texts() -> Iterator[tuple[str, str]]:
    """Every text that a table of the store declares, with the source file of the table."""
    for register in REGISTERS.values():
        yield register.title, "store/domain/registers.py"
        yield from ((field.label, "store/domain/registers.py") for field in register.fields)
    yield from ((text, "store/domain/limits.py") for text in LIMIT_DESCRIPTIONS.values())
    yield from ((setting.description, "store/home/setting_table.py") for setting in ALL_SETTINGS)
    yield from ((text, "store/home/settings.py") for text in SETTINGS_FILE_TEXTS)
    yield from ((text, "store/importing/import_report.py") for text in WARNING_TEXTS.values())
    yield from ((text, "store/importing/import_report.py") for text in (*VERDICT_REASONS.values(), *ENDED_TEXTS))
