"""The entry point of the command line: languages, wrong usage, errors, exit codes, and what is never imported."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from store.home.credentials import open_credentials
from store.home.paths import Home
from store.writer.upgrade import open_store
from tests.examples import examples
from tests.tui.cli.conftest import CommandLine
from tests.tui.cli.laptop import COMMAND, ROOT, Laptop
from tui.cli import errors, main, options, root
from tui.exceptions import foreseen_error


def test_version_is_data(here: CommandLine) -> None:
    """``--version`` prints name and version on stdout and nothing else."""
    result = here.run("--version")
    assert result.out == f"guanjia {root.program_version()}\n"
    assert result.err == ""


def test_help_lists_every_command_without_loading_them(here: CommandLine) -> None:
    """Help names each command of the table."""
    listed = here.run("--help").out
    assert [entry.name for entry in root.COMMANDS if f"  {entry.name} " not in listed] == []


@pytest.mark.parametrize("name", [entry.name for entry in root.COMMANDS])
def test_every_command_explains_itself(here: CommandLine, name: str) -> None:
    """``COMMAND --help`` works for every command, before any home exists, and takes the shared options."""
    result = here.run(name, "--help")
    assert "--home" in result.out
    assert "--json" in result.out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(("setings",), "settings"), (("issue", "asign", "x"), "assign"), (("status", "--jsn"), "--json")],
)
def test_misspelt_names_are_recognised(here: CommandLine, typed: tuple[str, ...], meant: str) -> None:
    """A misspelt command, act or option exits 2 and names the one that was probably meant."""
    result = here.run(*typed, code=2)
    assert meant in result.err
    assert result.out == ""


def test_options_count_before_and_after_the_command(here: CommandLine, tmp_path: Path) -> None:
    """``--home`` and ``--json`` mean the same on either side of the command's name."""
    first = here.run("--home", str(tmp_path / "x"), "--json", "status", code=1).error
    assert first == here.run("status", "--home", str(tmp_path / "x"), "--json", code=1).error
    assert str(tmp_path / "x") in first["what"]


def test_an_error_is_three_sentences_and_leaves_stdout_empty(here: CommandLine) -> None:
    """A refusal says what happened, what it means for the data and what to do, on stderr only, and exits 1."""
    result = here.run("status", code=1)
    assert result.out == ""
    what, data, todo = result.err.splitlines()
    assert str(here.home) in what
    assert data == "Nothing was written."
    assert "guanjia init" in todo


def test_an_error_as_json_is_one_object_on_stderr(here: CommandLine) -> None:
    """With ``--json`` stderr holds one JSON object with a stable code and the same three sentences."""
    result = here.run("status", "--json", code=1)
    assert result.out == ""
    assert result.error.keys() == {"code", "what", "data", "todo"}
    assert result.error["code"] == "no_home"


def test_a_code_need_not_be_among_the_arguments(
    here: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """join takes the code from a file or from standard input, where no process list shows it; without one it changes
    nothing and says what is missing."""
    (tmp_path / "code").write_text("ABCD-EFGH-JKMN\nmore\n")
    address = ("join", "http://192.0.2.1:80", "--json")
    assert here.run(*address, "--code-file", str(tmp_path / "code"), code=1).error["code"] == "insecure"
    for typed, code, error in ((b"ABCD-EFGH-JKMN\n", 1, "insecure"), (b"\n", 2, "usage")):
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(typed)))
        assert here.run(*address, code=code).error["code"] == error
    assert here.run(*address, "--code-file", str(tmp_path / "none"), code=1).error["code"] == "file"


def test_a_database_password_need_not_be_among_the_arguments(here: CommandLine, tmp_path: Path) -> None:
    """central init takes the database's address from a file, where no process list shows its password."""
    (tmp_path / "address").write_text(f"sqlite:///{tmp_path}/elsewhere.db\n")
    made = ("central", "init", "--data", str(tmp_path / "c"), "--district", "210903", "--name", "新邱区")
    here.run(*made, "--database-file", str(tmp_path / "address"))
    assert (tmp_path / "elsewhere.db").exists()


