"""The device halves of the wire calls that a round takes, one file a call.

The central halves are in ``sync/central/steps``, under the same names; the messages of both are in
``sync/protocol.py``.
"""
