"""Settings: one table of all there are, each value and where it came from.

Precedence: option > environment (``GUANJIA_…``) > ``settings.toml`` in the home > default. On the path of
``guanjia find``: the TOML reader is loaded only when there is a file, the speller only when something is misspelt.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from store.exceptions import BadSetting, BadSettingsFile, MistypedSetting, UnknownSetting
from store.home.paths import Home, write_private

SettingValue = str | int | bool | None
SettingType = Literal["text", "number", "switch", "file"]
_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ADDRESS = re.compile(r"https?://[^\s/]")
"""How an address begins; the rest of it is judged where it is used (``sync/transport/endpoint.py``)."""
_OTHER_VARIABLES = {"GUANJIA_HOME", "GUANJIA_CENTRAL_DATA", "GUANJIA_TEST_CENTRAL_CLOCK_OFFSET_MS"}
"""Read elsewhere, so not misspelt: the home's own place, and a central's."""


class Setting(NamedTuple):
    """One setting: its shape, default and what it is. A number has ``limits``; ``env_only`` ones are for tests."""

    name: str
    type: SettingType
    default: SettingValue
    description: str
    choices: tuple[str, ...] = ()
    limits: tuple[int, int] = (0, 0)
    env_only: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"GUANJIA_{self.name.upper()}"

    @property
    def expected(self) -> str:
        """What values it takes, for people."""
        if self.choices:
            return " | ".join(self.choices)
        if self.type == "number":
            return f"{self.limits[0]} … {self.limits[1]}"
        return "true | false" if self.type == "switch" else self.type


_DECADES_MS = 4_000_000_000_000
ALL_SETTINGS: tuple[Setting, ...] = (
    Setting("central", "text", None, "Address of the central; empty takes the one that was joined"),
    Setting("language", "text", "zh", "Language of screens and messages", ("zh", "en")),
    Setting(
        "credentials",
        "text",
        "auto",
        "Where the ledger's key and the device's token are kept",
        ("auto", "keyring", "file", "systemd"),
    ),
    Setting("ca_file", "file", None, "Certificate authority of a private central (PEM)"),
    Setting("sync_interval_s", "number", 60, "Seconds between rounds when nothing calls for one", limits=(5, 86_400)),
    Setting("live", "switch", True, "Whether the daemon listens for the central's live hints"),
    Setting("theme", "text", "auto", "Colours of the screens"),
    Setting(
        "start",
        "text",
        "today",
        "The place that the screens open in",
        ("today", "projects", "issues", "registers", "summary", "sync"),
    ),
    Setting("log_level", "text", "info", "How much is logged", ("debug", "info", "warning", "error")),
    Setting(
        "test_clock_offset_ms",
        "number",
        0,
        "Milliseconds added to this machine's clock; for tests only",
        limits=(-_DECADES_MS, _DECADES_MS),
        env_only=True,
    ),
)


class MistypedName(NamedTuple):
    """A name in the file or the environment that is no setting, and the one it resembles, if any."""

    name: str
    origin: str
    suggestion: str | None


class Settings(NamedTuple):
    """Every setting's value; ``origins`` says where each came from: an option, a variable, the file, the default."""

    central: str | None
    language: str
    credentials: str
    ca_file: str | None
    sync_interval_s: int
    live: bool
    theme: str
    start: str
    log_level: str
    test_clock_offset_ms: int
    origins: Mapping[str, str]
    misspelt: tuple[MistypedName, ...]


