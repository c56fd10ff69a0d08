"""An input line above a list: it leaves the list's keys and the arrows to the list."""

from __future__ import annotations

from textual.widgets import Input

_CURSOR_ACTIONS = ("cursor_left", "cursor_right", "home", "end", "cursor_up", "cursor_down")


class FilterInput(Input):
    """``reserved_keys`` are characters that are commands of the screen, not text."""

    def __init__(self, *, reserved_keys: str = "", placeholder: str = "", id: str | None = None) -> None:
        super().__init__(placeholder=placeholder, id=id)
        self._reserved_keys = reserved_keys

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is text; reserved characters are not."""
        is_reserved = character is not None and character in self._reserved_keys
        return not is_reserved and super().check_consume_key(key, character)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Arrows and the like act on the list below."""
        return False if action in _CURSOR_ACTIONS else super().check_action(action, parameters)
