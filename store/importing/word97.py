"""Reads .doc, .wps and .rtf documents by converting them to .docx with LibreOffice, where it is installed.

> LibreOffice runs with a profile and a folder of its own, which are deleted afterwards, with macros off and for a
> bounded time: it neither meets nor disturbs one that a person has open.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from store.importing import docx
from store.importing.cell_source import CellSource
from store.importing.exceptions import DamagedFile, LegacyFormat, PasswordProtected
from store.importing.files import MAX_FILE_BYTES

MAX_SECONDS = 90
_SECTOR = 512
_WORD_BLOCK, _ENCRYPTED = b"\xec\xa5", 0x0100
_PROGRAMS = ("soffice", "libreoffice")
_PLACES = ("/Applications/LibreOffice.app/Contents/MacOS", r"C:\Program Files\LibreOffice\program")
"""Where it is installed without being on the path."""
_NO_MACROS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
</oor:items>
"""


def read(data: bytes, path: str | None = None) -> CellSource:
    """The rows as of the same document saved as .docx, by the program found in the folders of ``path`` (by default the
    environment's). Raises a `TableImportError`; `LegacyFormat` without LibreOffice."""
    if _is_locked(data):
        raise PasswordProtected()
    program = find_libreoffice(os.environ.get("PATH", "") if path is None else path)
    if program is None:
        raise LegacyFormat(found="Word 97–2003, WPS, RTF")
    return docx.read(convert(data, program))


def _is_locked(data: bytes) -> bool:
    """Whether the document is encrypted: a flag in the block at the beginning of its stream, which is a sector's."""
    starts = (place for place in range(_SECTOR, len(data), _SECTOR) if data.startswith(_WORD_BLOCK, place))
    return any(int.from_bytes(data[place + 10 : place + 12], "little") & _ENCRYPTED for place in starts)


def find_libreoffice(path: str) -> str | None:
    """Where the program is: in one of the folders of ``path``, or where its installer puts it."""
    folders = os.pathsep.join((path, *_PLACES))
    return next((place for name in _PROGRAMS if (place := shutil.which(name, path=folders))), None)


def convert(data: bytes, program: str, seconds: float = MAX_SECONDS) -> bytes:
    """The document as .docx. Raises `DamagedFile` where the program cannot, or not in this many seconds."""
    with tempfile.TemporaryDirectory(prefix="guanjia-", ignore_cleanup_errors=True) as folder:
        source, profile = Path(folder, "document.doc"), Path(folder, "profile")
        source.write_bytes(data)
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_NO_MACROS, "utf-8")
        command = [program, "--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={profile.as_uri()}"]
        _run([*command, "--convert-to", "docx", "--outdir", folder, str(source)], seconds)
        try:
            with Path(folder, "document.docx").open("rb") as converted:
                return converted.read(MAX_FILE_BYTES)
        except OSError:
            raise DamagedFile(detail="LibreOffice") from None


def _run(command: list[str], seconds: float) -> None:
    """Run it in a session of its own, so that on a timeout the processes that it started end with it."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        raise DamagedFile(detail="LibreOffice") from None
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise DamagedFile(detail=f"> {seconds:.0f} s") from None
    finally:
        if process.poll() is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
