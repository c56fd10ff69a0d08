"""Papers of authority: what an office signs and sends, made of the ledger's facts.

``weekly`` and ``month`` tell a period, ``issue_sheet`` an issue, ``notices`` press for what is overdue, ``minute`` says
what a meeting decided, ``circular`` and ``ranking`` compare units, ``visit_sheet`` and ``hand_over`` are signed by two.
Each builder describes a `tui.reports.report.Report`; ``wording`` holds what several say alike.

> A paper states nothing that the ledger does not: what only an office knows (its number, a recipient, a reply) is a
> place to fill in.
"""
