"""Settings: each value of the table ``store/home/setting_table.py``, and where it came from.

Precedence: option > environment (``GUANJIA_…``) > ``settings.toml`` in the home > default. On the path of
``guanjia find``: the TOML reader is loaded only when there is a file, the speller only when something is misspelt.

A mistake in the file never keeps anybody from the ledger: a bad line or value is reported with its line and ignored. A
mistake on the command line or in the environment is an error.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from store.exceptions import BadSetting, BadSettingsFile, MistypedSetting, UnknownSetting
from store.home.exceptions import BadTypedSetting
from store.home.paths import Home, write_private
from store.home.setting_table import ALL_SETTINGS, Setting, SettingValue
from store.values.text import sanitize
from store.values.text_files import FileText, decode_text

if TYPE_CHECKING:
    from store.values.toml_files import BadTomlLine, TomlText

_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ADDRESS = re.compile(r"https?://[^\s/]")
"""How an address begins; the rest of it is judged where it is used (``sync/transport/endpoint.py``)."""
_SHOWN = 60
"""Characters of a bad value that are shown."""
_OTHER_VARIABLES = {"GUANJIA_HOME", "GUANJIA_CENTRAL_DATA", "GUANJIA_TEST_CENTRAL_CLOCK_OFFSET_MS"}
"""Read elsewhere, so not misspelt: the home's own place, and a central's."""


class MistypedName(NamedTuple):
    """A name in the file or the environment that is no setting, and the one it resembles, if any."""

    name: str
    origin: str
    suggestion: str | None


class SettingsFileProblem(NamedTuple):
    """Something in the settings file that is ignored: ``line`` is counted from 1, None where it is the whole file.
    ``message_id`` is filled with ``values``."""

    line: int | None
    message_id: str
    values: Mapping[str, object]

    def localized(self, translate: Callable[[str], str]) -> str:
        """The problem as a sentence, in the language of ``translate``."""
        return translate(self.message_id).format_map(self.values)


class Settings(NamedTuple):
    """Every setting's value; ``origins`` says where each came from: an option, a variable, the file, the default."""

    central: str | None
    language: str
    credentials: str
    ca_file: str | None
    sync_interval_s: int
    live: bool
    auto_sync: bool
    bundle_folder: str | None
    export_folder: str | None
    forms_folder: str | None
    metered: bool
    attachment_mb_metered: int
    attachment_mb_hour: int
    attachment_mb_day: int
    attachment_hours: str | None
    attachment_reserve_mb: int
    attachment_folders: str | None
    picture_preview: str
    theme: str
    mouse: bool
    start: str
    remind: str
    remind_days: str | None
    remind_morning: str
    remind_quiet: str
    remind_desktop: bool
    remind_terminal: str
    remind_program: str | None
    remind_hook: str | None
    remind_titles: bool
    log_level: str
    test_clock_offset_ms: int
    origins: Mapping[str, str]
    misspelt: tuple[MistypedName, ...]
    problems: tuple[SettingsFileProblem, ...]


class _SettingsFile(NamedTuple):
    """What the settings file says, its text, and what of it is ignored."""

    values: Mapping[str, object]
    text: FileText
    problems: tuple[SettingsFileProblem, ...] = ()


