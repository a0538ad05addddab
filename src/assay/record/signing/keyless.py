"""Who signed without a key of their own: an identity that Sigstore vouches for, in a bundle beside the record?

A Sigstore bundle carries the same statement in the same kind of envelope as a signature with a key, and with it the
certificate of an identity and an entry of a log. What needs the package `sigstore`, an extra, imports it late: without
it bundles are read, and held against the record, but not checked.
"""

from __future__ import annotations

import base64
import json
import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import override

from assay.errors import InputError, Problem, ServerError, missing_extra
from assay.record.signing.check import Opened, check
from assay.record.signing.envelope import PAYLOAD_TYPE
from assay.schema._base import JsonValue, canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sigstore.models import ClientTrustConfig
    from sigstore.oidc import IdentityToken

    from assay.record.signing.check import Fault, Signature
    from assay.schema.record import Record

    Vouch = Callable[[bytes], "Identity | None"]
    """Says which of the reviewer's identities signed a bundle, or None; raises ValueError where it does not hold."""

__all__ = ["Identity", "Ticket", "check_bundles", "sign_keyless", "ticket", "vouching"]

_MOST_SHOWN = 160


@dataclass(frozen=True)
class Identity:
    """Somebody whom an issuer knows."""

    name: str
    """An e-mail address, or the address of a workflow."""
    issuer: str
    """Address of who vouches for the name."""

    @override
    def __str__(self) -> str:
        """Return how it is shown: `identity NAME of ISSUER`."""
        return f"identity {self.name} of {self.issuer}"


@dataclass(frozen=True)
class Ticket:
    """What signing without a key needs: a token of an identity, and the services to take it to."""

    identity: Identity
    """Whose token it is, as the token says."""
    token: IdentityToken
    """The token, a secret that holds for minutes."""
    config: ClientTrustConfig
    """The services, and what their answers are held against."""


def check_bundles(
    content: bytes, record: Record, vouch: Vouch | None
) -> tuple[tuple[Signature, ...], tuple[Fault, ...]]:
    """Return the signatures in a file of bundles that are about this record, and what is wrong with all others.

    Args:
        content: the file.
        record: the record as stored.
        vouch: checks a bundle; None checks none.
    """

    def made(line: bytes) -> tuple[str, str | None]:
        identity = vouch(line) if vouch is not None else None
        return ("without a key", None) if identity is None else (str(identity), identity.name)

    return check(content, record, lambda line: Opened(_payload_of(line), None, lambda: made(line)))


def vouching(identities: Sequence[Identity], trust: Path | None) -> Vouch:
    """Return what checks bundles against identities, offline.

    Args:
        identities: whom the reviewer knows.
        trust: a client trust configuration of Sigstore; None takes that of the public services as it was last fetched.

    Raises:
        InputError: the package is not installed, or the configuration cannot be read.
    """
    config = _config(trust, offline=True)
    from sigstore.models import Bundle
    from sigstore.verify import Verifier, policy

    verifier = Verifier(trusted_root=config.trusted_root)

    def vouch(line: bytes) -> Identity | None:
        # The bundle comes from wherever the record comes from: whatever it breaks in the package, it does not hold.
        try:
            with warnings.catch_warnings(action="ignore"):
                bundle = Bundle.from_json(line)
                # Whose it is does not matter at first: a bundle of somebody else must hold as well.
                verifier.verify_dsse(bundle, policy.UnsafeNoOp())
            again: JsonValue = json.loads(bundle.to_json())
        except Exception as error:  # noqa: BLE001 - see above
            raise ValueError(f"Sigstore does not accept it: {_first_line(error)}") from None
        if canonical_bytes(again) != line:
            raise ValueError("it is written in another form than Assay's: padded base64, and no keys of its own")
        for identity in identities:
            try:
                verifier.verify_dsse(bundle, policy.Identity(identity=identity.name, issuer=identity.issuer))
            except Exception:  # noqa: BLE001, S112 - it is another one's
                continue
            return identity
        return None

    return vouch


