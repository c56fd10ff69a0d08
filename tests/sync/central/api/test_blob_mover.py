"""A serving central moves attached files to its outside store, killed on the way."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sync.central.admin.setup import read_central
from sync.central.db.settings import SETTINGS_FILE
from sync.central.db.tables import BLOB, BLOB_PART
from tests.sync.central.api.test_serve import eventually
from tests.sync.central_fixture import CentralProcess, create_central
from tests.sync.laptops import bureau, project
from tests.sync.object_service import KEYS, object_service
from tests.sync.rounds.test_blobs import LONG, attached, here, want_original


@pytest.mark.needs("linux")
def test_a_killed_central_goes_on_moving_what_it_took_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A central whose settings name a store takes a picture in and is killed at once; served again, it moves the
    picture, and another laptop reads it from the store. No secret is in the central's folder."""
    for name, value in zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), KEYS[:2], strict=True):
        monkeypatch.setenv(name, value)
    with object_service() as service:
        folder = tmp_path / "central"
        central = CentralProcess(folder, create_central(folder))
        settings = folder / SETTINGS_FILE
        settings.write_text(f'{settings.read_text("utf-8")}blobs = "{service.url}"\n', "utf-8")
        central.start()
        try:
            first, second = bureau(tmp_path / "first", central), bureau(tmp_path / "second", central, "李乙")
            attached(first, project(first).id, tmp_path)
            first.sync()
            central.stop(signal.SIGKILL)
            central.start()

            def parts() -> int:
                with read_central(folder) as connection:
                    return int(connection.execute(select(func.count()).select_from(BLOB_PART)).scalar_one())

            assert eventually(lambda: not parts())
            second.sync()
            want_original(second)
            second.sync()
            assert here(second) == here(first) and LONG in here(second)
        finally:
            central.stop()
        with read_central(folder) as connection:
            assert connection.execute(select(func.count()).select_from(BLOB)).scalar_one() == 2
        assert len(service.contents()) == 2 and LONG in service.contents().values()
        secret = KEYS.secret_access_key.encode()
        assert not [path for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()]