def load_settings(
    home: Home, options: Mapping[str, SettingValue] | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """The settings in force. ``options`` are those given on the command line, None where not given.

    Raises `BadSetting` for a value of an option or a variable that cannot be used; one in the file is reported in
    ``problems`` and ignored, and a misspelt name is only reported. A misspelt option raises `UnknownSetting`."""
    options = {name: value for name, value in (options or {}).items() if value is not None}
    for name in options:
        find_setting(name)
    file = _read_file(home.settings)
    written, bad_values = _usable_values(file, home)
    found = {setting.name: _resolve(setting, options, environ, written, home) for setting in ALL_SETTINGS}
    values: dict[str, Any] = {name: value for name, (value, _) in found.items()}
    origins = {name: origin for name, (_, origin) in found.items()}
    problems = (*file.problems, *bad_values)
    return Settings(**values, origins=origins, misspelt=_mistyped_names(file.values, environ), problems=problems)


def _usable_values(file: _SettingsFile, home: Home) -> tuple[dict[str, SettingValue], list[SettingsFileProblem]]:
    """The values of the file that can be used, and what is wrong with the others."""
    usable: dict[str, SettingValue] = {}
    problems: list[SettingsFileProblem] = []
    for setting in ALL_SETTINGS:
        if setting.env_only or setting.name not in file.values:
            continue
        try:
            usable[setting.name] = _parse_file_value(setting, file.values[setting.name], home)
        except BadSetting as error:
            import json  # noqa: PLC0415 - only where a value is wrong

            from store.values.toml_files import line_of  # noqa: PLC0415 - only where there is a file

            line = line_of(file.text.text, setting.name)
            value = error.values["value"]
            shown = sanitize(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
            problems.append(
                SettingsFileProblem(line, BAD_VALUE, {**error.values, "value": shown[:_SHOWN], "line": line})
            )
    return usable, problems


def _resolve(
    setting: Setting,
    options: Mapping[str, SettingValue],
    environ: Mapping[str, str],
    file_values: Mapping[str, SettingValue],
    home: Home,
) -> tuple[SettingValue, str]:
    if setting.name in options:
        return parse_value(setting, options[setting.name], "option"), "option"
    if environ.get(setting.variable):
        return parse_value(setting, environ[setting.variable], setting.variable), setting.variable
    if setting.name in file_values:
        return file_values[setting.name], home.settings.name
    return setting.default, "default"


def parse_value(setting: Setting, value: object, origin: str, folder: Path = Path()) -> SettingValue:
    """``value`` as the setting's type; files are relative to ``folder``, or to the current one. Raises `BadSetting`."""
    text = str(value).strip()
    found: SettingValue = None
    if setting.type == "switch":
        found = _SWITCH.get(text.lower())
    elif setting.type == "number":
        found = int(text) if _NUMBER.fullmatch(text) and _in_range(int(text), setting.limits) else None
    elif isinstance(value, str) and _is_text_of(setting, text):
        found = _file_of(folder, text) if setting.type == "file" else text
    if found is None:
        raise BadSetting(name=setting.name, value=value, origin=origin, expected=setting.expected)
    return found


def _is_text_of(setting: Setting, text: str) -> bool:
    fits = not setting.pattern or re.fullmatch(setting.pattern, text)
    return bool(text and fits) and not _CONTROL.search(text) and text in (setting.choices or (text,))


def _file_of(folder: Path, text: str) -> str | None:
    """The file that is meant; None where ``~`` is nobody's."""
    try:
        return str((folder / Path(text).expanduser()).absolute())
    except RuntimeError:
        return None


def _parse_file_value(setting: Setting, value: object, home: Home) -> SettingValue:
    """As `parse_value`, for the home's file, in which an address is judged by its beginning too."""
    parsed = parse_value(setting, value, home.settings.name, home.path)
    if setting.name == "central" and not _ADDRESS.match(str(parsed)):
        raise BadSetting(name=setting.name, value=value, origin=home.settings.name, expected=setting.expected)
    return parsed


def _in_range(number: int, limits: tuple[int, int]) -> bool:
    return limits[0] <= number <= limits[1]


def find_setting(name: str) -> Setting:
    """The setting called ``name``. Raises `UnknownSetting`, or `MistypedSetting` with what was probably meant."""
    for setting in ALL_SETTINGS:
        if setting.name == name:
            return setting
    if suggestion := _closest_name(name):
        raise MistypedSetting(name=name, suggestion=suggestion)
    raise UnknownSetting(name=name)


def _closest_name(name: str) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - only when something is misspelt

    near = get_close_matches(
        name.lower().replace("-", "_"), [setting.name for setting in ALL_SETTINGS], n=1, cutoff=0.7
    )
    return near[0] if near else None


def _mistyped_names(file_values: Mapping[str, object], environ: Mapping[str, str]) -> tuple[MistypedName, ...]:
    known = {setting.name for setting in ALL_SETTINGS if not setting.env_only}
    variables = {setting.variable for setting in ALL_SETTINGS} | _OTHER_VARIABLES
    in_file = [MistypedName(name, "settings.toml", _closest_name(name)) for name in file_values if name not in known]
    others = [name for name in environ if name.startswith("GUANJIA_") and name not in variables]
    suspects = [(name, _closest_name(name.removeprefix("GUANJIA_"))) for name in others]
    return (
        *in_file,
        *(MistypedName(name, "environment", f"GUANJIA_{near.upper()}") for name, near in suspects if near),
    )


BAD_VALUE = "Line {line} of {origin}: {name} cannot be “{value}”; its default counts. It takes {expected}."
UNREADABLE_LINE = "Line {line} of {origin} cannot be read and does nothing: {text}"
REPEATED_LINE = "Line {line} of {origin} does nothing, since the same stands further up: {text}"
UNREADABLE_FILE = "The file {origin} cannot be read, so every default counts: {detail}"
SETTINGS_FILE_TEXTS = (BAD_VALUE, UNREADABLE_LINE, REPEATED_LINE, UNREADABLE_FILE)
"""What is said of a problem in the settings file; ids of the catalogs."""


def _read_file(path: Path) -> _SettingsFile:
    """What the settings file says; nothing when there is none. Never raises."""
    try:
        text = decode_text(path.read_bytes())
    except FileNotFoundError:
        return _SettingsFile({}, FileText(""))
    except OSError as error:
        problem = SettingsFileProblem(None, UNREADABLE_FILE, {"origin": path.name, "detail": error.strerror})
        return _SettingsFile({}, FileText(""), (problem,))
    from store.values.toml_files import parse_toml  # noqa: PLC0415 - only where there is a file

    parsed = parse_toml(text.text)
    return _SettingsFile(parsed.values, text, tuple(_line_problem(bad, path) for bad in parsed.bad_lines))


def _line_problem(bad: BadTomlLine, path: Path) -> SettingsFileProblem:
    message_id = REPEATED_LINE if bad.repeated else UNREADABLE_LINE
    return SettingsFileProblem(bad.line, message_id, {"line": bad.line, "origin": path.name, "text": bad.text})


def save_setting(home: Home, name: str, value: SettingValue) -> None:
    """Write one setting to the home's file; None takes it out. Other lines and comments stay as they are.

    Raises `UnknownSetting`, `BadTypedSetting`, or `BadSettingsFile` where the file cannot be edited line by line."""
    setting = find_setting(name)
    if setting.env_only:
        raise BadTypedSetting(name=name, value=value, expected=setting.variable)
    try:
        wanted = None if value is None else _parse_file_value(setting, value, home)
    except BadSetting as error:
        raise BadTypedSetting(name=name, value=value, expected=error.values["expected"]) from None
    file = _read_file(home.settings)
    if any(problem.line is None for problem in file.problems):
        raise BadSettingsFile(path=home.settings, detail=file.problems[0].values["detail"])
    edited = file.text.encode(_edited(file.text.text, name, wanted, home.settings))
    write_private(home.settings, edited)


def _edited(text: str, name: str, value: SettingValue, path: Path) -> str:
    """``text`` with one setting changed. Raises `BadSettingsFile` where that would change what another line says."""
    from store.values.toml_files import parse_toml, replace_statement  # noqa: PLC0415 - only where there is a file

    edited = replace_statement(text, name, "" if value is None else f"{name} = {_toml_value(value)}")
    before, after = parse_toml(text), parse_toml(edited)
    if _others(before, name) != _others(after, name) or after.values.get(name) != value:
        raise BadSettingsFile(path=path, detail=f"“{name}” cannot be changed without harming other lines")
    return edited


def _others(parsed: TomlText, name: str) -> dict[str, object]:
    return {key: value for key, value in parsed.values.items() if key != name}


def _toml_value(value: SettingValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
