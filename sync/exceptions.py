"""Errors between a device and its central. Same fields as the store's errors: what, data, remedy."""

from __future__ import annotations

from store.exceptions import GuanjiaError


class SyncError(GuanjiaError):
    """Base of sync's own errors."""

    code = "sync"


class CentralUnreachable(SyncError):
    """The central did not answer, or something else answered in its place (a captive portal)."""

    code = "unreachable"
    what = "The central {central} cannot be reached: {detail}."
    data = "Nothing is lost: {pending} unsent lines wait on this device."
    remedy = "Go on working; the next round sends them."


class NotTheCentral(CentralUnreachable):
    """An answer came, but not from a guanjia central: a hotel's login page, a proxy's error, another program."""

    code = "not_the_central"
    what = "What answered at {central} is not a guanjia central: {detail}."
    remedy = "Log in to this network (a browser shows how) or check the address with “guanjia settings”."


class TooManyRequests(CentralUnreachable):
    """The central asked to wait; ``retry_after`` is in seconds."""

    code = "too_many"
    what = "The central asks to wait {retry_after} seconds."
    remedy = "Nothing; the daemon waits and tries again."


class JoinDelayed(TooManyRequests):
    """The central asked to wait before another attempt to join."""

    what = "The central asks to wait {retry_after} seconds before another attempt to join."
    data = "Nothing was changed here, and a valid code was not used up."
    remedy = "Wait, check the code, then join again; nothing joins by itself. A code lasts ten minutes."


class BadAddress(SyncError):
    """An address that is not one of a web server."""

    code = "bad_address"
    what = "“{central}” is not the address of a central."
    data = "Nothing was sent."
    remedy = "It looks like https://central.example.gov.cn – ask the bureau."


class RequestDeclined(SyncError):
    """The central understood the request and will not do it."""

    code = "declined"
    what = "The central declines: {detail}."
    data = "Nothing is lost; unsent lines are kept."
    remedy = "Upgrade guanjia on this machine; if it stays, tell the bureau."


class UpgradeRequired(SyncError):
    """Device and central share no protocol version."""

    code = "upgrade_required"
    what = "This guanjia speaks protocol {ours}; the central wants {min} to {max}."
    data = "Everything stays usable offline and nothing is lost; {pending} unsent lines wait here."
    remedy = "Upgrade guanjia on this machine, then sync."


class NotEnrolled(SyncError):
    """The device has no token: it works alone, or was never joined."""

    code = "not_enrolled"
    what = "This device has not joined a central."
    data = "Everything is kept here."
    remedy = "Ask the bureau for a code, then “guanjia join URL”, which asks for it."


class DeviceRefused(SyncError):
    """The central no longer knows this device: its token is unknown or was revoked."""

    code = "revoked"
    what = "The central refuses this device ({detail})."
    data = "Everything on this device stays readable; unsent lines are kept."
    remedy = "Ask the bureau for a new code, then “guanjia join URL”, which asks for it."


class BadInvite(SyncError):
    """A one-time code that is unknown, used or older than ten minutes."""

    code = "bad_invite"
    what = "This code is not valid: it is used, older than ten minutes, or mistyped."
    data = "Nothing was changed."
    remedy = "Ask the bureau for a new code."


class DistrictMismatch(SyncError):
    """A home of one district tried to join the central of another."""

    code = "other_district"
    what = "This home belongs to district {ours}; the central serves {theirs}."
    data = "Nothing was changed."
    remedy = "Use another home for that district (--home)."


class InsecureAddress(SyncError):
    """A plain http:// address that is not this machine."""

    code = "insecure"
    what = "{central} is not encrypted (http), so the ledger could be read on the way."
    data = "Nothing was sent."
    remedy = "Use the https:// address."


class RoundRunning(SyncError):
    """Another process holds the home's round lock."""

    code = "round_running"
    what = "Another guanjia (the daemon?) is already syncing this home."
    data = "Nothing is lost; it sends what is unsent."
    remedy = "See “guanjia status”."
