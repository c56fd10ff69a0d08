"""The table of all settings: name, shape, default and what each is. Read and written by ``store/home/settings.py``."""

from __future__ import annotations

from typing import Literal, NamedTuple

SettingValue = str | int | bool | None
SettingType = Literal["text", "number", "switch", "file"]


class Setting(NamedTuple):
    """One setting: its shape, default and what it is. A number has ``limits``, a text may have a ``pattern`` (a regular
    expression); ``env_only`` ones are for tests."""

    name: str
    type: SettingType
    default: SettingValue
    description: str
    choices: tuple[str, ...] = ()
    limits: tuple[int, int] = (0, 0)
    env_only: bool = False
    example: str = ""
    pattern: str = ""

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"GUANJIA_{self.name.upper()}"

    @property
    def expected(self) -> str:
        """What values it takes, for people: the choices, the bounds, or one that could stand there."""
        if self.choices:
            return " | ".join(self.choices)
        if self.type == "number":
            return f"{self.limits[0]} … {self.limits[1]}"
        return "true | false" if self.type == "switch" else self.example


_DECADES_MS = 4_000_000_000_000
ALL_SETTINGS: tuple[Setting, ...] = (
    Setting(
        "central",
        "text",
        None,
        "Address of the central; empty takes the one that was joined",
        example="https://central.example.gov.cn",
    ),
    Setting("language", "text", "zh", "Language of screens and messages", ("zh", "en")),
    Setting(
        "credentials",
        "text",
        "auto",
        "Where the ledger's key and the device's token are kept",
        ("auto", "keyring", "file", "systemd"),
    ),
    Setting(
        "ca_file", "file", None, "Certificate authority of a private central (PEM)", example="/etc/ssl/central.pem"
    ),
    Setting("sync_interval_s", "number", 60, "Seconds between rounds when nothing calls for one", limits=(5, 86_400)),
    Setting("live", "switch", True, "Whether the daemon listens for the central's live hints"),
    Setting("auto_sync", "switch", True, "Whether the screens run a round when they open and after saving"),
    Setting(
        "bundle_folder",
        "file",
        None,
        "A folder whose files for the central the daemon hands in for others, as of a stick",
        example="/media/usb",
    ),
    Setting(
        "export_folder",
        "file",
        None,
        "The folder that reports and lists are written to; empty: the person's own",
        example="/home/butler/Documents",
    ),
    Setting(
        "forms_folder",
        "file",
        None,
        "A folder of own forms for reports (.docx), each named like its report",
        example="/home/butler/forms",
    ),
    Setting("metered", "switch", False, "Whether the line costs by the byte: only small pictures travel then"),
    Setting(
        "attachment_mb_metered",
        "number",
        50,
        "Megabytes of attachments in a day on a line that costs by the byte; 0: as many as there are",
        limits=(0, 1_000_000),
    ),
    Setting(
        "attachment_mb_hour",
        "number",
        0,
        "Megabytes of attachments that may travel in an hour; 0: as many as there are",
        limits=(0, 1_000_000),
    ),
    Setting(
        "attachment_mb_day",
        "number",
        0,
        "Megabytes of attachments that may travel in a day; 0: as many as there are",
        limits=(0, 1_000_000),
    ),
    Setting(
        "attachment_hours",
        "text",
        None,
        "The hours of the day in which attachments travel; empty: always",
        example="18-8",
        pattern=r"([01]?[0-9]|2[0-3])-([01]?[0-9]|2[0-4])",
    ),
    Setting(
        "attachment_reserve_mb",
        "number",
        500,
        "Megabytes of the disk that attachments leave free",
        limits=(0, 1_000_000),
    ),
    Setting(
        "attachment_folders",
        "text",
        None,
        "Folders whose newest files are offered to be attached, separated by “;”; {project} stands for its name",
        example="/media/phone/DCIM;~/图片/{project}",
    ),
    Setting(
        "picture_preview",
        "text",
        "auto",
        "How pictures are previewed: half blocks in colours, whole cells, signs, or not at all",
        ("auto", "blocks", "cells", "signs", "none"),
    ),
    Setting("theme", "text", "auto", "Colours of the screens", example="auto | dark | light | contrast"),
    Setting(
        "mouse",
        "switch",
        True,
        "Whether the screens take the mouse, from the next start; else the terminal selects and copies text with it",
    ),
    Setting(
        "start",
        "text",
        "today",
        "The place that the screens open in",
        ("today", "projects", "issues", "registers", "summary", "sync"),
    ),
    Setting(
        "remind",
        "text",
        "auto",
        "Whether this device reminds: where you worked last, always, or never",
        ("auto", "always", "never"),
    ),
    Setting(
        "remind_days",
        "text",
        None,
        "Working days from a date on which you are reminded; empty: the district's",
        example="-3,-1,0,1",
        pattern=r"-?[0-9]{1,2}(,-?[0-9]{1,2}){0,9}",
    ),
    Setting(
        "remind_morning",
        "text",
        "8:30",
        "The time at which the day's dates are told, in one message",
        example="8:30",
        pattern=r"([01]?[0-9]|2[0-3]):[0-5][0-9]",
    ),
    Setting(
        "remind_quiet",
        "text",
        "20-8",
        "The hours in which nothing is told; 0-0: none",
        example="20-8",
        pattern=r"([01]?[0-9]|2[0-3])-([01]?[0-9]|2[0-4])",
    ),
    Setting("remind_desktop", "switch", True, "Whether reminders are told by notifications of the desktop"),
    Setting(
        "remind_terminal",
        "text",
        "title",
        "How the open screens call attention to reminders, beside showing them",
        ("none", "title", "bell", "osc9", "osc777"),
    ),
    Setting(
        "remind_program",
        "file",
        None,
        "A program of the office that is given reminders as JSON on its standard input",
        example="/usr/local/bin/sms-gateway",
    ),
    Setting(
        "remind_hook",
        "text",
        None,
        "The address of an office's gateway that reminders are posted to, signed",
        example="https://gateway.example.gov.cn/guanjia",
        pattern=r"https://[!-~]{1,500}|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?(/[!-~]{0,500})?",
    ),
    Setting("remind_titles", "switch", False, "Whether the office's program and gateway are told titles, too"),
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
