"""An S3-compatible store for the bytes of attachments: its address, its credentials, and the few calls that are used.

The address is a URL like ``s3://bucket/prefix?endpoint=https://minio.example:9000&region=cn-north-1``. The credentials
come from the environment or from a private file, and are in no database and no log. The package that speaks the
protocol is loaded with the first call.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit

from store.home.paths import is_private
from store.values.text_files import decode_text
from store.values.toml_files import parse_toml
from sync.central.exceptions import NoObjectCredentials, ObjectsNotInstalled, ObjectsUnreachable

if TYPE_CHECKING:
    from obstore.store import S3Store

SCHEME = "s3"
KEY_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""Where credentials are, in the environment: as other programs for such stores name them."""
KEY_NAMES = ("access_key_id", "secret_access_key", "session_token")
"""The same in a file."""
_OPTIONS = ("endpoint", "region", "virtual_host")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_USUAL_REGION = "us-east-1"
_CONNECT_S, _CALL_S, _RETRIES = 5, 60, 2
_LOG = logging.getLogger("guanjia.central")


class ObjectAddress(NamedTuple):
    """A bucket, the prefix of all names in it, and where its service is. ``virtual_host``: the bucket is part of the
    host's name, as at Amazon and Aliyun."""

    bucket: str
    prefix: str
    endpoint: str | None
    region: str
    virtual_host: bool

    def __str__(self) -> str:
        at = f" ({self.endpoint})" if self.endpoint else ""
        return f"{SCHEME}://{self.bucket}/{self.prefix}{at}"


def parse_object_address(url: str) -> ObjectAddress:
    """The address that a URL names. Raises `ValueError` for another scheme, no bucket, an option that is not known, a
    password, and http to another machine."""
    parts, options = urlsplit(url), parse_qs(urlsplit(url).query, strict_parsing=bool(urlsplit(url).query))
    if parts.scheme != SCHEME or not parts.hostname or "@" in parts.netloc or set(options) - {*_OPTIONS}:
        raise ValueError("address")
    endpoint = options.get("endpoint", [None])[0]
    if endpoint is not None:
        service = urlsplit(endpoint)
        is_plain = service.scheme == "http" and service.hostname in _LOOPBACK
        if not service.hostname or "@" in service.netloc or not (service.scheme == "https" or is_plain):
            raise ValueError("endpoint")
    region = options.get("region", [_USUAL_REGION])[0]
    is_virtual = options.get("virtual_host", ["0" if endpoint else "1"])[0] == "1"
    return ObjectAddress(parts.netloc, parts.path.strip("/"), endpoint, region, is_virtual)


class ObjectCredentials(NamedTuple):
    """Who calls the store."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return "ObjectCredentials(…)"


def object_credentials(file: Path | None, environ: Mapping[str, str] = os.environ) -> ObjectCredentials:
    """The credentials in a file, if one is named, else those of the environment. Raises `NoObjectCredentials`: there
    are none, or others can read the file."""
    if file is None:
        found = [environ.get(name) for name in KEY_VARIABLES]
    else:
        try:
            if not is_private(file.stat()):
                raise NoObjectCredentials(place=file, detail="read_by_others")
            values = parse_toml(decode_text(file.read_bytes()).text).values
        except OSError:
            raise NoObjectCredentials(place=file, detail="no_file") from None
        found = [value if isinstance(value := values.get(name), str) else None for name in KEY_NAMES]
    key, secret, token = found
    if not key or not secret:
        raise NoObjectCredentials(place=file or KEY_VARIABLES[0], detail="incomplete")
    return ObjectCredentials(key, secret, token or None)


def object_name(district: str, bucket: str, sha256: str) -> str:
    """The name of the object with this content of this bucket of the ledger. It tells the content's hash and nothing of
    the bucket; equal content in two buckets is two objects."""
    return f"{district}/{hashlib.sha256(bucket.encode()).hexdigest()[:32]}/{sha256}"


class ObjectStore:
    """The objects below an address. Every call raises `ObjectsUnreachable` where the store does not answer or refuses,
    and `ObjectsNotInstalled` without the package."""

    def __init__(self, address: ObjectAddress, credentials: ObjectCredentials) -> None:
        self.address, self._credentials = address, credentials
        self._opened: S3Store | None = None

    def _store(self) -> S3Store:
        if self._opened is None:
            try:
                from obstore.store import S3Store  # noqa: PLC0415 - an extra, which most centrals do not have
            except ImportError:
                raise ObjectsNotInstalled() from None
            address, key = self.address, self._credentials
            self._opened = S3Store(
                address.bucket, prefix=address.prefix or None, endpoint=address.endpoint, region=address.region,
                virtual_hosted_style_request=address.virtual_host, access_key_id=key.access_key_id,
                secret_access_key=key.secret_access_key, session_token=key.session_token or "",
                client_options={
                    "allow_http": True, "connect_timeout": timedelta(seconds=_CONNECT_S),
                    "timeout": timedelta(seconds=_CALL_S),
                },
                retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=_CALL_S)},
            )  # fmt: skip
        return self._opened

    def put(self, name: str, content: bytes) -> None:
        """Keep an object: whole, or not at all. The same one again changes nothing."""
        with self._translated():
            import obstore  # noqa: PLC0415

            obstore.put(self._store(), name, content, use_multipart=False)

    def read(self, name: str, start: int, count: int) -> bytes | None:
        """So many bytes of an object from a place on, fewer at its end; None where there is no such object."""
        with self._translated():
            import obstore  # noqa: PLC0415

            try:
                size = obstore.head(self._store(), name)["size"]
                count = min(count, size - start)
                return bytes(obstore.get_range(self._store(), name, start=start, length=count)) if count > 0 else b""
            except FileNotFoundError:
                return None

    def delete(self, name: str) -> None:
        """Delete an object; nothing where there is none."""
        with self._translated():
            import obstore  # noqa: PLC0415

            try:
                obstore.delete(self._store(), name)
            except FileNotFoundError:
                return

    def sizes(self, district: str) -> Iterator[tuple[str, int]]:
        """The names of a district's objects, and how many bytes each has."""
        with self._translated():
            import obstore  # noqa: PLC0415

            for page in obstore.list(self._store(), f"{district}/"):
                yield from ((str(one["path"]), int(one["size"])) for one in page)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ImportError:
            raise ObjectsNotInstalled() from None
        except Exception as error:
            if not type(error).__module__.startswith("obstore"):
                raise
            cause = _cause(type(error).__name__, str(error))
            _LOG.warning("the store %s: %s (%s)", self.address, cause, type(error).__name__)
            raise ObjectsUnreachable(place=self.address, detail=cause) from None


def _cause(name: str, said: str) -> str:
    """Why a call failed, in one word: the package's own texts have whole answers in them."""
    if name in ("PermissionDeniedError", "UnauthenticatedError"):
        return "denied"
    if "NoSuchBucket" in said:
        return "no_bucket"
    return "unreachable" if "error sending request" in said or "timed out" in said.lower() else "failed"
