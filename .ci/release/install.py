"""Install guanjia from this folder, without a network. Called by install.sh and install.cmd.

Each version gets a folder of its own below the prefix, is tried there, and only then takes the command's place; the one
before stays beside it. Nothing of anybody's ledger is touched, neither here nor by ``--uninstall``. Only Python's own
library is used; the syntax is that of Python 3.8, so that an older one gets a sentence instead of a traceback.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
MARK = "guanjia-install.json"
"""In each version's folder, once it is whole."""


class InstallFailure(Exception):
    """Why nothing was installed, in Chinese and in English."""


def main(words: list[str] | None = None) -> int:
    """Install, check or uninstall; 1 where it was refused, and then nothing was changed."""
    parser = argparse.ArgumentParser(prog="install", description="guanjia: install without a network")
    parser.add_argument("--prefix", type=Path, default=default_prefix(), help="where versions go (%(default)s)")
    parser.add_argument("--bin", type=Path, default=default_bin(), help="where the command goes (%(default)s)")
    parser.add_argument("--check", action="store_true", help="only check this folder and this machine")
    parser.add_argument("--uninstall", action="store_true", help="remove the program; ledgers stay")
    options = parser.parse_args(words)
    try:
        if options.uninstall:
            uninstall(options.prefix.absolute(), options.bin.absolute())
            return 0
        about = read_about()
        check_machine(about)
        check_files()
        if options.check:
            say("文件完整，本机可以安装。", "The folder is whole, and this machine can use it.")
            return 0
        install(about, options.prefix.absolute(), options.bin.absolute())
    except InstallFailure as failure:
        say(*failure.args)
        return 1
    return 0


def say(chinese: str, english: str) -> None:
    """Tell it in Chinese, or in English where GUANJIA_LANGUAGE says so or the console cannot show Chinese."""
    text = english if os.environ.get("GUANJIA_LANGUAGE") == "en" else chinese
    try:
        print(text, flush=True)
    except UnicodeEncodeError:
        print(english, flush=True)


def is_root() -> bool:
    """Whether this installs for everybody."""
    if sys.platform == "win32":
        return False
    return os.geteuid() == 0


def default_prefix() -> Path:
    """Where versions go unless ``--prefix`` says otherwise: never where ledgers are."""
    if WINDOWS:
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "Programs" / "guanjia"
    return Path("/opt/guanjia") if is_root() else Path.home() / ".local/lib/guanjia"


def default_bin() -> Path:
    """Where the command goes: a folder that most systems search."""
    if WINDOWS:
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "Microsoft" / "WindowsApps"
    return Path("/usr/local/bin") if is_root() else Path.home() / ".local/bin"


