"""Keeps an app, a screen or a widget alive when a handler of it raises what nothing foresaw."""

from __future__ import annotations

from textual.message import Message
from textual.message_pump import MessagePump


class ErrorBoundary(MessagePump):
    """Hands an exception of a handler to the app and reads on. Textual ends the loop that an exception leaves: the
    screen would be deaf from then on, or the program over. `App._handle_exception` says it and logs it
    (``tui/app/terminal_app.py``)."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.app._handle_exception(error)
