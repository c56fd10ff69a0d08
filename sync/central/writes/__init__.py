"""The only writer of lines at the central. Use: ``transaction.WriteTransaction``.

``validation`` checks a line by itself, ``merge_batch`` merges a batch in memory, ``transaction`` loads and writes,
``close_out_numbers`` numbers closed issues. It may import ``accounts``, ``integrity``, ``audit`` and ``db``.
"""
