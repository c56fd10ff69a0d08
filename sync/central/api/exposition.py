"""``/metrics`` for Prometheus, on an address of its own that only this machine reaches.

The address that devices use has no such page: whoever reaches the central from outside learns nothing of how much it
does. What processes count is in ``sync/central/metrics.py``; what the database says is read when it is asked for.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from store.ledger.hlc import system_clock_ms
from store.values.file_causes import file_cause
from sync.central.admin.clock_status import clock_facts
from sync.central.admin.condition import condition_of
from sync.central.admin.own_certificate import read_certificate
from sync.central.admin.setup import districts
from sync.central.db.database import CentralDatabase
from sync.central.db.tables import DEVICE, DISTRICT
from sync.central.exceptions import PlaceNotOpened
from sync.central.metrics import MULTIPROCESS_VARIABLE, REGISTRY
from sync.central.reads.waiting import count_waiting

LOOPBACK = "127.0.0.1"
FRESH_S = 5.0
"""For so long what the database said stands for the next page."""


class ComputedGauge(NamedTuple):
    """A figure that is computed when it is asked for: the name of its metric, and what it is."""

    name: str
    description: str


DISTRICT_GAUGES = (
    ComputedGauge("guanjia_district_lines", "Lines of the district"),
    ComputedGauge("guanjia_district_devices", "Devices that are let in"),
    ComputedGauge("guanjia_district_unsent_lines", "Lines that devices said they have not sent yet"),
    ComputedGauge("guanjia_district_refused_lines", "Lines that devices said were refused"),
    ComputedGauge("guanjia_district_waiting_lines", "Lines that wait for the bureau's decision"),
    ComputedGauge("guanjia_district_backup_age_seconds", "Age of the newest verified backup; +Inf without one"),
    ComputedGauge("guanjia_district_clock_doubtful", "1 while the central's clock is not believed"),
    ComputedGauge("guanjia_district_clock_off_seconds", "By how much the clock is ahead; 0 while believed"),
)
DATABASE_UP = ComputedGauge("guanjia_database_up", "Whether the database answers")
DISK_FREE = ComputedGauge("guanjia_disk_free_bytes", "Free bytes of the disk that the central's folder is on")
CERTIFICATE_END = ComputedGauge("guanjia_certificate_end_timestamp_seconds", "When the central's certificate ends")
GAUGES = (*DISTRICT_GAUGES, DATABASE_UP, DISK_FREE, CERTIFICATE_END)
"""All that is computed when it is asked for."""


class CentralCollector(Collector):
    """What the database, the disk and the certificate say, at most once in `FRESH_S`."""

    def __init__(
        self, database: CentralDatabase, data_dir: Path, certificate: Path | None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._database, self._data_dir, self._certificate = database, data_dir, certificate
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._figures: dict[str, tuple[float, ...]] = {}
        self._is_up = False

    def collect(self) -> Iterator[Metric]:
        """Every figure, as a metric each."""
        with self._lock:
            if self._monotonic() - self._read_at >= FRESH_S:
                self._read()
            figures, is_up = self._figures, self._is_up
        for position, gauge in enumerate(DISTRICT_GAUGES):
            family = GaugeMetricFamily(gauge.name, gauge.description, labels=["district"])
            for district, values in figures.items():
                family.add_metric([district], values[position])
            yield family
        yield GaugeMetricFamily(DATABASE_UP.name, DATABASE_UP.description, value=float(is_up))
        free = shutil.disk_usage(self._data_dir).free
        yield GaugeMetricFamily(DISK_FREE.name, DISK_FREE.description, value=float(free))
        if self._certificate is not None and (certificate := read_certificate(self._certificate)) is not None:
            end = certificate.not_valid_after_utc.timestamp()
            yield GaugeMetricFamily(CERTIFICATE_END.name, CERTIFICATE_END.description, value=end)

    def _read(self) -> None:
        self._figures = {}
        self._read_at = self._monotonic()
        try:
            with self._database.read() as connection:
                self._figures = {code: _figures_of(connection, code) for code in districts(connection)}
            self._is_up = True
        except SQLAlchemyError:
            self._is_up = False


def _figures_of(connection: Connection, district: str) -> tuple[float, ...]:
    """The figures of a district, in the order of `DISTRICT_GAUGES`."""
    lines = connection.execute(select(DISTRICT.c.lines).where(DISTRICT.c.code == district)).scalar_one()
    let_in = (DEVICE.c.district == district) & DEVICE.c.revoked_at.is_(None)
    sums = func.coalesce(func.sum(DEVICE.c.unsent), 0), func.coalesce(func.sum(DEVICE.c.refused), 0)
    devices, unsent, refused = connection.execute(select(func.count(), *sums).where(let_in)).one()
    condition, clock = condition_of(connection, district, None), clock_facts(connection, district)
    made_at = condition.backup.made_at if condition.backup else None
    age = math.inf if made_at is None else (system_clock_ms() - made_at) / 1_000
    off_ms = clock["clock_off_ms"]
    off = off_ms / 1_000 if isinstance(off_ms, int) else 0.0
    return (
        lines, devices, unsent, refused, count_waiting(connection, district), age,
        float(bool(clock["clock_doubtful"])), off,
    )  # fmt: skip


class WorkerCollector(MultiProcessCollector):
    """What all worker processes have counted, without those that are gone where only the living count."""

    def collect(self) -> Iterator[Metric]:
        """The sums of all processes."""
        alive = {str(child.pid) for child in multiprocessing.active_children()}
        for file in Path(self._path).glob("gauge_live*.db"):
            number = file.stem.rpartition("_")[2]
            if number not in alive:
                mark_process_dead(int(number), self._path)  # type: ignore[no-untyped-call]
        yield from super().collect()  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def exposing(port: int | None, collector: CentralCollector, workers_folder: Path | None) -> Iterator[int | None]:
    """Serve ``/metrics`` on this port of this machine alone; gives the port (0 takes a free one). What several worker
    processes count is in ``workers_folder``. Raises `PlaceNotOpened`."""
    if port is None:
        yield None
        return
    registry = CollectorRegistry()
    registry.register(collector)
    if workers_folder is None:
        registry.register(REGISTRY)
    else:
        registry.register(WorkerCollector(None, str(workers_folder)))  # type: ignore[no-untyped-call]
    try:
        server, thread = start_http_server(port, LOOPBACK, registry)
    except OSError as error:
        raise PlaceNotOpened(place=f"{LOOPBACK}:{port}", detail=file_cause(error.errno)) from None
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def shared_counts(workers: int) -> Iterator[Path | None]:
    """A folder in which several worker processes count together; None for one process."""
    if workers == 1:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="guanjia-metrics-") as folder:
        os.environ[MULTIPROCESS_VARIABLE] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ[MULTIPROCESS_VARIABLE]
