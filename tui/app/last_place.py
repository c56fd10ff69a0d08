"""Goes back to where somebody was before the screens were cut off: place, filter and cursor.

While the screens are open the place is noted every `NOTE_INTERVAL_S`, where it has changed. Leaving by the key forgets
it: who ends the work begins with the day the next time. A closed window, a lost line or a kill leaves it. Forms have
drafts of their own, and are offered by the day. Next: ``store/home/last_place.py``,
`tui.app.screen_cache.ScreenCache.subject_of`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual import work
from textual.screen import Screen

from store.exceptions import DeviceStateError, DiskFull, StoreBusy
from tui.app.navigation import MODE_SCREENS
from tui.app.rounds import RoundsApp
from tui.data.messages import LastPlaceRead
from tui.i18n.translate import _

if TYPE_CHECKING:
    from store.home.last_place import LastPlace, OpenScreen
    from tui.data.reader import Reader

NOTE_INTERVAL_S = 2.0
"""So much of moving about a cut may cost."""
RESTORED_SCREENS = ("project", "issue", "visit", "register", "address_book", "approvals", "conflicts", "bin")
"""Those opened on top of another that are opened again; what stands on another one is not."""


@runtime_checkable
class ListScreen(Protocol):
    """A screen with a list that is filtered, sorted, and stood in."""

    def view_choices(self) -> Mapping[str, str]:
        """How it is filtered and sorted."""
        ...

    @property
    def line_at_cursor(self) -> str | None:
        """The id of the row under the cursor."""
        ...

    def return_to(self, choices: Mapping[str, str], at: str | None) -> None:
        """Filter and sort like this, with the cursor on this row where it is still there."""
        ...


class LastPlaceApp(RoundsApp):
    """An app that notes where somebody is, with ``keeps_place``."""

    keeps_place: bool = False
    reader: Reader | None
    now_ms: Callable[[], int]
    _last_key_at: float = 0.0
    _noted_place: LastPlace | None = None

    @work(thread=True, exclusive=True, group="place")
    def look_for_place(self, reader: Reader) -> None:
        """Look where somebody was, in a thread; with nothing to go back to the place is noted from now on."""
        from store.home.last_place import read_last_place  # noqa: PLC0415 - the first paint does not wait for it

        place = None
        with contextlib.suppress(
            DeviceStateError, StoreBusy, DiskFull
        ):  # nobody is stopped from working because it cannot be read
            place = read_last_place(reader.device_state, self.now_ms())
        self.post_message(LastPlaceRead(place))

    async def on_last_place_read(self, message: LastPlaceRead) -> None:
        """Go back there, unless somebody has gone on already, or the screens are locked; then note where they are."""
        place = message.place
        untouched = not self._last_key_at and self.current_mode == self.DEFAULT_MODE and len(self.screen_stack) == 1
        if place is not None and untouched and place.mode in MODE_SCREENS:
            await self._go_back_to(place)
        self.set_interval(NOTE_INTERVAL_S, self.note_place)

    async def _go_back_to(self, place: LastPlace) -> None:
        if self.current_mode != place.mode:
            await self.switch_mode(place.mode)
        if isinstance(self.screen, ListScreen) and (place.choices or place.at):
            self.screen.return_to(place.choices, place.at)
        for name, about in place.opened:
            if name in RESTORED_SCREENS:
                await self.push_screen(self.screen_cache.get(name, *about))
        if place.opened or place.choices or place.mode != self.DEFAULT_MODE:
            self.show_message(_("Back where you were when the screens were cut off. 1 leads to the day."))

    def note_place(self) -> None:
        """Note where somebody is, where that has changed; nothing while something else than the screens is in front."""
        place = self.place_now()
        if self.keeps_place and place is not None and self.reader is not None and place != self._noted_place:
            self._noted_place = place
            self._write_place(self.reader, place._replace(noted_at=self.now_ms()))

    def place_now(self) -> LastPlace | None:
        """Where somebody is; None while there is no ledger or the screens are locked."""
        from store.home.last_place import LastPlace  # noqa: PLC0415

        if self.reader is None or getattr(self, "is_locked", False) or self.current_mode not in MODE_SCREENS:
            return None
        base, choices, at = self.screen_stack[0], {}, None
        if isinstance(base, ListScreen):
            choices, at = dict(base.view_choices()), base.line_at_cursor
        return LastPlace(self.current_mode, tuple(self._opened(self.screen_stack[1:])), choices, at)

    def _opened(self, stack: Sequence[Screen[object]]) -> Sequence[OpenScreen]:
        """The screens on top of the first, up to one that is not opened again."""
        from store.home.last_place import OpenScreen  # noqa: PLC0415

        opened = []
        for screen in stack:
            name, about = self.screen_cache.subject_of(screen)
            if name not in RESTORED_SCREENS:
                break
            opened.append(OpenScreen(name, about))
        return opened

    @work(thread=True, exclusive=True, group="place")
    def _write_place(self, reader: Reader, place: LastPlace) -> None:
        from store.home.last_place import note_last_place  # noqa: PLC0415

        with contextlib.suppress(DeviceStateError, StoreBusy, DiskFull):
            note_last_place(reader.device_state, place)

    def forget_place(self) -> None:
        """The screens are left by the key: the next start begins with the day."""
        from store.home.last_place import forget_last_place  # noqa: PLC0415

        if self.keeps_place and self.reader is not None:
            self.keeps_place = False  # nothing is noted any more
            with contextlib.suppress(DeviceStateError, StoreBusy, DiskFull):
                forget_last_place(self.reader.device_state)
