"""The wire calls of a round on the device, one file a call: ``hello.hello``, ``push.push``, ``pull.pull`` and so on.

They may import the device, the protocol and the round's counts. The central's side is in ``sync/central/steps`` under
the same names; the messages of both are in ``sync/protocol/__init__.py``.
"""
