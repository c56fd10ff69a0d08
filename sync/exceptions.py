"""What can go wrong between a device and its central. Same shape as the store's errors: what, data, todo."""

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
    remedy = "Ask the bureau for a code, then “guanjia join URL --code CODE”."


class DeviceRefused(SyncError):
    """The central no longer knows this device: its token is unknown or was revoked."""

    code = "revoked"
    what = "The central refuses this device ({detail})."
    data = "Everything on this device stays readable; unsent lines are kept."
    remedy = "Ask the bureau for a new code, then “guanjia join URL --code CODE”."


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


class NoCredentials(SyncError):
    """No place to keep the key and token, or the place dropped or locked them."""

    code = "no_credentials"
    what = "There is no safe place for the ledger's key: {detail}."
    data = "Nothing was written."
    remedy = "Unlock or install a keyring, or set GUANJIA_CREDENTIALS=file (a 0600 file) or systemd."


class NoKeyring(NoCredentials):
    """No keyring runs here: a server, a bare session, a package not installed."""

    code = "no_keyring"
    what = "There is no keyring here to keep the ledger's key in ({detail})."
    remedy = (
        "Log in to a desktop or install a keyring (Debian: gnome-keyring); or set GUANJIA_CREDENTIALS=file for a file "
        "that only you can read, or GUANJIA_CREDENTIALS=systemd."
    )


class NonPersistentKeyring(NoCredentials):
    """The keyring took the secret and does not have it: the null backend, or one that is broken."""

    code = "forgetful_keyring"
    what = "The keyring forgets what it is given ({detail}): keyrings are switched off for this user."
    remedy = (
        "Take the null backend out of PYTHON_KEYRING_BACKEND or keyringrc.cfg, or set GUANJIA_CREDENTIALS=file for a "
        "file that only you can read."
    )


class LockedKeyring(NoCredentials):
    """The keyring is locked, or did not answer in time, as one does that asks for a password where nobody is."""

    code = "locked_keyring"
    what = "The keyring is locked, or did not answer within {seconds} seconds."
    remedy = "Unlock it (logging in at the screen does) and try again, or set GUANJIA_CREDENTIALS."


class KeyNotFound(NoCredentials):
    """The place that should hold the home's key does not."""

    code = "key_not_found"
    what = "The key of the ledger in {home} is not in {place}."
    data = "The ledger is untouched and still encrypted."
    remedy = "Check GUANJIA_CREDENTIALS; a home opens only for the user and on the machine that it was made for."


class InsecureCredentials(NoCredentials):
    """A file of secrets that others can read, or that belongs to somebody else."""

    code = "open_credentials"
    what = "{path} can be read by others, or is not yours; it was not used."
    data = "The ledger was not opened."
    remedy = "Make it yours alone (chmod 600); if others may have read it, back up and restore into a new home."


class ReadOnlyCredentials(NoCredentials):
    """systemd hands credentials out and takes none back."""

    code = "read_only_credentials"
    what = "systemd hands out the ledger's key and cannot store one."
    remedy = (
        "Make the key first: “systemd-creds encrypt --name=guanjia.key”; “guanjia daemon install --system” shows how."
    )