def test_wrong_usage_as_json_has_the_same_shape(here: CommandLine) -> None:
    """Wrong usage exits 2; with ``--json`` it looks like every other error."""
    result = here.run("init", "--json", code=2)
    assert result.error["code"] == "usage"
    assert "--district" in result.error["what"]


def test_errors_speak_the_language_of_the_option(here: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--lang`` beats the environment, before or after the command, for our errors and for wrong usage."""
    chinese = here.run("status", "--lang", "zh", code=1).err
    assert chinese != here.run("status", "--lang", "en", code=1).err
    monkeypatch.setenv("GUANJIA_LANGUAGE", "zh")
    assert here.run("status", code=1).err == chinese
    assert here.run("--lang", "en", "status", code=1).err != chinese


def test_the_language_of_the_home_counts(lone: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A language set in the home is used where neither option nor environment says another."""
    monkeypatch.delenv("GUANJIA_LANGUAGE")
    lone.run("settings", "set", "language", "en")
    assert options.preview_arguments(["status"]).language == "en"
    lone.run("settings", "set", "language")
    assert options.preview_arguments(["status"]).language == "zh"


def damage(home: Path, statement: str) -> None:
    """Change the store behind the program's back."""
    database = open_store(home / "ledger.db", open_credentials(Home(home), "file").key())
    with database.write() as connection:
        connection.execute(statement)
    database.close()


@pytest.mark.parametrize(
    ("typed", "encoding", "is_utf8"),
    [
        ("银行贷款", "gb18030", True),
        ("银行贷款", "latin-1", True),
        ("abc", "gb18030", False),
        ("café", "latin-1", False),  # in doubt the locale counts
    ],
)
def test_chinese_typed_in_utf8_is_told_from_the_locales_encoding(typed: str, encoding: str, is_utf8: bool) -> None:
    """With LANG=zh_CN.GB18030 in a terminal that sends UTF-8 no other characters are saved than were typed; arguments
    of a terminal that sends what the locale says are read as that."""
    assert main.is_typed_in_utf8([typed.encode().decode(encoding, "surrogateescape"), "find"], encoding) is is_utf8
    assert not main.is_typed_in_utf8([typed.encode(encoding, "ignore").decode(encoding)], encoding)


def test_the_linux_console_is_told_by_its_name() -> None:
    """On the console of Linux, whose fonts have no Chinese, the screens open in English; elsewhere they do not."""
    assert options.is_console_without_chinese({"TERM": "linux"}, is_terminal=True)
    assert not options.is_console_without_chinese({"TERM": "linux"}, is_terminal=False)
    assert not options.is_console_without_chinese({"TERM": "fbterm"}, is_terminal=True)


def test_an_unexpected_error_goes_to_the_log(lone: CommandLine) -> None:
    """An unexpected error shows no traceback: that is in the home's log, whose path is printed; exit 1."""
    damage(lone.home, "INSERT OR REPLACE INTO meta (key, value) VALUES ('last_round', '{十')")
    result = lone.run("status", code=1)
    assert "Traceback" not in result.err
    log = lone.home / "guanjia.log"
    assert str(log) in result.err
    assert "JSONDecodeError" in log.read_text("utf-8")
    assert log.stat().st_mode & 0o077 == 0


def test_an_unexpected_error_without_a_home_is_logged(here: CommandLine) -> None:
    """Where there is no home, the traceback is written to a temporary file, and no home is made for it."""
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as unforeseen:
        error = errors.to_user_error(unforeseen, here.home / "guanjia.log")
    kept = Path(str(error.values["log"]))
    assert "ZeroDivisionError" in kept.read_text("utf-8")
    assert not here.home.exists()
    kept.unlink()


def test_a_file_that_the_system_refuses_is_named(lone: CommandLine, tmp_path: Path) -> None:
    """A path that cannot be written is an error that names it."""
    result = lone.run("backup", str(tmp_path / "no" / "such" / "copy.db"), code=1)
    assert str(tmp_path / "no" / "such") in result.err


def test_a_move_that_the_system_refuses_names_the_file_that_people_know() -> None:
    """A file is written aside and moved into place; where that is refused (it is open elsewhere) its place is named."""
    error = PermissionError(errno.EACCES, "Permission denied", "reports/.x.docx.17", None, "reports/x.docx")
    told = foreseen_error(error)
    assert told is not None
    assert told.values["file"] == "reports/x.docx"


def test_a_backup_without_drafts_says_so(lone: CommandLine, tmp_path: Path) -> None:
    """Where the device's own file cannot be read the ledger is backed up, and the person learns what is not in it."""
    (lone.home / "ledger.device").mkdir()
    assert not lone.json("backup", str(tmp_path / "first.db"))["device_state"]
    assert "drafts of forms" in lone.run("backup", str(tmp_path / "second.db")).err
    (lone.home / "ledger.device").rmdir()
    assert lone.json("backup", str(tmp_path / "third.db"))["device_state"]


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    """``guanjia … | head`` ends quietly: exit 0 and nothing on stderr, though the pipe is closed before it is read."""
    laptop = Laptop(tmp_path / "home")
    laptop.run("init", "--district", "1", "--name", "A")
    for command in ("dump", "status", "settings --json"):
        process = laptop.start(*command.split())
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(120) == 0


def test_output_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A full disk behind ``> file`` is an error with exit 1; a closed stdout or stderr is none."""
    laptop = Laptop(tmp_path / "home")
    laptop.run("init", "--district", "1", "--name", "A")

    def shell(typed: str) -> subprocess.CompletedProcess[bytes]:
        command = f'exec "$0" -m tui.cli.main {typed}'
        return subprocess.run(
            ["sh", "-c", command, sys.executable], env=laptop.environment, capture_output=True, check=False
        )

    for typed in ("dump", "status", "find A"):
        full = shell(f"{typed} >/dev/full")
        assert (full.returncode, full.stderr.splitlines()[0]) == (1, b"The output cannot be written: the disk is full.")
        assert shell(f"{typed} >&-").returncode == 0
        assert shell(f"{typed} 2>&-").returncode == 0


def test_an_error_of_sqlite_shows_no_traceback(lone: CommandLine) -> None:
    """An error of SQLite that the store has no text for is told in sentences; its traceback is in the log."""
    damage(lone.home, "DROP TABLE outbox")
    assert "no such table" in lone.run("status", "--json", code=1).error["what"]
    assert "no such table" in (lone.home / "guanjia.log").read_text("utf-8")


def test_an_interrupt_prints_one_sentence(tmp_path: Path) -> None:
    """An interrupt ends a command with exit 1 and a sentence, never with a traceback."""
    code = """if True:
        import signal, time, tui.cli.main, tui.cli.root as root
        signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs tests in the background ignores it
        root.run_command_line = lambda *_, **__: (print("on", flush=True), time.sleep(60))
        tui.cli.main.main()
    """
    environment = Laptop(tmp_path / "home").environment
    process = subprocess.Popen(
        [sys.executable, "-c", code, "status"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout and process.stderr
    assert process.stdout.readline() == b"on\n"
    process.send_signal(signal.SIGINT)
    assert process.stderr.read().decode().splitlines()[0] == "Stopped."
    assert process.wait(120) == 1


def test_no_command_without_a_terminal_is_wrong_usage(here: CommandLine) -> None:
    """The screens need a terminal; without one the command says so and exits 2."""
    assert "terminal" in here.run(code=2).err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(here: CommandLine, shell: str) -> None:
    """Each shell gets a script that asks the command itself for completions."""
    assert "_GUANJIA_COMPLETE" in here.run("completion", shell).out


def test_completion_knows_commands_without_loading_them(tmp_path: Path) -> None:
    """Pressing Tab names commands and acts, from the tables."""
    laptop = Laptop(
        tmp_path, {"_GUANJIA_COMPLETE": "bash_complete", "COMP_WORDS": "guanjia issue ass", "COMP_CWORD": "2"}
    )
    assert laptop.run().out.splitlines() == ["plain,assign"]


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("arguments", [["find", "x"], ["sync"], ["status"], ["daemon", "--help"], ["dump"], ["today"]])
def test_commands_for_scripts_never_load_the_screens(tmp_path: Path, arguments: list[str]) -> None:
    """find, sync, status, dump, today and the daemon run without Textual; find without SQLModel and pydantic, too."""
    never = {"textual", "fastapi"} | (
        {"sqlmodel", "pydantic", "sqlalchemy", "click"} if arguments[0] == "find" else set()
    )
    code = "import sys, tui.cli.main\ntui.cli.main.run(sys.argv[1:])\nprint(*sys.modules, file=sys.stderr)"
    laptop = Laptop(tmp_path / "home")
    laptop.run("init", "--district", "1", "--name", "A")
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=laptop.environment, capture_output=True, check=True
    )
    assert never & set(done.stderr.decode().split()) == set()


WORDS = st.one_of(
    st.sampled_from(
        [entry.name for entry in root.COMMANDS if entry.name not in ("demo", "daemon", "central")]
        + [
            "list",
            "show",
            "add",
            "edit",
            "assign",
            "settle",
            "retry",
            "drop",
            "set",
            "--json",
            "--lang",
            "--home",
            "--",
        ]
        + ["--project", "--limit", "--version", "-h", "--due", "+3", "1", "0", "-1", "二", "x" * 300]
    ),
    st.text(max_size=12),
)


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(arguments=st.lists(WORDS, max_size=6))
@example(arguments=["find", "\x00"])
@example(arguments=["history", "\ud800"])
@example(arguments=["--home=", "status"])
@example(arguments=["--home", "\x00", "status"])
@example(arguments=["--home", "\udcff", "status", "--json"])
@example(arguments=["--home", "~nobody-of-this-name/x", "status"])
@example(arguments=["--home", "~nobody-of-this-name/x", "find", "x"])
@example(arguments=["settings", "--home", "\udcff", "--json"])
def test_no_command_line_causes_an_unexpected_error(lone: CommandLine, arguments: list[str]) -> None:
    """Any command line ends with one of the contract's exit codes, never with an unexpected error."""
    home = ["--home", str(lone.home)] if "--home" not in " ".join(arguments) else []
    result = lone.run(*home, *arguments, code=None)
    assert result.code in range(6)
    assert "did not foresee" not in result.err
    assert "Traceback" not in result.err


def test_the_module_is_the_command(tmp_path: Path) -> None:
    """``python -m tui.cli.main`` is the same as the entry point."""
    assert COMMAND[-1] == main.__name__
    assert Laptop(tmp_path).run("--version").out.startswith("guanjia ")
    assert (ROOT / "pyproject.toml").read_text("utf-8").count('guanjia = "tui.cli.main:main"') == 1


def test_chinese_is_kept_in_a_session_without_a_locale(tmp_path: Path) -> None:
    """With LC_ALL=C, as cron and remote shells have it, Chinese paths and texts are kept and shown as they are."""
    more = {"LC_ALL": "C", "PYTHONUTF8": "0", "GUANJIA_HOME": "", "GUANJIA_CREDENTIALS": "file"}
    config = tmp_path / "config"
    environment = {**os.environ, **more, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(config)}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "tui.cli.main", "--home", str(tmp_path / "张三"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout.decode()

    assert json.loads(run("init", "--district", "210903", "--name", "张三", "--json"))["person_name"] == "张三"
    assert str(tmp_path / "张三") in run("daemon", "install", "--dry-run")
    run("daemon", "install")
    assert f"GUANJIA_HOME={tmp_path}/张三" in next(config.rglob("*.service")).read_text("utf-8")
