"""The central halves of the wire calls, one file a call.

Each opens reads or writes through ``sync/central/request.py``. The device halves are in ``sync/steps``, under
the same names; the messages of both are in ``sync/protocol.py``.
"""
