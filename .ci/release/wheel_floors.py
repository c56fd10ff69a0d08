"""The oldest system that the wheels of a folder run on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from packaging.utils import parse_wheel_filename

from release.platforms import TargetPlatform
from release.sbom import WheelFacts

_GLIBC = re.compile(r"manylinux_(\d+)_(\d+)_")
_MACOS = re.compile(r"macosx_(\d+)_(\d+)_")
_ALIASES = {"manylinux2014": (2, 17), "manylinux2010": (2, 12), "manylinux1": (2, 5)}


class SystemFloor(NamedTuple):
    """``what`` (glibc, macOS, or Windows, which wheels say nothing about) must be ``version`` or newer; ``because`` is
    the wheel that asks for it."""

    what: str
    version: str
    because: str

    def __str__(self) -> str:
        return f"{self.what} ≥ {self.version} ({self.because})" if self.version else self.what


def floor_of(platform: TargetPlatform, facts: Sequence[WheelFacts]) -> SystemFloor:
    """What the machine's system must be, by the most demanding wheel."""
    what = {"Linux": "glibc", "Darwin": "macOS", "Windows": "Windows 10"}[platform.system]
    demands = [(lowest, wheel.file) for wheel in facts if (lowest := _lowest(wheel.file)) is not None]
    if not demands:
        return SystemFloor(what, "", "")
    (major, minor), because = max(demands)
    return SystemFloor(what, f"{major}.{minor}", because)


def _lowest(file: str) -> tuple[int, int] | None:
    """The oldest system of the several that a wheel's name allows."""
    found = []
    for tag in parse_wheel_filename(file)[3]:
        match = _GLIBC.match(tag.platform) or _MACOS.match(tag.platform)
        alias = tag.platform.partition("_")[0]
        if match:
            found.append((int(match[1]), int(match[2])))
        elif alias in _ALIASES:
            found.append(_ALIASES[alias])
    return min(found, default=None)
