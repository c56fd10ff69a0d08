"""Notifications of the desktop: freedesktop over D-Bus, macOS by osascript, Windows by PowerShell.

Titles come from the ledger, so they are given as values and never as a part of a script: in the D-Bus message, in the
arguments of osascript, in the environment of PowerShell.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from sync.daemon.channels import DEADLINE_S, ChannelOutcome, ReminderNotice

APP_NAME = "guanjia"
BUS_VARIABLE = "DBUS_SESSION_BUS_ADDRESS"
_MAC_SCRIPT = "on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run"
_WINDOWS_SCRIPT = """
$ErrorActionPreference = 'Stop'
[void][Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$kind = [Windows.UI.Notifications.ToastTemplateType]::ToastText02
$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent($kind)
$lines = $xml.GetElementsByTagName('text')
[void]$lines.Item(0).AppendChild($xml.CreateTextNode($env:GUANJIA_TITLE))
[void]$lines.Item(1).AppendChild($xml.CreateTextNode($env:GUANJIA_TEXT))
$app = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
$toast = [Windows.UI.Notifications.ToastNotification]::new($xml)
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($app).Show($toast)
"""


def show_on_desktop(
    notice: ReminderNotice, environ: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> ChannelOutcome:
    """Show a notification to whoever sits at this machine's desktop."""
    if platform in ("darwin", "win32"):
        command, more = command_of(notice, platform)
        return _run(command, {**environ, **more})
    return _notify_by_bus(notice, environ)


def command_of(notice: ReminderNotice, platform: str) -> tuple[Sequence[str], Mapping[str, str]]:
    """The command that shows it on macOS or Windows, and what it finds in its environment."""
    if platform == "darwin":
        return ("osascript", "-e", _MAC_SCRIPT, notice.title, notice.text), {}
    script = base64.b64encode(_WINDOWS_SCRIPT.encode("utf-16-le")).decode()
    command = ("powershell.exe", "-NoProfile", "-NonInteractive", "-EncodedCommand", script)
    return command, {"GUANJIA_TITLE": notice.title, "GUANJIA_TEXT": notice.text}


def _run(command: Sequence[str], environ: Mapping[str, str]) -> ChannelOutcome:
    nothing = subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, env=environ, stdin=nothing, stdout=nothing, stderr=nothing, timeout=DEADLINE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return "timeout"
    except OSError:
        return "unavailable"
    return "refused" if done.returncode else "sent"


def _bus_address(environ: Mapping[str, str]) -> str | None:
    """The session bus of this person: as the desktop says, else where systemd has it."""
    if address := environ.get(BUS_VARIABLE):
        return address
    path = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "bus"
    return f"unix:path={path}" if path.exists() else None


def _notify_by_bus(notice: ReminderNotice, environ: Mapping[str, str]) -> ChannelOutcome:
    from jeepney import AuthenticationError  # noqa: PLC0415 - loaded by the first reminder, not with the daemon
    from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415 - as above
    from jeepney.wrappers import DBusErrorResponse  # noqa: PLC0415 - as above

    address = _bus_address(environ)
    if address is None:
        return "unavailable"
    try:
        with open_dbus_connection(address) as bus:
            takes_markup = "body-markup" in _call(bus, "GetCapabilities", None, ())[0]
            text = escape(notice.text) if takes_markup else notice.text
            hints = {"urgency": ("y", 1), "desktop-entry": ("s", APP_NAME)}
            _call(bus, "Notify", "susssasa{sv}i", (APP_NAME, 0, "", notice.title, text, [], hints, -1))
    except TimeoutError:
        return "timeout"
    except (OSError, ValueError, RuntimeError, AuthenticationError):
        return "unavailable"
    except DBusErrorResponse as error:
        return "unavailable" if error.name.startswith("org.freedesktop.DBus.Error.") else "refused"
    return "sent"


def _call(bus: object, method: str, signature: str | None, body: tuple[object, ...]) -> tuple[Sequence[str], ...]:
    """Call a method of the desktop's notifications; gives the answer's body. Raises as jeepney does."""
    from jeepney import DBusAddress, new_method_call  # noqa: PLC0415 - as above
    from jeepney.io.blocking import DBusConnection  # noqa: PLC0415 - as above
    from jeepney.wrappers import unwrap_msg  # noqa: PLC0415 - as above

    assert isinstance(bus, DBusConnection)
    name = "org.freedesktop.Notifications"
    address = DBusAddress("/org/freedesktop/Notifications", bus_name=name, interface=name)
    message = new_method_call(address, method, signature, body)
    answered: tuple[Sequence[str], ...] = unwrap_msg(bus.send_and_get_reply(message, timeout=DEADLINE_S / 2))
    return answered
