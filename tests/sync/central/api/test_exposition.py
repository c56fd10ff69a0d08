"""What Prometheus and load balancers are told of a central: enough to act, and nobody's names."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import orjson
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import create_engine

from store.values.json_lines import JsonFormatter
from sync.central.admin.setup import open_database
from sync.central.api import exposition, health
from sync.central.api.exposition import GAUGES, CentralCollector, exposing
from sync.central.api.measuring import RequestIdFilter
from sync.central.db.database import CentralDatabase
from sync.central.metrics import REGISTRY
from sync.protocol.calls import REQUEST_ID
from tests.sync.central.ledger import project, visit
from tests.sync.central_fixture import DISTRICT, ROOT, Central, Laptop

MONITORING = ROOT / "sync/central/monitoring"


def counted(name: str, **labels: str) -> float:
    """The present value of a counter of this process, 0 before it first counted."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def lines_counted(outcome: str) -> float:
    """How many lines of the district had this outcome."""
    return counted("guanjia_lines_total", district=DISTRICT, outcome=outcome)


def page_of(central: Central) -> str:
    """The page of figures of a central."""
    database = open_database(central.data_dir)
    try:
        with exposing(0, CentralCollector(database, central.data_dir, None), None) as port:
            answer = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)
    finally:
        database.close()
    assert answer.status_code == 200
    return answer.text


def test_rounds_lines_and_refusals_are_counted_and_nobody_is_named(at: Central) -> None:
    """A greeting, applied and refused lines and a refused call raise their counters; the page has the district's
    figures, and no name of a person, a project or a device. The address of the devices has no such page."""
    before = {outcome: lines_counted(outcome) for outcome in ("applied", "rejected")}
    rounds = counted("guanjia_rounds_total", district=DISTRICT)
    refused = counted("guanjia_refusals_total", code="unknown_token")
    boss = at.enrol("局长")
    own = project(boss, "北山新能源材料项目")
    boss.push([own, visit(boss, own.id, "走访"), own._replace(kind="visit")])
    boss.hello()
    stranger = Laptop(at.url)
    assert stranger.post("/v1/hello", stranger.greeting()).status_code == 401
    assert lines_counted("applied") == before["applied"] + 2
    assert lines_counted("rejected") == before["rejected"] + 1
    assert counted("guanjia_rounds_total", district=DISTRICT) == rounds + 1
    assert counted("guanjia_refusals_total", code="unknown_token") == refused + 1
    page = page_of(at)
    assert f'guanjia_district_devices{{district="{DISTRICT}"}} 1.0' in page
    assert f'guanjia_district_backup_age_seconds{{district="{DISTRICT}"}} +Inf' in page
    assert 'guanjia_requests_total{call="/v1/push",status="200"}' in page
    assert not [name for name in ("局长", "北山", boss.device, boss.person, own.id) if name in page]
    assert boss.client.get("/metrics").status_code == 404


def test_a_path_that_is_none_of_ours_is_no_label(at: Central) -> None:
    """Whoever asks for a million paths makes one figure of them, not a million."""
    Laptop(at.url).client.get("/wp-login.php")
    calls = {sample.labels.get("call") for family in REGISTRY.collect() for sample in family.samples}
    assert "other" in calls and "/wp-login.php" not in calls


def test_every_metric_of_the_board_and_the_rules_exists(tmp_path: Path) -> None:
    """Board and alert rules name no metric that this program does not have, and there are five rules."""
    registry = CollectorRegistry()
    registry.register(CentralCollector(CentralDatabase(f"sqlite:///{tmp_path / 'none.db'}"), tmp_path, None))
    families = [family.name for source in (registry, REGISTRY) for family in source.collect()]
    known = {name + suffix for name in families for suffix in ("", "_total", "_bucket", "_count", "_sum")}
    known |= {gauge.name for gauge in GAUGES}
    board = json.loads((MONITORING / "grafana.json").read_text("utf-8"))
    shown = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = (MONITORING / "alerts.yml").read_text("utf-8")
    alarms = re.findall(r"expr: (?:>-\n)?((?:.|\n)+?)(?=\n +for:)", rules)
    assert len(alarms) == rules.count("- alert:") == 5
    named = {name for text in (*shown, *alarms) for name in re.findall(r"\bguanjia_\w+", text)}
    assert len(named) > 12
    assert named - known == set()


