"""Locking: after idle minutes, or by a key, the screens ask for the PIN, where one is set.

While they are locked nothing but the lock screen is painted and no key reaches another one, whatever opens meanwhile;
what is typed in forms stays as it is. The ledger stays open, so that rounds and drafts go on. Next:
``tui/screens/lock.py``, ``store/home/pin_lock.py``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual import events
from textual.screen import Screen

from store.home.paths import Home
from store.home.pin_lock import UNLOCKED, PinLock
from tui.app.last_place import LastPlaceApp
from tui.app.navigation import make_screen
from tui.i18n.translate import _

if TYPE_CHECKING:
    from rich.console import RenderableType

LOCK_SCOPE = "lock"
IDLE_CHECK_S = 5.0
"""How often it is looked whether the screens are idle."""


class LockingApp(LastPlaceApp):
    """An app that can be locked."""

    is_locked: bool = False
    _active_at: tuple[float, float] = (0.0, 0.0)

    def note_activity(self) -> None:
        """Somebody is there. By both clocks: the monotonic one stands still while a laptop is suspended."""
        self._active_at = (time.monotonic(), time.time())

    def lock_when_idle(self) -> None:
        """Lock, if nobody was there for long enough."""
        monotonic, wall = self._active_at
        self.lock_if_idle(max(time.monotonic() - monotonic, time.time() - wall))

    def lock_if_idle(self, idle_s: float) -> None:
        """Lock, if that is as long as the district says, and a PIN is set."""
        minutes = self.sync_status.lock_minutes if self.sync_status else 0
        if minutes > 0 and idle_s >= minutes * 60 and self._has_pin:
            self.call_later(self.lock)

    @property
    def _has_pin(self) -> bool:
        return PinLock(Home(self.home)).is_set

    async def action_lock_now(self) -> None:
        """Lock at once; without a PIN say how one is set."""
        if self._has_pin:
            await self.lock()
        else:
            self.show_message(_("No PIN is set. The settings (,) have a form for it, or “guanjia lock set”."))

    async def lock(self) -> None:
        """Show the lock screen. Child processes get the key no more."""
        if not self.is_locked:
            self.is_locked = True
            UNLOCKED.drop(Home(self.home))
            await self.push_screen(make_screen(LOCK_SCOPE))

    def end_lock(self) -> None:
        """The PIN was right: everything is as it was."""
        self.is_locked = False
        self.note_activity()

    def raise_lock(self) -> None:
        """Bring the lock screen to the front again, where something else has opened meanwhile."""
        stack = self._screen_stack
        lock = next((screen for screen in stack if _is_lock(screen)), None)
        if self.is_locked and lock is not None and stack[-1] is not lock:
            stack[-1].post_message(events.ScreenSuspend())
            stack.remove(lock)
            stack.append(lock)
            lock.post_message(events.ScreenResume())

    def _refresh_notifications(self) -> None:
        """Textual's one place of messages: while it is locked none is shown; those that last are shown afterwards."""
        if not self.is_locked:
            super()._refresh_notifications()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Textual's one place of painting: while it is locked, nothing but the lock screen."""
        super()._display(screen, renderable if not self.is_locked or _is_lock(screen) else None)


def _is_lock(screen: Screen[object]) -> bool:
    return getattr(screen, "key_scope", "") == LOCK_SCOPE
