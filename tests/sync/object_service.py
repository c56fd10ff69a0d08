"""An S3-compatible service on loopback: the one of a package for tests, in a thread of this process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from sync.central.db.object_store import ObjectCredentials, ObjectStore, parse_object_address

BUCKET = "files"
KEYS = ObjectCredentials("tester", "canary-of-a-secret")


class ObjectService:
    """A running service with one bucket, and its address as a central's settings name it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"s3://{BUCKET}/office?endpoint=http://127.0.0.1:{port}"

    def store(self) -> ObjectStore:
        """A client, as a central opens one."""
        return ObjectStore(parse_object_address(self.url), KEYS)

    def contents(self) -> dict[str, bytes]:
        """All objects: what is in the service itself, whoever wrote it."""
        from moto.s3.models import s3_backends  # noqa: PLC0415 - takes a second, and few tests need it

        bucket = s3_backends["123456789012"]["aws"].buckets[BUCKET]
        return {name: key.value for name, key in bucket.keys.items()}


@contextmanager
def object_service(port: int = 0) -> Iterator[ObjectService]:
    """The service, with an empty bucket."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    try:
        _host, bound = server.get_host_and_port()
        httpx.post(f"http://127.0.0.1:{bound}/moto-api/reset", trust_env=False)
        assert httpx.put(f"http://127.0.0.1:{bound}/{BUCKET}", trust_env=False).status_code == 200
        yield ObjectService(bound)
    finally:
        server.stop()