def test_a_database_that_is_away_is_told_and_the_page_still_comes(tmp_path: Path) -> None:
    """``guanjia_database_up`` is 0, without figures of districts; nothing fails."""
    engine = create_engine(f"sqlite:///{tmp_path / 'none.db'}")
    engine.dispose()
    registry = CollectorRegistry()
    registry.register(CentralCollector(CentralDatabase(f"sqlite:///{tmp_path / 'none.db'}"), tmp_path, None))
    page = generate_latest(registry).decode()
    assert "guanjia_database_up 0.0" in page and "{district=" not in page


def test_the_database_is_asked_once_for_many_pages(at: Central) -> None:
    """Pages that come within seconds are made of one reading."""
    now = [0.0]
    database = open_database(at.data_dir)
    collector = CentralCollector(database, at.data_dir, None, lambda: now[0])
    first = generate_latest(_registry(collector))
    at.enrol("副局长")
    assert b'devices{district="210903"} 0.0' in first
    assert b'devices{district="210903"} 0.0' in generate_latest(_registry(collector))
    now[0] += exposition.FRESH_S
    assert b'devices{district="210903"} 1.0' in generate_latest(_registry(collector))
    database.close()


def _registry(collector: CentralCollector) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(collector)
    return registry


def test_worker_processes_count_together(tmp_path: Path) -> None:
    """What two processes have counted is added up; what one of them had open when it ended is counted no more."""
    count = (
        "from sync.central.metrics import ROUNDS, STREAMS\n"
        "for _ in range(3): ROUNDS.labels('210903').inc()\nSTREAMS.inc()\nimport os; print(os.getpid())"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", count], env=environment, check=True, capture_output=True)
    registry = CollectorRegistry()
    registry.register(exposition.WorkerCollector(None, str(tmp_path)))  # type: ignore[no-untyped-call]
    page = generate_latest(registry).decode()
    assert 'guanjia_rounds_total{district="210903"} 6.0' in page
    assert "guanjia_streams 1.0" not in page and "guanjia_streams 2.0" not in page


def test_health_says_whether_it_can_serve_and_nothing_else(at: Central) -> None:
    """Live and ready need no token and name nothing; both are for GET."""
    for path in (health.LIVE_PATH, health.READY_PATH):
        answer = Laptop(at.url).client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_readiness_is_asked_of_the_database_once_a_second(tmp_path: Path, at: Central) -> None:
    """However often it is asked, the database is asked once in a second; one that does not answer is not ready."""
    now = [100.0]
    database = open_database(at.data_dir)
    readiness = health.Readiness(database, lambda: now[0])
    assert asyncio.run(readiness.is_ready())
    away = health.Readiness(CentralDatabase(f"sqlite:///{tmp_path / 'none.db'}"), lambda: now[0])
    assert not asyncio.run(away.is_ready())
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE district RENAME TO elsewhere")
    assert asyncio.run(readiness.is_ready())
    now[0] += health.FRESH_S
    assert not asyncio.run(readiness.is_ready())
    database.close()


def test_the_log_names_a_devices_own_id_of_its_request(at: Central) -> None:
    """What is logged while a request is served has the id that the device sent, which its own log has too; an unfit one
    is replaced."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RequestIdFilter())
    logger = logging.getLogger("guanjia.central")
    logger.addHandler(handler)
    boss = at.enrol("局长")
    try:
        for sent in ("a1b2c3", "x y\u202e".encode()):
            database = open_database(at.data_dir)
            with database.write() as connection:
                connection.exec_driver_sql("ALTER TABLE district RENAME TO elsewhere")
            try:
                boss.client.post("/v1/hello", json=boss.greeting(), headers=[(REQUEST_ID.encode(), _bytes(sent))])
            finally:
                with database.write() as connection:
                    connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO district")
                database.close()
    finally:
        logger.removeHandler(handler)
    requests = [orjson.loads(line)["request"] for line in log.getvalue().splitlines()]
    assert requests[0] == "a1b2c3"
    assert re.fullmatch("[0-9a-f]{12}", requests[-1])


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
