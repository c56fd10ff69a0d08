"""The platforms that an offline folder is made for: which wheels serve each, and what a machine must be to use them."""

from __future__ import annotations

from typing import NamedTuple

from packaging.markers import default_environment

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""The versions of Python that a folder has wheels for."""
_GLIBC_MINORS = (17, 24, 26, 27, 28, 31, 34)
_MACOS_ARM = tuple(f"macosx_{major}_0_arm64" for major in range(11, 16))
_MACOS_BOTH = tuple(f"macosx_{major}_{minor}_universal2" for major, minor in ((10, 9), (10, 12), (10, 13), (11, 0)))


class TargetPlatform(NamedTuple):
    """A platform by its name in the folder's name. ``system`` and ``machines`` are what `platform.system` and
    `platform.machine` say there (on Windows `sysconfig.get_platform`); ``tags`` are those of its wheels, the one for
    the oldest systems first. ``lacking`` are packages that are known to have no wheel for it, and ``instead`` is what
    serves there then."""

    name: str
    system: str
    machines: tuple[str, ...]
    tags: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    instead: str = ""

    def environment(self, python: str) -> dict[str, str]:
        """The values of the markers of requirements on this platform, under this version of Python."""
        environment = {name: str(value) for name, value in default_environment().items()}
        environment["sys_platform"] = {"Linux": "linux", "Windows": "win32", "Darwin": "darwin"}[self.system]
        environment["platform_system"] = self.system
        environment["platform_machine"] = self.machines[0]
        environment["os_name"] = "nt" if self.system == "Windows" else "posix"
        environment["python_version"], environment["python_full_version"] = python, f"{python}.0"
        environment["implementation_version"] = f"{python}.0"
        environment["implementation_name"], environment["platform_python_implementation"] = "cpython", "CPython"
        return environment


def _linux(name: str, machine: str, *other_names: str) -> TargetPlatform:
    tags = [f"manylinux_2_{minor}_{machine}" for minor in _GLIBC_MINORS]
    older = [f"manylinux2014_{machine}"]
    return TargetPlatform(name, "Linux", (machine, *other_names), (*older, *tags))


PLATFORMS = (
    _linux("linux-x86_64", "x86_64", "amd64"),
    _linux("linux-aarch64", "aarch64", "arm64"),
    TargetPlatform("windows-x86_64", "Windows", ("AMD64", "x86_64"), ("win_amd64",)),
    TargetPlatform(
        "windows-arm64",
        "Windows",
        ("ARM64", "aarch64"),
        ("win_arm64",),
        lacking=("cryptography", "psycopg-binary"),
        instead="Windows 11 on ARM runs the folder windows-x86_64 with a Python for x86-64.",
    ),
    TargetPlatform("macos-arm64", "Darwin", ("arm64",), (*_MACOS_BOTH, *_MACOS_ARM)),
)
"""Every platform of ``make dist``."""
