"""The guides in Chinese: every command that they show is run, in their order, on homes and a central of the test's own;
every key that they name does what they say; ``guanjia help TOPIC`` shows their pages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.tui.cli.conftest import SAMPLE
from tests.tui.cli.fork_server import ForkedProcess
from tests.tui.cli.laptop import ROOT, CommandResult, Laptop
from tests.tui.cli.test_central_install import free_port
from tests.tui.keys.test_tasks import rows
from tui.cli.root import COMMANDS
from tui.i18n.guide import find_pages, guide_pages
from tui.i18n.translate import LANGUAGES, set_language
from tui.keys.actions import ACTIONS, LIST_KEY_HELP, format_key, format_keys

OFFICER, ADMIN, ENGLISH = ROOT / "README.zh.md", ROOT / "sync/ADMIN.zh.md", ROOT / "tui/i18n/guide.en.md"
ADDRESS, CODE = "https://10.0.0.5:8443#1f2e-3d4c", "A2RF-TP09-D0C4"
ENDS = {
    "guanjia import": {3},
    "guanjia doctor": {0, 3},
    "guanjia central check": {0, 3},
    "guanjia central healing": {3},
    "guanjia conflicts": {0, 3},
}
"""How commands may end that do not end with 0: the sample table is shorter than it says, no device has come back to the
restored central, somebody should look."""
PROVED = {"sh install.sh": "tests/release/test_install.py"}
"""What is no command of ours, and where it is run."""


def shell_lines(document: Path) -> Iterator[tuple[str, str]]:
    """Each command of the blocks marked ``sh``, with the rest of the mark: at whose machine it is run."""
    for whose, block in re.findall(
        r"^```sh ?([^\n]*)\n(.*?)^```$", document.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        for line in block.splitlines():
            yield whose, re.sub(r"\s+#\s.*", "", line)


def typed_twice(laptop: Laptop, *words: str) -> CommandResult:
    """What a command answers to who types a PIN twice."""
    process = laptop.start(*words)
    out, err = process.communicate("桃花源记246\n桃花源记246\n".encode())
    return CommandResult(process.returncode, out.decode(), err.decode())


@dataclass
class Reader:
    """Somebody who does what the documents say, from top to bottom; ``said`` is all that the commands have answered."""

    folder: Path
    said: str = ""
    port: int = field(default_factory=free_port)
    serving: ForkedProcess | None = None

    def follow(self, document: Path, own: str) -> None:
        """Do everything; a block without a name is for the machine ``own``."""
        for whose, line in shell_lines(document):
            if not line.startswith("guanjia "):
                assert (ROOT / PROVED[line]).exists()
                continue
            words = shlex.split(self._here(line))[1:]
            laptop = Laptop(self.folder / (whose or own), {"GUANJIA_LANGUAGE": "zh"})
            if words[:2] == ["central", "serve"]:
                self.serving = laptop.fork(*words)
                assert self.serving.stdout.readline().decode().strip() == f"https://0.0.0.0:{self.port}"
                continue
            if words[:2] == ["central", "install"]:
                words += ["--units", str(self.folder / "units")]
            ended = typed_twice(laptop, *words) if words == ["lock", "set"] else laptop.run(*words, code=None)
            wanted = next((codes for start, codes in ENDS.items() if line.startswith(start)), {0})
            assert ended.code in wanted, f"{document.name}: {line}\n{ended.code}\n{ended.out}{ended.err}"
            self.said += ended.out + ended.err

    def _here(self, line: str) -> str:
        """The line with what is this test's own in place of the examples: folders, address, code, file of a backup."""
        address = re.search(r"https://127\S+#\S+", self.said)
        codes = re.findall(r"(?<![\w-])(?:[0-9A-Z]{4}-){2}[0-9A-Z]{4}(?![\w-])", self.said)
        line = line.replace(ADDRESS, address[0] if address else ADDRESS).replace(CODE, codes[-1] if codes else CODE)
        backup = next((self.folder / "srv" / "backups").glob("*.gjc"), None)
        line = line.replace("/srv/backups/central-210903.gjc", str(backup))
        line = re.sub(r"(?<![\w/])/(srv|media)/", f"{self.folder}/\\1/", line)
        return line.replace("10.0.0.5", "127.0.0.1").replace("8443", str(self.port))


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """A reader with the files that the documents speak of: a table, a picture, a stick."""
    picture = BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "JPEG")
    (tmp_path / "现场.jpg").write_bytes(picture.getvalue())
    (tmp_path / "责任分劈表.txt").write_bytes(SAMPLE.read_bytes())
    for folder in ("media/usb", "srv"):
        (tmp_path / folder).mkdir(parents=True)
    reader = Reader(tmp_path)
    yield reader
    if reader.serving is not None:
        reader.serving.send_signal(15)
        reader.serving.wait(60)


