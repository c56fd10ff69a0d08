"""The central is stateless: two applications on one database, each with its own connections, answer as one."""

from __future__ import annotations

import ast
import contextlib
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

import pytest

import sync.central
from store.ledger.hlc import system_clock_ms
from sync.central.accounts.rate_limit import (
    AUDITED_REFUSED_TOKENS,
    MAX_REFUSED_TOKENS,
    MAX_WRONG_CODES,
    WINDOW_MS,
)
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.api.app import create_app
from tests.sync.central.api.test_change_feed import expect_hint, listening
from tests.sync.central.ledger import ids, outcome_codes, project, visit
from tests.sync.central_fixture import Central, Laptop, running_central, serving_app

CACHES = {"cache", "lru_cache", "cached_property"}


@pytest.fixture
def both(tmp_path: Path, database_url: str | None) -> Iterator[tuple[Central, Central]]:
    """Two applications that serve one database."""
    with (
        running_central(tmp_path, database_url) as first,
        serving_app(create_app(open_database(first.data_dir))) as url,
    ):
        yield first, Central(first.data_dir, url, first.admin_code)


@contextlib.contextmanager
def asking(laptop: Laptop, central: Central) -> Iterator[None]:
    """Inside the block the laptop calls this application."""
    before, laptop.client.base_url = laptop.client.base_url, central.url
    yield
    laptop.client.base_url = before


def statuses(laptop: Laptop, centrals: Sequence[Central], times: int) -> list[int]:
    """The HTTP status of so many hellos, at the applications in turn."""
    answers = []
    for central in islice(cycle(centrals), times):
        with asking(laptop, central):
            answers.append(laptop.post("/v1/hello", laptop.greeting()).status_code)
    return answers


def test_two_applications_answer_alike(both: tuple[Central, Central]) -> None:
    """What is pushed at either is at once read at the other; a pull and a fetch that began at one go on at the other,
    and a revocation holds at both."""
    first, second = both
    laptop, reader = first.enrol("局长"), second.enrol("副局长")
    reader.pull_all()
    own = project(laptop)
    lines = [own, *(visit(laptop, own.id, str(n)) for n in range(3))]
    for central, line in zip(cycle(both), lines, strict=False):
        with asking(laptop, central):
            assert outcome_codes(laptop.push([line])) == ["applied"]
    pulled: list[str] = []
    fetched: list[str] = []
    after = None
    for central in islice(cycle(both), len(lines)):
        with asking(reader, central):
            pulled += ids(reader.pull(limit=1))
            page = reader.ask("/v1/fetch", {"buckets": [f"h:{own.id}", f"p:{own.id}"], "after": after, "limit": 1})
            fetched, after = fetched + ids(page), page["after"]
    assert pulled == fetched == [line.id for line in lines]
    answers = []
    for central in both:
        with asking(reader, central):
            answers.append({**reader.hello(), "time": 0})
    assert answers[0] == answers[1]
    admin.revoke(first.data_dir, reader.device)
    assert statuses(reader, both, 2) == [401, 401]


def begin_within_a_window(needed_ms: int = 20_000) -> None:
    """Wait for the next window of the rate limits where this one ends before a test could: counts begin anew then."""
    left_ms = WINDOW_MS - system_clock_ms() % WINDOW_MS
    if left_ms < needed_ms:
        time.sleep(left_ms / 1000)


def test_refused_tokens_are_counted_together(both: tuple[Central, Central]) -> None:
    """An address that is refused now here and now there has one limit and one number of audit entries."""
    begin_within_a_window()
    laptop = both[0].enrol("局长")
    admin.revoke(both[0].data_dir, laptop.device)
    assert statuses(laptop, both, MAX_REFUSED_TOKENS + 2) == [401] * MAX_REFUSED_TOKENS + [429] * 2
    actions = [entry["action"] for entry in admin.audit_page(both[0].data_dir)]
    assert actions.count("token_refused") == AUDITED_REFUSED_TOKENS


def test_attempts_at_codes_are_counted_together(both: tuple[Central, Central]) -> None:
    """Wrong codes that are tried now here and now there have one limit."""
    begin_within_a_window()
    guess = {"protocol": 1, "code": "ZZZZ-ZZZZ-ZZZZ", "device": {"id": Laptop("http://unused").device, "name": "x"}}
    laptops = [Laptop(central.url) for central in both]
    tries = [laptop.post("/v1/join", guess).status_code for laptop in islice(cycle(laptops), MAX_WRONG_CODES + 2)]
    assert tries == [403] * MAX_WRONG_CODES + [429] * 2


def test_a_hint_comes_whichever_application_was_written_to(both: tuple[Central, Central]) -> None:
    """A device that listens at one application hears of a push at the other."""
    writer, listener = both[0].enrol("局长"), both[1].enrol("副局长")
    with listening(listener) as heard:
        writer.push([project(writer)])
        expect_hint(heard)


def test_no_module_and_no_application_keeps_state(tmp_path: Path) -> None:
    """No module of the central rebinds a global name, caches a result or has a container to fill; the application has
    its database, its clock, the streams that are open to it, how many requests and bytes of bodies are
    on their way, and which buckets it found sound in the last minute, which saves work and decides nothing."""
    for path in sorted(Path(sync.central.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & CACHES, path
        assert not any(isinstance(node, ast.Global) for node in ast.walk(tree)), path
        assert not any(map(_is_empty_container, tree.body)), path
    admin.create(tmp_path, "210903", "新邱区")
    database = open_database(tmp_path)
    kept = {
        "database",
        "clock_ms",
        "clock_is_synchronised",
        "random_bytes",
        "change_feed",
        "limits",
        "recent_checks",
        "body_budget",
        "admission",
        "readiness",
        "objects",
    }
    assert set(create_app(database).state._state) == kept
    database.close()


def _is_empty_container(statement: ast.stmt) -> bool:
    """Whether a statement of a module binds a name to an empty list, dict or set, which only later code can fill."""
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in {"list", "dict", "set", "defaultdict"}
    return (isinstance(value, ast.List) and not value.elts) or (isinstance(value, ast.Dict) and not value.keys)
