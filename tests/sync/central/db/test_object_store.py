"""The address and the credentials of an outside store: what is taken, what is refused, and that no secret is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.central.db.object_store import KEY_VARIABLES, ObjectCredentials, object_credentials, parse_object_address
from sync.central.db.settings import SETTINGS_FILE, load_central_settings, save_central_settings
from sync.central.exceptions import BadCentralSettings, NoObjectCredentials

SECRET = "canary-of-a-secret"


def test_an_address_says_where_the_files_lie() -> None:
    """A bucket at a service of one's own, and one of a cloud."""
    own = parse_object_address("s3://files/office/a/?endpoint=https://minio.example:9000")
    assert own == ("files", "office/a", "https://minio.example:9000", "us-east-1", False)
    assert parse_object_address("s3://files?region=cn-north-1") == ("files", "", None, "cn-north-1", True)


@pytest.mark.parametrize(
    "url",
    [
        "https://minio.example/files", "s3://", "s3://key:secret@files", "s3://files?endpoint=http://minio.example",
        "s3://files?endpoint=https://key:secret@minio.example", "s3://files?secret_access_key=1", "s3://files?x",
    ],
)  # fmt: skip
def test_an_address_with_a_fault_is_refused_by_its_line(tmp_path: Path, url: str) -> None:
    """Another scheme, no bucket, a password in it, an unknown option, and http to another machine: the line is named,
    and no central is served."""
    save_central_settings(tmp_path / "central", None)
    file = tmp_path / "central" / SETTINGS_FILE
    lines = len(file.read_text("utf-8").splitlines())
    file.write_text(f'{file.read_text("utf-8")}blobs = "{url}"\n', "utf-8")
    with pytest.raises(BadCentralSettings, match=f"Line {lines + 1} "):
        load_central_settings(tmp_path / "central")


def test_credentials_come_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    """A file that others can read is refused, and so are half of the credentials; no text of them says the secret."""
    file = tmp_path / "s3.toml"
    file.write_text(f'access_key_id = "a"\nsecret_access_key = "{SECRET}"\n', "utf-8")
    file.chmod(0o600)
    found = object_credentials(file, {})
    assert (
        found
        == ObjectCredentials("a", SECRET)
        == object_credentials(None, dict(zip(KEY_VARIABLES, found[:2], strict=False)))
    )
    assert SECRET not in f"{found} {found!r}"
    file.chmod(0o644)
    for place, environ, fault in (
        (file, {}, "read_by_others"),
        (tmp_path / "no", {}, "no_file"),
        (None, {KEY_VARIABLES[0]: "a"}, "incomplete"),
    ):
        with pytest.raises(NoObjectCredentials) as refused:
            object_credentials(place, environ)
        assert refused.value.values["detail"] == fault
