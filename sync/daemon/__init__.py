"""The daemon: repeats rounds of one home until it is stopped. Use: ``daemon.run_daemon``, ``services.plan``.

``schedule`` decides when (backoff), ``json_log`` is its log, ``services`` starts it with the machine. It may import the
round, the device and the transport; it never loads Textual.
"""
