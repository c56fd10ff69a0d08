"""Copies of a serving central's files: what is not all of it is told, and what is all of it is not doubted."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from sync.central.admin import admin
from sync.central.admin.set_back import accept_incomplete, accept_older_file
from sync.central.admin.setup import gap_of, open_database, write_central
from sync.central.db.serving_mark import MARK_FILE, OUTSIDE_SUFFIX, Gap, forget_marks, serving_mark
from sync.central.db.tables import DISTRICT
from sync.central.exceptions import IncompleteCopy
from tests.sync.central_fixture import Central, create_central

FILES = ("central.db", "central.toml")
WAIT_S = 20


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A central's folder."""
    create_central(tmp_path / "c")
    return tmp_path / "c"


@contextmanager
def served(data: Path, every_s: float = 60) -> Iterator[None]:
    """The central as it is while it serves; inside the block two codes are issued."""
    with closing(open_database(data)) as database, serving_mark(database, data, every_s):
        for name in "甲乙":
            admin.invite(data, f"{name} {time.monotonic_ns()}", "bureau")
        yield


def copied(data: Path, target: Path, *names: str) -> Path:
    """A copy of some of the files."""
    target.mkdir()
    for name in names:
        shutil.copyfile(data / name, target / name)
    return target


def events(data: Path) -> list[str]:
    """The actions in a central's audit."""
    return [entry["action"] for entry in admin.audit_page(data)]


def test_a_plain_copy_of_a_serving_central_is_told(data: Path, tmp_path: Path) -> None:
    """`central.db` copied alone while the central serves is told by what looks at it and refused by what would work on
    it; the operator may accept it, and then a new epoch begins."""
    with served(data):
        copy = copied(data, tmp_path / "copy", *FILES)
        assert gap_of(data) is None
    assert admin.stats(copy).items() >= {"complete": False, "gap": "log_missing"}.items()
    assert admin.check_integrity(copy)["lines"] == 0
    assert admin.condition(copy)["complete"] is False
    with pytest.raises(IncompleteCopy):
        admin.invite(copy, "丙", "bureau")
    accept_incomplete(copy)
    assert gap_of(copy) is None
    assert events(copy)[-2:] == ["epoch", "restore"]


def test_a_copy_with_its_log_and_one_after_a_clean_end_are_whole(data: Path, tmp_path: Path) -> None:
    """All files together, as a killed central leaves them too, and the one file of a central that was stopped, lack
    nothing and are not doubted, also after the log has gone into the file."""
    with served(data):
        with_log = copied(data, tmp_path / "log", *FILES, "central.db-wal")
        killed = copied(data, tmp_path / "killed", *FILES, "central.db-wal", MARK_FILE)
    stopped = copied(data, tmp_path / "stopped", *FILES)
    for folder in (with_log, killed, stopped):
        for _ in range(2):
            assert gap_of(folder) is None
            assert events(folder).count("invite") == 2


def test_an_earlier_file_in_the_folder_is_told_and_served_as_a_new_epoch(data: Path, tmp_path: Path) -> None:
    """Somebody puts an earlier copy in the place of the database: it is told, and who serves it begins a new epoch, so
    that the devices send again what it lacks."""
    earlier = copied(data, tmp_path / "earlier", *FILES)
    with served(data):
        pass
    shutil.copyfile(earlier / "central.db", data / "central.db")
    assert admin.stats(data).items() >= {"complete": False, "gap": Gap.SET_BACK}.items()
    assert accept_older_file(data)
    assert not accept_older_file(data)
    assert events(data)[-2:] == ["epoch", "restore"]
    with served(data):
        assert gap_of(data) is None


def test_a_whole_folder_that_was_put_back_is_told(data: Path, tmp_path: Path) -> None:
    """With its own mark an earlier folder looks complete. Beside the folder stands how far it was; what another central
    noted there before says nothing, and an older folder under another name is a central of its own."""
    other = data.with_name("other")
    create_central(other)
    with served(data):
        pass
    shutil.copytree(data, tmp_path / "earlier")
    with served(data):
        pass
    shutil.rmtree(data)
    shutil.copytree(tmp_path / "earlier", data)
    assert gap_of(tmp_path / "earlier") is None
    assert gap_of(data) is Gap.SET_BACK
    assert accept_older_file(data)
    with served(data):
        assert gap_of(data) is None
    shutil.copyfile(outside(data), outside(other))
    assert gap_of(other) is None


def test_marks_are_forgotten_where_the_place_outside_cannot_be_written(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restore, or a copy that is accepted, needs no place outside the folder."""
    with served(data):
        pass
    monkeypatch.setenv("STATE_DIRECTORY", str(data / "central.toml"))  # no folder
    forget_marks(data)
    assert not (data / MARK_FILE).exists()


def test_a_database_on_a_server_that_was_set_back_is_told(central: Central) -> None:
    """The counters tell in PostgreSQL too, as when its administrator has gone back to an earlier moment; an epoch that
    somebody has begun since is not begun once more."""
    data = central.data_dir

    def count_on(more: int) -> None:
        with write_central(data) as connection:
            connection.execute(update(DISTRICT).values(seq=DISTRICT.c.seq + more))

    count_on(100)
    with served(data):
        pass
    count_on(-50)
    assert admin.stats(data)["gap"] == Gap.SET_BACK
    marks = {path: path.read_bytes() for path in (data / MARK_FILE, outside(data))}
    assert accept_older_file(data)
    for path, content in marks.items():
        path.write_bytes(content)
    assert not accept_older_file(data)


def outside(data: Path) -> Path:
    """The file beside a central's folder."""
    return data.with_name(f"{data.name}{OUTSIDE_SUFFIX}")


def test_the_log_is_written_back_while_it_serves(data: Path, tmp_path: Path) -> None:
    """What a plain copy lacks is bounded by seconds: the log goes into the file again and again."""
    with served(data, every_s=0.01):
        until = time.monotonic() + WAIT_S
        number = 0
        while time.monotonic() < until:
            copy = copied(data, tmp_path / str(number := number + 1), *FILES)
            with suppress(SQLAlchemyError):  # torn: copied while the log went into the file
                accept_incomplete(copy)
                if events(copy).count("invite") == 2:
                    break
            time.sleep(0.02)
        else:
            pytest.fail("the log was never written back")


def test_two_serve_one_folder(data: Path) -> None:
    """When one of two that serve the same folder ends, the other carries the mark on."""
    with served(data, every_s=0.01):
        with served(data):
            pass
        until = time.monotonic() + WAIT_S
        while (found := gap_is_found_without_log(data)) is None and time.monotonic() < until:
            time.sleep(0.02)
        assert found is Gap.LOG_MISSING  # the log may be written back by now
    assert gap_of(data) is None


def gap_is_found_without_log(data: Path) -> Gap | None:
    """What is told of a plain copy that is taken now."""
    copy = copied(data, data.parent / f"copy-{time.monotonic_ns()}", *FILES)
    return gap_of(copy)
