"""Who may use the central: accounts, devices and tokens, one-time codes, roles, scope, permissions, rate limits.

Use: ``authentication.authenticate``, ``scope.covers``, ``permissions.denial_reason``, ``roles.change_roles``. It may
import ``db`` and ``audit``.
"""
