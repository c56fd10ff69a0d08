"""The wire calls at the central, one file a call: ``push.answer_push`` and so on.

Each opens reads or writes through ``sync.central.request`` and knows nothing of HTTP, which is ``sync.central.api``.
The device side is in ``sync/steps`` under the same names; the messages of both are in ``sync/protocol/__init__.py``.
"""
