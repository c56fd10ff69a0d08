"""Attached pictures: their working copy, their preview, their bytes on the way, and a home that has very many.

    copy      a picture of 12 megapixels, of each format, to its working copy ÷ bare Pillow in a process of its own
    preview   the same picture to a preview's lines in a terminal ÷ bare Pillow's pixels of the same size
    bytes     files up to the central and down to another laptop ÷ the same bytes in as many requests of bare HTTP
    pictured  lists, lookup and first paint of a home with 10,000 pictures ÷ the same home without them

Bytes travel in a process of its own (`python -m tests.bench.pictures VERB HOME …`).
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif

from store.commands.attachments import AttachTo, attach
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import Transfers
from store.home.paths import Home
from store.home.settings import load_settings
from store.ledger.line import new_id
from store.queries.attachments import latest_attachments
from store.values.media.pictures import WorkingCopy, preview, working_copy
from store.values.media.prepare import Prepared
from store.writer.local_writes import Draft
from sync.device.device import Device
from sync.protocol.blobs import BLOB_READ, BLOB_SEND
from sync.round import connect_central
from sync.round.blobs import BlobBudget, move_blobs
from tests.bench import large, stage
from tests.bench.device import PAGE, opened
from tests.bench.report import Measure, interleave
from tests.bench.screen import Seen, watch
from tests.bench.tap import Exchange, tapped
from tests.pictures import drawn_picture, jpeg
from tui.i18n import translate
from tui.i18n.translate import value_label
from tui.widgets.picture import PictureStyle, picture_lines

NAMES = ("copy", "preview", "bytes", "pictured")
SIZE = (4000, 3000)
CELLS = (76, 60)
"""A preview's columns and rows of pixels, in a terminal of 80 columns."""
FILES, FILE_BYTES = 20, 1_000_000
PICTURES = 10_000
TYPE = "image/jpeg"
_BARE_PICTURE = """
import sys
from io import BytesIO
from PIL import Image
if sys.argv[4] == "image/heic":
    import pillow_heif
    pillow_heif.register_heif_opener()
width, height = map(int, sys.argv[1:3])
image = Image.open(BytesIO(sys.stdin.buffer.read()))
image.draft("RGB", (width, height))
image.thumbnail((width, height))
out = BytesIO()
if sys.argv[3] == "copy":
    image.save(out, "JPEG", quality=82)
sys.stdout.buffer.write(out.getvalue() or image.tobytes())
"""


