"""Files to be attached: the newest of the watched folders, and small pictures of them, which are kept while the program
runs. For threads: folders may be slow, and each picture is decoded in a process of its own."""

from __future__ import annotations

import heapq
import os
import stat
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path

from store.exceptions import GuanjiaError
from store.values.media.content_types import MACROS, PICTURE_TYPES, media_type
from store.values.media.pictures import Preview, preview
from store.values.text import sanitize

MAX_FILES = 200
"""So many of the newest files are listed."""
_MAX_ENTRIES = 20_000
"""So many entries of all watched folders are looked at: a phone has some thousand pictures."""
_OPENED_FOR_EACH = 10
"""So many files are opened at most for each that is listed: a folder of downloads may be full of what is not taken."""
_MAX_DEPTH = 3
_USUAL_FOLDERS = ("Pictures", "图片", "Downloads", "下载", "xwechat_files", "Documents/WeChat Files")
_MOUNTS = ("/media", "/run/media", "/Volumes")
PROJECT_MARK = "{project}"
"""Stands in the setting for the name of the project in view."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that may be attached: its path, type by content, size in bytes, and when it was changed, in ms since
    1970."""

    path: Path
    media_type: str
    size: int
    changed_ms: int

    @property
    def id(self) -> str:
        """Its path."""
        return str(self.path)

    @property
    def name(self) -> str:
        """Its name, as it is shown."""
        return sanitize(self.path.name)

    @property
    def is_picture(self) -> bool:
        """Whether it can be previewed."""
        return self.media_type in PICTURE_TYPES


def watched_folders(setting: str | None, project: str | None, home: Path | None = None) -> list[Path]:
    """The folders that the setting names, separated by semicolons, or the usual ones: pictures, downloads, those of the
    chat program, and what is mounted. Only those that exist."""
    if setting:
        named = filter(None, (part.strip() for part in setting.replace("；", ";").split(";")))
        own = _folder_name(project)
        texts = [text.replace(PROJECT_MARK, own) for text in named if own or PROJECT_MARK not in text]
        folders = [Path(os.path.expanduser(text)) for text in texts]
    else:
        user = home or Path.home()
        folders = [user / name for name in _USUAL_FOLDERS]
        folders += [mount for place in _MOUNTS for mount in _below(Path(place), 2)]
        folders += [mount for mount in _below(Path(f"/run/user/{_user_id()}/gvfs"), 1)]
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def _folder_name(project: str | None) -> str:
    return (project or "").replace("/", "_").replace("\\", "_").strip(". ")


def _user_id() -> int:
    if sys.platform == "win32":
        return -1
    return os.getuid()


def _below(place: Path, depth: int) -> list[Path]:
    try:
        found = [path for path in sorted(place.iterdir()) if path.is_dir()] if depth else []
    except OSError:
        return []
    return found if depth == 1 else [deeper for path in found for deeper in _below(path, depth - 1)]


def newest_files(folders: Iterable[Path], most: int = MAX_FILES) -> list[MediaFile]:
    """The files in these folders that can be attached, the newest first. What cannot be read is left out."""
    seen: dict[str, tuple[float, str]] = {}
    budget = [_MAX_ENTRIES]
    for folder in folders:
        for entry in _files(folder, _MAX_DEPTH, budget):
            try:
                seen[entry.path] = (entry.stat().st_mtime, entry.path)
            except OSError:
                continue
    newest = heapq.nlargest(most * _OPENED_FOR_EACH, seen.values())
    return list(islice(filter(None, (media_file(Path(path)) for _changed, path in newest)), most))


def _files(folder: Path, depth: int, budget: list[int]) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                budget[0] -= 1
                if budget[0] < 0:
                    return
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if depth:
                        yield from _files(Path(entry.path), depth - 1, budget)
                elif entry.is_file():
                    yield entry
    except OSError:
        return


def media_file(path: Path) -> MediaFile | None:
    """What is known of a file; None where it cannot be read or attached."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            return None
        with path.open("rb") as stream:
            kind = media_type(stream)
    except (OSError, ValueError):
        return None
    if kind is None or kind == MACROS:
        return None
    return MediaFile(path, kind, facts.st_size, int(facts.st_mtime * 1000))


class PreviewCache:
    """Small pictures by what they are of and how large they are, the ones used last."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], Preview | None] = OrderedDict()

    def of_file(self, file: MediaFile, width: int, height: int) -> Preview | None:
        """The preview of a file; None where it is damaged, gone or no picture."""
        if not file.is_picture:
            return None
        key = (file.id, file.changed_ms, file.size, width, height)
        if (kept := self._find(key)) is not None:
            return kept[0]
        try:
            with file.path.open("rb") as stream:
                made = preview(stream, file.media_type, width, height)
        except (OSError, GuanjiaError):
            made = None
        return self._keep(key, made)

    def of_content(self, sha256: str, read: Callable[[], bytes], width: int, height: int) -> Preview | None:
        """The preview of the content with this hash, which is ``read`` where it was not before; None where that is
        damaged or no picture."""
        key = (sha256, width, height)
        if (kept := self._find(key)) is not None:
            return kept[0]
        content = read()
        found = media_type(BytesIO(content))
        try:
            made = preview(content, found, width, height) if found in PICTURE_TYPES else None
        except GuanjiaError:
            made = None
        return self._keep(key, made)

    def _find(self, key: tuple[object, ...]) -> tuple[Preview | None] | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return (self._kept[key],)

    def _keep(self, key: tuple[object, ...], made: Preview | None) -> Preview | None:
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def pasted_paths(text: str) -> list[str]:
    """The paths in a pasted text: one a line, or several quoted or with escaped blanks, as terminals and file managers
    write them (also as ``file:`` addresses)."""
    import shlex  # noqa: PLC0415 - where something is pasted
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - likewise

    paths: list[str] = []
    for line in filter(None, map(str.strip, sanitize(text).splitlines())):
        whole = os.path.expanduser(line.strip("'\""))
        if os.path.exists(whole) or os.sep == "\\":
            parts: Sequence[str] = [line.strip("'\"")]
        else:
            try:
                parts = shlex.split(line)
            except ValueError:
                parts = [line]
        paths += [unquote(urlsplit(part).path) if part.startswith("file://") else part for part in parts]
    return [os.path.expanduser(path) for path in paths]
