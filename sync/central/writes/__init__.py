"""The only writer of lines at the central. Use: ``transaction.WriteTransaction``.

``validation`` checks a line by itself, ``merge_batch`` merges a batch in memory, ``transaction`` loads and writes,
``close_out_numbers`` numbers closed issues, ``grant_changes`` lets the roles of accounts follow from assignments,
``assignments`` writes those that the central enters itself, ``erasures`` empties what is held on erased people,
``claims`` keeps versions without a receipt for the bureau. It may import ``reads``, ``accounts``, ``integrity``,
``audit`` and ``db``.
"""