def measure(place: Path, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    """The wanted measurements that need no filled home; ``place`` is a folder of its own."""
    if "copy" in wanted:
        yield from (_copy(repeat, of, drawn) for of, drawn in _pictures().items())
    if "preview" in wanted:
        picture = jpeg(*SIZE)
        ours, floor = interleave(
            repeat,
            lambda: _seconds(lambda: picture_lines(preview(picture, TYPE, *CELLS), PictureStyle("blocks"))),
            lambda: _seconds(lambda: _bare_picture(picture, *CELLS, "preview")),
        )
        yield Measure("preview, 12 megapixels ÷ bare Pillow", 0, ours, floor)
    if "bytes" in wanted:
        yield from _bytes(place, repeat)


def _copy(repeat: int, of: str, picture: bytes) -> Measure:
    ours, floor = interleave(
        repeat,
        lambda: _seconds(lambda: working_copy(picture, of)),
        lambda: _seconds(lambda: _bare_picture(picture, 1600, 1600, "copy", of)),
    )
    before = os.times()
    made = len(working_copy(picture, of).content)
    cpu = sum(os.times()[2:4]) - sum(before[2:4])
    facts: dict[str, float | int | str] = {"bytes": len(picture), "copy": made, "cpu": round(cpu, 2)}
    return Measure(f"working copy of {of.partition('/')[2]}, 12 megapixels ÷ bare Pillow", 0, ours, floor, facts=facts)


def _pictures() -> dict[str, bytes]:
    """The same drawing of 12 megapixels in each format, by media type."""
    pillow_heif.register_heif_opener()
    made = {TYPE: jpeg(*SIZE)}
    for name, options in (("PNG", {"compress_level": 1}), ("WEBP", {"quality": 85, "method": 0}), ("HEIF", {})):
        out = BytesIO()
        drawn_picture(*SIZE).save(out, name, **options)
        made["image/heic" if name == "HEIF" else f"image/{name.lower()}"] = out.getvalue()
    return made


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _bare_picture(picture: bytes, width: int, height: int, wanted: str, of: str = TYPE) -> bytes:
    command = [sys.executable, "-I", "-c", _BARE_PICTURE, str(width), str(height), wanted, of]
    return subprocess.run(command, input=picture, capture_output=True, check=True).stdout


# Bytes on the way


def _bytes(place: Path, repeat: int) -> Iterator[Measure]:
    """Files of one laptop up, and down to another that asks for the originals."""
    place.mkdir()
    stage.set_up(place, 0)
    _run("attach", place / "full", FILES)
    homes = {"up": place / "full", "down": place / "fresh"}
    with stage.central(place / "central") as server:
        stage.sync(homes["up"], server.port)
        stage.sync(homes["down"], server.port)
    states = {"up": _saved(place, "up")}
    with stage.central(place / "central") as server:
        _move(homes["up"], server.port)
    states["down"] = _saved(place, "down")
    for way, title in (("up", "upload"), ("down", "download")):
        counted: list[Exchange] = []
        with _central(place, states[way]) as server, tapped(server.port) as tap:
            moved = _move(homes[way], tap.port)
            counted += [each for each in tap.exchanges if each.path in (BLOB_SEND, BLOB_READ)]
        if moved[f"bytes_{way}"] < FILES * FILE_BYTES:
            raise RuntimeError(f"bytes did not travel: {moved}")
        pairs = [(_ours(place, states[way], homes[way]), _plain(place, counted)) for _ in range(repeat)]
        ours, floor = (statistics.median(side) for side in zip(*pairs, strict=True))
        facts: dict[str, float | int | str] = {"files": FILES, "MB": round(moved[f"bytes_{way}"] / 1e6)}
        facts |= {"requests": len(counted), "bytes": sum(each.sent + each.received for each in counted)}
        yield Measure(f"{title} of bytes ÷ plain HTTP", 0, ours, floor, facts=facts)


def _saved(place: Path, tag: str) -> str:
    for name in ("central", "full", "fresh"):
        stage.save(place / name, tag)
    return tag


def _central(place: Path, tag: str) -> Any:
    for name in ("full", "fresh"):
        stage.rewind(place / name, tag)
    return stage.central(stage.rewind(place / "central", tag))


def _ours(place: Path, tag: str, home: Path) -> float:
    with _central(place, tag) as server:
        return float(_move(home, server.port)["seconds"])


def _plain(place: Path, exchanges: Sequence[Exchange]) -> float:
    """Seconds of the same bytes in the same requests, bare."""
    plan = place / "plan.json"
    with stage.floor(place / "bare.db") as server:
        plan.write_text(json.dumps({"do": "kept", "port": server.port, "rounds": 1, "exchanges": exchanges}))
        command = [sys.executable, "-m", "tests.bench.bare_device", str(plan)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout)[0])


def _move(home: Path, port: int) -> Any:
    return _run("move", home, GUANJIA_CENTRAL=stage.address(port))


def _run(verb: str, home: Path, *arguments: int, **variables: str) -> Any:
    command = [sys.executable, "-m", "tests.bench.pictures", verb, str(home), *map(str, arguments)]
    environment = {**stage.ENVIRONMENT, **variables}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)


# A home with many


