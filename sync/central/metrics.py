"""What a process of the central counts while it serves, for Prometheus. The board and the alert rules that use these
are in ``sync/central/monitoring``; what is computed when it is asked for is in ``api/exposition.py``.

Labels are codes of districts, calls and outcomes: no name of a person, project or device.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder by which several processes count together. Read by the library when it is first imported."""
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
REQUESTS = Counter("guanjia_requests", "Requests by call and HTTP status", ["call", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "guanjia_request_seconds",
    "How long requests took until they were answered",
    ["call"],
    buckets=(0.01, 0.05, 0.25, 1, 5, 30),
    registry=REGISTRY,
)
REFUSALS = Counter("guanjia_refusals", "Requests that were refused, by code", ["code"], registry=REGISTRY)
ROUNDS = Counter("guanjia_rounds", "Greetings of devices, one a round", ["district"], registry=REGISTRY)
LINES = Counter("guanjia_lines", "Lines that devices sent, by outcome", ["district", "outcome"], registry=REGISTRY)
IN_PROGRESS = Gauge(
    "guanjia_requests_in_progress", "Requests that are worked on", registry=REGISTRY, multiprocess_mode="livesum"
)
FIRST_SYNCS_WAITING = Gauge(
    "guanjia_first_syncs_waiting",
    "Devices that wait for a page of their first sync",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
STREAMS = Gauge("guanjia_streams", "Open streams of hints", registry=REGISTRY, multiprocess_mode="livesum")
