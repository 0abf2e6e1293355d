"""The key of identifier hashes: made once with the lake, kept in its control folder, never shown."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from profile_engine.config.secrets import Secret
from profile_engine.errors import ConfigurationError, LakeError
from profile_engine.lake.control import ControlFolder

_KEY = "identifier_key"
_FINGERPRINT = "identifier_key.fingerprint"
_MARK = b"fingerprint of the identifier key, ids by XXH64 of SHA-256"
"""How ids are made of the key is part of it: a lake of another version would get every identifier twice."""
_LENGTH = 32
_SHORTEST = 16


def identifier_key(control: ControlFolder, configured: Secret | None, *, lake: str, has_ids: bool) -> bytes:
    """The lake's key; made on first use. All ids hang on it, so another one than the first is refused.

    Raises LakeError when the key is gone or is not the one that the lake's ids were made with.
    """
    key = _configured(configured) if configured is not None else control.read(_KEY)
    if key is None:
        if has_ids or control.read(_FINGERPRINT) is not None:
            raise LakeError(
                f"the identifier key of the lake at {lake} is missing, and its ids can't be made again without it; put the "
                "file identifier_key back into the control folder, or name the key in lake.identifier_key"
            )
        control.create(_KEY, secrets.token_bytes(_LENGTH))
        key = control.read(_KEY)
        assert key is not None
    if len(key) < _SHORTEST:
        raise LakeError(
            f"the identifier key of the lake at {lake} is shorter than {_SHORTEST} bytes; put the whole key back"
        )
    fingerprint = hmac.new(key, _MARK, hashlib.sha256).hexdigest().encode()
    control.create(_FINGERPRINT, fingerprint)
    if control.read(_FINGERPRINT) != fingerprint:
        raise LakeError(
            f"the identifier key is not the one that the lake at {lake} was made with, or an earlier version made its ids in "
            "another way, so ids would not match; use the first key again, or start a new lake"
        )
    return key


def _configured(secret: Secret) -> bytes:
    text = secret.reveal()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = text.encode()
    if len(key) < _SHORTEST:
        raise ConfigurationError(
            f"lake.identifier_key ({secret.reference}) is shorter than {_SHORTEST} bytes; make one with: openssl rand -hex {_LENGTH}"
        )
    return key