def measure_home(home: Path, lines: int, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    """A filled home with very many pictures beside one without them."""
    if "pictured" not in wanted:
        return
    with tempfile.TemporaryDirectory(prefix="guanjia-bench-", dir=home.parent) as place:
        bare = Path(shutil.copytree(home, Path(place) / "bare"))
        pictured = Path(shutil.copytree(home, Path(place) / "pictured"))
        _run("crowd", pictured, PICTURES)
        facts: dict[str, float | int | str] = {"pictures": PICTURES}
        for words in (*large.LISTS, ("find", "许可证")):
            pairs = [(large.run(pictured, *words), large.run(bare, *words)) for _ in range(repeat)]
            ours, floor = (statistics.median(run.whole for run in side) for side in zip(*pairs, strict=True))
            cpu, floor_cpu = (statistics.median(run.cpu for run in side) for side in zip(*pairs, strict=True))
            title = f"with pictures, {' '.join(words)} ÷ without"
            yield Measure(title, lines, ours, floor, reach=1.1, facts=facts | {"cpu": cpu, "floor cpu": floor_cpu})
        yield from _paints(pictured, bare, lines, repeat, facts)


def _paints(
    pictured: Path, bare: Path, lines: int, repeat: int, facts: dict[str, float | int | str]
) -> Iterator[Measure]:
    translate.set_language("zh")
    waited = {"today": value_label("today", "overdue"), "projects": stage.device(bare, "first")["first"]}
    for start, words in waited.items():
        pairs = [(_watched(pictured, start, words), _watched(bare, start, words)) for _ in range(repeat)]
        ours, floor = (Seen(*map(statistics.median, zip(*side, strict=True))) for side in zip(*pairs, strict=True))
        title = f"with pictures, first paint, {start} ÷ without"
        yield Measure(title, lines, ours.paint, floor.paint, reach=1.1, facts=facts)
        title = f"with pictures, first data, {start} ÷ without"
        yield Measure(title, lines, ours.words, floor.words, reach=1.1, facts=facts)


def _watched(home: Path, start: str, words: str) -> Seen:
    return watch(
        [*stage.GUANJIA, "--home", str(home), "--lang", "zh"], words, {**stage.ENVIRONMENT, "GUANJIA_START": start}
    )


# In a process of its own


def attach_files(home: Path, count: int) -> dict[str, Any]:
    """A project with as many files of `FILE_BYTES`, which no compression makes smaller."""
    ledger, chance = opened(home), random.Random(7)
    project = new_id()
    body = {"name": "示范项目", "number": "XM-00001", "category": "new"}
    ledger.put_many([Draft("project", body, project=project, id=project)])
    paths = [home.parent / f"{number}.jpg" for number in range(count)]
    for path in paths:
        path.write_bytes(b"\xff\xd8\xff" + chance.randbytes(FILE_BYTES))
    done = attach(ledger, project, paths, prepare=_prepared)
    for path in paths:
        path.unlink()
    if len(done.lines) != count:
        raise RuntimeError(f"not attached: {done.refused}")
    return {"attached": count}


def _prepared(_stream: object, name: str) -> Prepared:
    """A picture with a small working copy, without decoding: what is measured is the way of its bytes."""
    return Prepared(name, TYPE, WorkingCopy(b"\xff\xd8\xff" + name.encode(), 4, 3, None, None))


def crowd(home: Path, count: int) -> dict[str, Any]:
    """As many pictures in the projects of a filled home: lines, and a small file of each beside the ledger."""
    ledger, chance = opened(home), random.Random(8)
    blobs = BlobStore(ledger.database)
    blobs.folder.mkdir(mode=0o700)
    projects = [row[0] for row in ledger.database.connection().execute("SELECT id FROM project ORDER BY id")]
    drafts: list[Draft] = []
    for number in range(count):
        project = projects[number % len(projects)]
        target, sha256 = AttachTo("project", project, project), chance.randbytes(32).hex()
        (blobs.folder / blobs.name_of(target.bucket, sha256)).write_bytes(chance.randbytes(200))
        body = {"name": f"现场{number}.jpg", "media_type": TYPE, "size": 180_000, "sha256": sha256}
        drafts.append(Draft("attachment", {"of_kind": "project", "of_id": project, **body}, project))
    for start in range(0, count, PAGE):
        ledger.put_many(drafts[start : start + PAGE])
    return {"attached": count}


def move(home: Path) -> dict[str, Any]:
    """Let what waits travel, and fetch the originals that are not here."""
    found = Home(home)
    with Device.open(found, load_settings(found)) as device:
        database = device.ledger.database
        rows = latest_attachments(database.connection(), FILES)
        blobs = BlobStore(database)
        with Transfers(database) as transfers:
            transfers.want([(row.bucket, row.sha256) for row in rows if not blobs.has(row.bucket, row.sha256)])
        seconds, result = asyncio.run(_moved(device))
    return {"seconds": seconds, "bytes_up": result.bytes_up, "bytes_down": result.bytes_down, "failed": result.failure}


async def _moved(device: Device) -> tuple[float, Any]:
    async with connect_central(device, os.environ["GUANJIA_CENTRAL"]) as central:
        start = time.perf_counter()
        result = await move_blobs(device, central, BlobBudget(3_600.0))
        return time.perf_counter() - start, result


def main() -> None:
    """Do what is asked and tell how it went."""
    verb, home, *rest = sys.argv[1:]
    verbs: dict[str, Callable[..., dict[str, Any]]] = {"attach": attach_files, "crowd": crowd, "move": move}
    print(json.dumps(verbs[verb](Path(home), *map(int, rest))))


if __name__ == "__main__":
    main()
