"""authority at the central: name the authority of its certificate to a device that knows its pin."""

from __future__ import annotations

from sync.central.accounts import identity
from sync.central.accounts.authority import authority_pem, district_secrets
from sync.central.db.database import CentralDatabase
from sync.central.exceptions import Refusal
from sync.protocol.authority import AuthorityAnswer, AuthorityRequest, authority_message, pin_of


def answer_authority(database: CentralDatabase, request: AuthorityRequest) -> AuthorityAnswer:
    """The authority's certificate, signed by the district that has this pin. Needs no token, and tells nothing to who
    does not know a pin. Raises `Refusal` (404)."""
    with database.read() as connection:
        secrets = district_secrets(connection)
    named = next((secret for secret in secrets if pin_of(identity.public_key(secret)) == request.pin), None)
    if named is None:
        raise Refusal(404, "not_found", "no such central here")
    certificate = authority_pem(secrets[0])
    signature = identity.sign(named, authority_message(certificate))
    return AuthorityAnswer(certificate=certificate, key=identity.public_key(named), signature=signature)
