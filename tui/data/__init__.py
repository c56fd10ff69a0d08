"""Data access for the screens: reading, writing, undo, paging, change watching, child processes.

Imports the store, reports and texts; no widget, no presenter, no screen. Everything here blocks and is called in a
thread (`tui.screens.base.DataWorkerMixin`). Nothing of it is imported before the first paint but ``messages``,
``rows`` and ``sync_status``.

Use: `reader.Reader` (one opened home: ``run`` a query, ``paged`` for long lists), `writer.Writer` (``run`` a write
command, undoable), `lists` (long lists), ``readers/`` (what single screens read), `subprocess` (``guanjia`` commands),
`messages` (what threads post to the screens).
"""