def test_every_command_of_the_guides_does_what_they_say(reader: Reader) -> None:
    """An administrator follows the one guide, an officer the other with the code that was made for him: each command
    ends well, on a central that serves. Afterwards the issue of the guide is settled, approved and known to both."""
    reader.follow(ADMIN, "机房")
    reader.follow(OFFICER, "管家")
    for name in ("管家", "营商局"):
        issue = Laptop(reader.folder / name).json("issue", "show", "外部供电未接通")
        assert (issue["state"], issue["department"]) == ("closed", "供电公司"), name


def test_the_ten_tasks_have_the_keys_that_are_played() -> None:
    """Each row of the table of tasks, in both languages, has the keys of a task that ``test_tasks`` plays in the real
    app, by the names that the screens call them."""
    for language, document, column in (("zh", OFFICER, 3), ("en", ENGLISH, 2)):
        set_language(language)
        named = {f"`{key}`": f"`{format_key(key)}`" for key in ("enter", "tab", "space")}
        played = [[named.get(step, step) for step in row.steps] for row in rows().values()]
        table = [line for line in document.read_text("utf-8").splitlines() if line.startswith("|") and "`" in line]
        told = [re.findall("`[^`]+`|…", line.split("|")[column]) for line in table]
        assert (len(told), [steps for steps in told if steps not in played]) == (10, [])


@pytest.mark.parametrize(("document", "language"), [(OFFICER, "zh"), (ADMIN, "zh"), (ENGLISH, "en")])
def test_every_key_that_is_named_is_in_the_keymap(document: Path, language: str) -> None:
    """What stands in marks of code and looks like a key is a key of the action table, called as the screens call it."""
    set_language(language)
    known = {key for action in ACTIONS for key in format_keys(action).split()}
    known |= {format_key(key) for keys, _text in LIST_KEY_HELP for key in keys}
    named = set(re.findall(r"`(\^?[^`\n]|F\d+|[A-Z][a-z]+|回车|空格)`", document.read_text("utf-8")))
    assert named - known - {"^", "…", "#"} == set()


def test_pictures_and_links_of_the_guides_exist() -> None:
    """Each picture and each link to a file leads to a file of the source."""
    for document in (OFFICER, ADMIN):
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), (document.name, target)
    assert "](README.zh.md)" in (ROOT / "README.md").read_text("utf-8").split("##")[0]


def test_help_shows_the_pages_of_the_guides() -> None:
    """Both languages have the same topics, none of them with the name of a command; a page is found by its topic, its
    title or a part of it; ``guanjia help`` lists them."""
    topics = {}
    for language in LANGUAGES:
        set_language(language)
        topics[language] = [page.topic for page in guide_pages()]
        assert len(set(topics[language])) == len(topics[language]) >= 20
        assert all(list(page.parts()) for page in guide_pages())
    assert topics["zh"] == topics["en"]
    assert not {entry.name for entry in COMMANDS} & set(topics["zh"])
    set_language("zh")
    assert [page.topic for page in find_pages("没有网络")] == ["no-network"]


def test_help_of_a_topic_is_text_without_marks(tmp_path: Path) -> None:
    """In both languages: the title, what is to be done, the commands; no Markdown. What is neither command nor topic is
    wrong usage."""
    laptop = Laptop(tmp_path / "home")
    told = laptop.run("help", "忘记", "--lang", "zh").out
    assert told.startswith("忘记 PIN 码\n") and "    guanjia lock off --key-file 密钥.txt\n" in told
    assert not re.search(r"[`*<>]|\]\(", told)
    assert "guanjia sync" in laptop.run("help", "no-network").out
    assert re.search(r"^  no-network +没有网络$", laptop.run("help", "--lang", "zh").out, re.MULTILINE)
    laptop.run("help", "nothing", code=2)
    assert not (tmp_path / "home").exists()
