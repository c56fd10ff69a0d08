"""Settings and the files of a home: rows, columns, pages."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from store.home.paths import Home
from store.home.setting_table import ALL_SETTINGS, Setting
from store.home.settings import Settings, load_settings
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import N_, _, value_label
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageTitle, Passage
from tui.widgets.themes import THEMES

_FAMILY = {
    name: name
    for name in (
        "language", "credentials", "theme", "start", "remind", "remind_terminal", "picture_preview", "log_level",
    )
}  # fmt: skip
"""The settings whose values have labels, with the family of these."""
HOME_FILES = (
    ("settings.toml", N_("What was set in this home. It may be edited by hand; a misspelt name is told.")),
    ("keys.toml", N_("Keys of your own: enter shows all keys, and gives others to what you choose.")),
    ("ledger.db", N_("The ledger, encrypted. Copy it only by “guanjia backup”, which may run while it is in use.")),
    ("guanjia.log", N_("What went wrong and was not foreseen. “guanjia doctor” reads it.")),
    ("credentials/", N_("The ledger's key and the device's token, where they are kept in files. Show them to nobody.")),
)
"""The files of a home: name and description."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting, or a file of the home where ``setting`` is None. ``origin`` is ``default``, ``option``, or the name of
    a file or a variable; of a missing file it is ``missing``."""

    id: str
    setting: Setting | None
    value: object
    origin: str
    description: str

    @property
    def is_overridden(self) -> bool:
        """Whether an environment variable overrides the file, so that a change here has no effect yet."""
        return self.setting is not None and self.origin.startswith("GUANJIA_")


def setting_rows(home: Home) -> tuple[list[SettingRow], list[str]]:
    """Every setting that a person may change, then the files; and what of the file or the environment does nothing.
    Raises `BadSetting`."""
    settings = load_settings(home)
    values = settings._asdict()
    rows = [
        SettingRow(one.name, one, values[one.name], settings.origins[one.name], one.description)
        for one in ALL_SETTINGS
        if not one.env_only
    ]
    return [*rows, *(_file(home.path, name, what) for name, what in HOME_FILES)], _ignored(settings)


def _ignored(settings: Settings) -> list[str]:
    """A sentence for each bad line or value of the file, and for each misspelt name."""
    slip = _("“{name}” ({origin}) is no setting and does nothing.")
    return [
        *(problem.localized(_) for problem in settings.problems),
        *(slip.format(name=misspelt.name, origin=misspelt.origin) for misspelt in settings.misspelt),
    ]


def _file(folder: Path, name: str, what: str) -> SettingRow:
    path = folder / name
    return SettingRow(name, None, str(path), "" if os.path.lexists(path) else "missing", what)


def choices_of(setting: Setting) -> Sequence[str]:
    """The choices of a setting; empty where its value is typed."""
    if setting.name == "theme":
        return ("auto", *(theme.name for theme in THEMES))
    return setting.choices or (("true", "false") if setting.type == "switch" else ())


def setting_value_text(setting: Setting | None, value: object) -> str:
    """A value as text. Where no central is set, it is the one that the home has joined."""
    if value is None:
        return _("the joined one, if any") if setting is not None and setting.name == "central" else _("none")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if setting is None or setting.type in ("number", "file"):
        return text
    if setting.type == "switch":
        return _("yes") if text == "true" else _("no")
    family = _FAMILY.get(setting.name)
    return value_label(family, text) if family and text in FAMILIES[family] else text


def expected_value_text(setting: Setting) -> str:
    """The allowed values of a setting as text: its choices, limits, an example, a file."""
    chosen = "  ".join(setting_value_text(setting, one) for one in choices_of(setting))
    return chosen or (_("a file") if setting.type == "file" else setting.expected)


def origin_text(row: SettingRow) -> str:
    """The origin of a value as text."""
    if row.setting is None:
        return _("not there yet") if row.origin else ""
    if row.origin in ("default", "option"):
        return value_label("origin", row.origin)
    return row.origin


def setting_columns() -> Sequence[ListColumn[SettingRow]]:
    """The columns of the list of settings."""
    return (
        ListColumn(N_("Setting"), 16, lambda row: ((value_label("setting", row.id), "" if row.setting else "muted"),)),
        ListColumn(N_("Value"), 18, lambda row: setting_value_text(row.setting, row.value), grow_share=2),
        ListColumn(N_("Came from"), 19, lambda row: ((origin_text(row), "warn" if row.is_overridden else "muted"),)),
        ListColumn(N_("What it is"), 24, lambda row: ((_(row.description), "muted"),), grow_share=1, min_list_width=90),
    )


def setting_page(row: SettingRow, ignored: Sequence[str]) -> list[PageBlock]:
    """The page of a setting: description, value, origin, default, allowed values, and what is ignored elsewhere."""
    blocks: list[PageBlock] = [PageTitle(value_label("setting", row.id)), Passage(_(row.description)), BlankLine()]
    if row.setting is None:
        return [*blocks, FactTable([(_("Place"), str(row.value)), ("", origin_text(row))])]
    facts = [
        (_("Value"), setting_value_text(row.setting, row.value)),
        (_("Came from"), origin_text(row)),
        (_("By default"), setting_value_text(row.setting, row.setting.default)),
        (_("It may be"), expected_value_text(row.setting)),
        (_("Its name in the file"), row.id),
        (_("Variable"), row.setting.variable),
    ]
    blocks.append(FactTable(facts))
    if row.is_overridden:
        note = _("The variable {name} decides. What you set here counts once the variable is gone.")
        blocks += [BlankLine(), Passage(note.format(name=row.origin), "warn")]
    elif row.id in RESTART_SETTINGS:
        blocks += [BlankLine(), Passage(_("It counts from the next start, for the daemon too."), "muted")]
    return [*blocks, *(block for text in ignored for block in (BlankLine(), Passage(text, "warn")))]


RESTART_SETTINGS = frozenset(("credentials", "sync_interval_s", "live", "start", "log_level"))
"""The settings that take effect at the next start."""