def read_about() -> dict[str, Any]:
    """What this folder says of itself. Raises `InstallFailure`."""
    try:
        about: dict[str, Any] = json.loads((HERE / "platform.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise InstallFailure(
            "安装文件夹不完整：缺少 platform.json。没有安装任何内容，请重新复制整个文件夹。",
            "The folder is not whole: platform.json is missing. Nothing was installed; copy the whole folder again.",
        ) from None
    return about


def check_machine(about: dict[str, Any]) -> None:
    """Whether this machine and this Python can use the folder's wheels. Raises `InstallFailure`."""
    version = "{}.{}".format(*sys.version_info[:2])
    if version not in about["pythons"] or platform.python_implementation() != "CPython":
        names = "、".join(about["pythons"])
        raise InstallFailure(
            f"这里的 Python 是 {version}（{sys.executable}），本文件夹适用于 {names}。没有安装任何内容，"
            "请安装其中一个版本，或用环境变量 PYTHON 指定。",
            f"This Python is {version} ({sys.executable}); the folder is for {', '.join(about['pythons'])}. Nothing "
            "was installed; install one of these, or name one by the variable PYTHON.",
        )
    machine = python_machine()
    if platform.system() != about["system"] or machine.lower() not in [name.lower() for name in about["machines"]]:
        raise InstallFailure(
            f"本文件夹适用于 {about['platform']}，这台机器是 {platform.system()} {machine}。没有安装任何内容，"
            "请使用对应的文件夹。",
            f"The folder is for {about['platform']}, and this machine is {platform.system()} {machine}. Nothing was "
            "installed; use the folder for this machine.",
        )
    floor, mine = about["floor"], system_version()
    if floor["version"] and mine is not None and mine < _numbers(floor["version"]):
        shown = ".".join(str(number) for number in mine)
        raise InstallFailure(
            f"本文件夹要求 {floor['what']} {floor['version']} 或更新，这台机器是 {shown}。没有安装任何内容。",
            f"The folder needs {floor['what']} {floor['version']} or newer, and this machine has {shown}. Nothing was "
            "installed.",
        )


def python_machine() -> str:
    """The processor that this Python is for. On Windows that may be another than the machine's own."""
    return sysconfig.get_platform().rpartition("-")[2] if WINDOWS else platform.machine()


def system_version() -> tuple[int, ...] | None:
    """The version of glibc or macOS; of a Linux without glibc 0; None where wheels ask for nothing."""
    if sys.platform == "darwin":
        return _numbers(platform.mac_ver()[0])
    if sys.platform == "linux":
        name, version = platform.libc_ver()
        return _numbers(version) if name == "glibc" else (0,)
    return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def check_files() -> None:
    """Whether every file of the folder is the one that was built. Raises `InstallFailure`."""
    listed: dict[str, str] = {}
    try:
        for line in (HERE / "SHA256SUMS").read_text("utf-8").splitlines():
            checksum, _, name = line.partition("  ")
            listed[name] = checksum
    except (OSError, ValueError):
        listed = {}
    wrong = [name for name, checksum in listed.items() if _checksum(HERE / name) != checksum]
    here = {path.name for path in (HERE / "wheels").glob("*")}
    more = [f"wheels/{name}" for name in sorted(here) if f"wheels/{name}" not in listed]
    if not listed or wrong or more:
        names = ", ".join((wrong + more)[:5]) or "SHA256SUMS"
        raise InstallFailure(
            f"安装文件与原件不一致：{names}。没有安装任何内容，请重新复制整个文件夹。",
            f"Files are not those that were built: {names}. Nothing was installed; copy the whole folder again.",
        )


def _checksum(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def install(about: dict[str, Any], prefix: Path, commands: Path) -> None:
    """Install this folder's version beside others, try it, and let the command be it. Raises `InstallFailure`."""
    target, command = prefix / about["version"], command_path(commands)
    if command_target(command) == "foreign":
        raise InstallFailure(
            f"{command} 已存在，且不是本程序安装的。没有安装任何内容，请先移走它，或用 --bin 指定别的文件夹。",
            f"{command} is there already and was not made by this. Nothing was installed; move it away, or name "
            "another folder with --bin.",
        )
    if not (target / MARK).exists():
        try:
            _make_environment(target, about)
        except (OSError, subprocess.CalledProcessError) as error:
            shutil.rmtree(target, ignore_errors=True)
            detail = getattr(error, "stderr", None) or str(error)
            raise InstallFailure(
                f"没有安装成功，原有版本不变：{detail}", f"It was not installed; what was there stays: {detail}"
            ) from None
    _switch(command, target)
    say(f"已安装：{command}（{target}）", f"Installed: {command} ({target})")
    if shutil.which("guanjia") is None:
        say(
            f"命令搜索路径里没有 {commands}：请把它加入 PATH，或用完整路径运行。",
            f"{commands} is not on the search path: add it to PATH, or run the command by its full path.",
        )


def _make_environment(target: Path, about: dict[str, Any]) -> None:
    """An environment with all of the folder's wheels in it, tried once. Its mark is written last."""
    target.parent.mkdir(parents=True, exist_ok=True)
    venv.EnvBuilder(clear=True, symlinks=not WINDOWS).create(target)
    python = str(target / ("Scripts/python.exe" if WINDOWS else "bin/python"))
    pip = next((HERE / "wheels").glob("pip-*.whl"))
    wheels = str(HERE / "wheels")
    # a variable or a setting of pip's must not send it to an index, nor to another place
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    command = [python, "-I", str(pip / "pip"), "--isolated", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--no-index", "--find-links", wheels, "--require-hashes", "--no-deps", "-r", "requirements.txt"]
    subprocess.run(command, cwd=HERE, env=clean, check=True, stderr=subprocess.PIPE, text=True)
    trial = [str(program_of(target)), "--version"]
    told = subprocess.run(trial, env=clean, check=True, capture_output=True, text=True).stdout
    if about["version"] not in told.split():
        raise OSError(f"guanjia --version: {told}")
    (target / MARK).write_text(json.dumps({"version": about["version"], "platform": about["platform"]}), "utf-8")


def program_of(target: Path) -> Path:
    """The program of an installed version."""
    return target / ("Scripts/guanjia.exe" if WINDOWS else "bin/guanjia")


def command_path(commands: Path) -> Path:
    """The command, in the folder of commands."""
    return commands / ("guanjia.cmd" if WINDOWS else "guanjia")


def command_target(command: Path) -> str:
    """What is at the command's place: ``none``, ``ours`` (made by this installer, whatever the prefix) or
    ``foreign``."""
    if not os.path.lexists(command):
        return "none"
    if command.is_symlink():
        return "ours" if (Path(os.path.realpath(command)).parent.parent / MARK).exists() else "foreign"
    try:
        return "ours" if WINDOWS and command.read_bytes().startswith(_CMD_HEAD) else "foreign"
    except OSError:
        return "foreign"


_CMD_HEAD = b"@rem guanjia\r\n"


def _switch(command: Path, target: Path) -> None:
    """Let the command be that of this version, in one step: who starts it meanwhile gets the one or the other."""
    command.parent.mkdir(parents=True, exist_ok=True)
    aside = command.with_name(f".{command.name}.{os.getpid()}")
    if WINDOWS:
        aside.write_bytes(_CMD_HEAD + f'@"{_windows_path(program_of(target))}" %*\r\n'.encode("oem"))
    else:
        aside.symlink_to(program_of(target))
    os.replace(aside, command)


def _windows_path(program: Path) -> str:
    """The path as a command file says it: by the variable where it is below that, so that no name of a person is in
    it, whatever the console's code page."""
    base = os.environ.get("LOCALAPPDATA")
    try:
        return "%LOCALAPPDATA%\\" + str(program.relative_to(Path(base))) if base else str(program)
    except ValueError:
        return str(program)


def uninstall(prefix: Path, commands: Path) -> None:
    """Remove what was installed below the prefix, and the command. Ledgers and settings stay. Raises
    `InstallFailure`."""
    versions = [path.parent for path in prefix.glob(f"*/{MARK}")]
    command = command_path(commands)
    if not versions:
        raise InstallFailure(
            f"{prefix} 里没有安装过管家。没有删除任何内容。",
            f"Nothing of guanjia is installed in {prefix}. Nothing was removed.",
        )
    if command_target(command) == "ours":
        command.unlink()
    try:
        for version in versions:
            (version / MARK).unlink()
            shutil.rmtree(version)
        if not any(prefix.iterdir()):
            prefix.rmdir()
    except OSError as error:
        raise InstallFailure(
            f"没有全部删除（程序可能还在运行）：{error}。台账没有受影响。",
            f"Not all could be removed (the program may still run): {error}. Ledgers were not touched.",
        ) from None
    say(
        "程序已删除。台账、密钥和设置都还在原处；重新安装后可继续使用。",
        "The program was removed. Ledgers, keys and settings are where they were; a new installation uses them.",
    )


if __name__ == "__main__":
    sys.exit(main())
