"""Presenters: pure functions from a record to the columns of its list and the blocks of its page.

One module per record, named like its query module. May import ``store``, ``tui.data``, ``tui.i18n``, ``tui.reports``
and the value classes of ``tui.widgets`` (columns, spans, blocks); no screen, no app, and never a database connection.
Start with ``visits`` (the smallest); ``common`` has what several use.
"""