def ticket(given: str | None, trust: Path | None, *, may_ask: bool) -> Ticket:
    """Return a token of whoever signs: the given one, that of the surroundings (a build server), or one asked for.

    Args:
        given: a token, or None.
        trust: a client trust configuration; None takes that of the public services.
        may_ask: whether a person is there, whom a browser may ask who they are.

    Raises:
        InputError: the package is not installed, there is no token, or it is not one.
        ServerError: the surroundings or the services did not do their work.
    """
    config = _config(trust, offline=False)
    from sigstore.oidc import IdentityError, IdentityToken, Issuer, detect_credential

    try:
        raw = given or detect_credential()
        token = IdentityToken(raw) if raw is not None else None
        if token is None and may_ask:
            token = Issuer(config.signing_config.get_oidc_url()).identity_token()
    except IdentityError as error:
        message = f"the identity is refused: {_first_line(error)}"
        raise InputError(
            Problem("no-identity", message, "Ask for a new token, with sigstore as its audience.")
        ) from None
    except Exception as error:  # noqa: BLE001 - a package with faults of many kinds, and a network
        raise _failed(error) from None
    if token is None:
        message = "there is no identity to sign with"
        remedy = "Sign in a terminal, in a job that may ask for a token of its own, or set SIGSTORE_ID_TOKEN."
        raise InputError(Problem("no-identity", message, remedy))
    return Ticket(Identity(token.identity, token.federated_issuer), token, config)


def sign_keyless(payload: bytes, ticket: Ticket) -> bytes:
    """Return a bundle over a statement, as one line: the services see the statement, and log who signed.

    Raises:
        ServerError: a service did not do its work.
    """
    from sigstore.dsse import Statement
    from sigstore.sign import SigningContext

    try:
        context = SigningContext.from_trust_config(ticket.config)
        with context.signer(ticket.token) as signer:
            bundle = signer.sign_dsse(Statement(payload))
        value: JsonValue = json.loads(bundle.to_json())
    except Exception as error:  # noqa: BLE001 - as above
        raise _failed(error) from None
    return canonical_bytes(value)


def _payload_of(line: bytes) -> bytes:
    """Return the statement in a bundle.

    Raises:
        ValueError: there is none, or the line is not canonical JSON.
    """
    try:
        value: JsonValue = json.loads(line)
        one_form = canonical_bytes(value) == line
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not one_form:
        raise ValueError("it is written in another form than Assay's: canonical JSON")
    envelope = value.get("dsseEnvelope") if isinstance(value, dict) else None
    if not isinstance(envelope, dict) or envelope.get("payloadType") != PAYLOAD_TYPE:
        raise ValueError(f"it is not a Sigstore bundle with an envelope of {PAYLOAD_TYPE}")
    try:
        return base64.b64decode(str(envelope.get("payload")), validate=True)
    except ValueError:
        raise ValueError("its base64 cannot be read") from None


def _config(trust: Path | None, *, offline: bool) -> ClientTrustConfig:
    try:
        from sigstore.models import ClientTrustConfig
    except ImportError:
        message = "signatures without a key need the package sigstore"
        raise missing_extra("sigstore", message, otherwise="sign with a key") from None
    # That it works offline is what was asked for, and nothing to warn of.
    logging.getLogger("sigstore").setLevel(logging.ERROR)
    if trust is None:
        try:
            return ClientTrustConfig.production(offline=offline)
        except Exception as error:  # noqa: BLE001 - as above
            raise _failed(error) from None
    try:
        return ClientTrustConfig.from_json(trust.read_text("utf-8"))
    except OSError as error:
        message = f"the trust configuration cannot be read: {error.strerror}"
        raise InputError(Problem("no-such-file", message, "Name the file.", str(trust))) from None
    except Exception as error:  # noqa: BLE001 - as above
        message = f"this is not a client trust configuration of Sigstore: {_first_line(error)}"
        remedy = "Take the file that your Sigstore instance gives to its clients."
        raise InputError(Problem("bad-trust-config", message, remedy, str(trust))) from None


def _failed(error: Exception) -> ServerError:
    cause = error.__cause__ or error
    message = f"signing without a key did not work: {_first_line(error)} ({type(cause).__name__})"
    return ServerError(Problem("keyless-failed", message, "Try again later, or sign with a key."))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:_MOST_SHOWN]