def load_settings(
    home: Home, options: Mapping[str, SettingValue] | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """The settings in force. ``options`` are those given on the command line, None where not given.

    Raises `BadSetting` (a value that cannot be used) or `BadSettingsFile`; a misspelt name is only reported, so that
    a slip in a file never keeps an officer from the ledger. A misspelt option raises `UnknownSetting`."""
    options = {name: value for name, value in (options or {}).items() if value is not None}
    for name in options:
        find_setting(name)
    written = read_settings_file(home.settings)
    found = {setting.name: _resolve(setting, options, environ, written, home) for setting in ALL_SETTINGS}
    values: dict[str, Any] = {name: value for name, (value, _) in found.items()}
    origins = {name: origin for name, (_, origin) in found.items()}
    return Settings(**values, origins=origins, misspelt=_mistyped_names(written, environ))


def _resolve(
    setting: Setting,
    options: Mapping[str, SettingValue],
    environ: Mapping[str, str],
    file_values: Mapping[str, object],
    home: Home,
) -> tuple[SettingValue, str]:
    if setting.name in options:
        return parse_value(setting, options[setting.name], "option", Path.cwd()), "option"
    if environ.get(setting.variable):
        return parse_value(setting, environ[setting.variable], setting.variable, Path.cwd()), setting.variable
    if setting.name in file_values and not setting.env_only:
        return parse_value(setting, file_values[setting.name], home.settings.name, home.path), home.settings.name
    return setting.default, "default"


def parse_value(setting: Setting, value: object, origin: str, folder: Path) -> SettingValue:
    """``value`` as the setting's type; files are relative to ``folder``. Raises `BadSetting`."""
    text = str(value).strip()
    found: SettingValue = None
    if setting.type == "switch":
        found = _SWITCH.get(text.lower())
    elif setting.type == "number":
        found = int(text) if _NUMBER.fullmatch(text) and _in_range(int(text), setting.limits) else None
    elif isinstance(value, str) and text and not _CONTROL.search(text) and text in (setting.choices or (text,)):
        found = str(folder / Path(text).expanduser()) if setting.type == "file" else text
    if found is None:
        raise BadSetting(name=setting.name, value=value, origin=origin, expected=setting.expected)
    return found


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


def read_settings_file(path: Path) -> dict[str, object]:
    """What the settings file says; empty when there is none. Raises `BadSettingsFile`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettingsFile(path=path, detail=error) from None
    return _parse(text, path)


def _parse(text: str, path: Path) -> dict[str, object]:
    import tomllib  # noqa: PLC0415 - only when there is a file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettingsFile(path=path, detail=error) from None


def save_setting(home: Home, name: str, value: SettingValue) -> None:
    """Write one setting to the home's file; None takes it out. Other lines and comments stay as they are.

    Raises `UnknownSetting`, `BadSetting`, or `BadSettingsFile` where the file cannot be edited line by line."""
    setting = find_setting(name)
    if setting.env_only:
        raise BadSetting(name=name, value=value, origin=home.settings.name, expected=setting.variable)
    wanted = None if value is None else parse_value(setting, value, home.settings.name, home.path)
    if name == "central" and wanted is not None and not _ADDRESS.match(str(wanted)):
        raise BadSetting(name=name, value=value, origin=home.settings.name, expected="https://central.example.gov.cn")
    before = read_settings_file(home.settings)
    text = home.settings.read_text(encoding="utf-8") if before or home.settings.exists() else ""
    edited = _replace_line(text, name, wanted)
    expected = {key: old for key, old in before.items() if key != name}
    if wanted is not None:
        expected[name] = wanted
    if _parse(edited, home.settings) != expected:
        raise BadSettingsFile(path=home.settings, detail=f"“{name}” cannot be changed without harming other lines")
    write_private(home.settings, edited.encode())


def _replace_line(text: str, name: str, value: SettingValue) -> str:
    line = "" if value is None else f"{name} = {_toml_value(value)}\n"
    present = re.compile(rf"^[ \t]*{name}[ \t]*=[^\n]*(\n|\Z)", re.MULTILINE)
    if present.search(text):
        return present.sub(lambda _: line, text, count=1)
    table = re.search(r"^[ \t]*\[", text, re.MULTILINE)
    head, tail = (text[: table.start()], text[table.start() :]) if table else (text, "")
    return head + ("\n" if head and not head.endswith("\n") else "") + line + tail


def _toml_value(value: SettingValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
