"""Notifications of the desktop: over a real bus, and what macOS and Windows would be given."""

from __future__ import annotations

import base64
import contextlib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

from sync.daemon.channels import ReminderNotice
from sync.daemon.channels.desktop import BUS_VARIABLE, command_of, show_on_desktop

NOTICE = ReminderNotice("2 项提醒", '"); do shell script "rm -rf ~" --\n<b>$(id)</b> `id` & 今天到期')


@contextlib.contextmanager
def desktop(folder: Path, capabilities: list[str], *, refuses: bool = False) -> Iterator[tuple[str, list[Any]]]:
    """A bus of its own with a desktop on it; gives its address and the notifications as they come."""
    address = f"unix:path={folder}/bus"
    command = ["dbus-daemon", "--session", "--nofork", f"--address={address}", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as bus:
        assert bus.stdout is not None and bus.stdout.readline()
        shown: list[Any] = []
        server = open_dbus_connection(address)
        server.send_and_get_reply(message_bus.RequestName("org.freedesktop.Notifications"))

        def serve() -> None:
            with contextlib.suppress(OSError, ValueError):
                while True:
                    asked = server.receive()
                    if asked.header.message_type != MessageType.method_call:
                        continue
                    if asked.header.fields[HeaderFields.member] == "GetCapabilities":
                        server.send(new_method_return(asked, "as", (capabilities,)))
                    elif refuses:
                        server.send(
                            new_error(asked, "org.freedesktop.Notifications.Error.ExcessNotificationGeneration")
                        )
                    else:
                        shown.append(asked.body)
                        server.send(new_method_return(asked, "u", (1,)))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield address, shown
        finally:
            bus.kill()
            thread.join()
            server.close()


@pytest.mark.needs("dbus")
def test_a_real_bus_shows_titles_as_they_are(tmp_path: Path) -> None:
    """Marks of a title are shown, never obeyed: escaped where the desktop reads markup, left alone where it does not.
    A desktop that refuses is told, and so is one that is not there."""
    escaped = NOTICE.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for capabilities, text in (([], NOTICE.text), (["body-markup"], escaped)):
        with desktop(tmp_path, capabilities) as (address, shown):
            assert show_on_desktop(NOTICE, {BUS_VARIABLE: address}, "linux") == "sent"
        ((name, _replaces, _icon, title, body, actions, hints, _expire),) = shown
        assert (name, title, body, actions, hints["urgency"]) == ("guanjia", NOTICE.title, text, [], ("y", 1))
    with desktop(tmp_path, [], refuses=True) as (address, _shown):
        assert show_on_desktop(NOTICE, {BUS_VARIABLE: address}, "linux") == "refused"
    assert show_on_desktop(NOTICE, {BUS_VARIABLE: address}, "linux") == "unavailable"
    assert show_on_desktop(NOTICE, {"XDG_RUNTIME_DIR": str(tmp_path / "none")}, "linux") == "unavailable"
    assert show_on_desktop(NOTICE, {BUS_VARIABLE: "nonsense"}, "linux") == "unavailable"


def test_no_title_is_a_part_of_a_script() -> None:
    """macOS gets it as an argument, Windows in the environment: the scripts are the same whatever is told."""
    (*script, title, text), more = command_of(NOTICE, "darwin")
    assert (title, text, more) == (*NOTICE, {})
    assert command_of(ReminderNotice("", ""), "darwin")[0][:-2] == (*script,)
    command, given = command_of(NOTICE, "win32")
    assert given == {"GUANJIA_TITLE": NOTICE.title, "GUANJIA_TEXT": NOTICE.text}
    assert command == command_of(ReminderNotice("", ""), "win32")[0]
    assert "CreateTextNode($env:GUANJIA_TEXT)" in base64.b64decode(command[-1]).decode("utf-16-le")
    assert show_on_desktop(NOTICE, {"PATH": ""}, "darwin") == "unavailable"
