"""Pure rules of the notice: no SQL but for reading limits, no clock, no model.

Use: `issue_lifecycle.compute_state` and `TRANSITIONS` (life of an issue), `responsible_party.responsible_party`,
`clocks.issue_clocks` (all limits of an issue), `issue_deadlines.running_deadlines`, `status_lights.compute_light`,
`limits.read_limits`, `registers.REGISTERS`, `permissions.may_write`, `grants.grants_on` (who serves and sees what),
`procedure_catalogue.procedures_for`. Imports `store.ledger` (lines and facts of kinds, never the models), `store.db`,
`store.values`. Each rule names its requirement (R-number) or its section of domain.md.
"""
