"""The namespaces that most projects have, as presets: `ecid: {preset: ecid}`; keys written beside it win over its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profile_engine.schemas.normalisers.white_space import WHITE_SPACE

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Quoted local parts may hold anything, and letters of all alphabets are allowed. The domain needs a dot: without one a name is
# of one machine or office (root@localhost), where the same text is another person's in the next, and "call@me" is no address.
_LOCAL, _LABEL = rf'(?:"(?:[^"\\]|\\.)+"|[^@"{WHITE_SPACE}]+)', f"[^@.{WHITE_SPACE}]+"
_EMAIL = rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})+\.?"

STANDARD_NAMESPACES: Mapping[str, Mapping[str, Any]] = {
    "crm_id": {"kind": "person", "unique": True, "description": "Customer number of the CRM"},
    "loyalty_id": {"kind": "person", "unique": True, "description": "Number of a loyalty card"},
    "login": {"kind": "person", "description": "Name or number with which somebody logs in"},
    "email": {"kind": "email", "normalise": "email", "pattern": _EMAIL, "description": "E-mail address"},
    "email_sha256": {
        "kind": "email",
        "normalise": "sha256_hex_lower",
        "description": "SHA-256 of the e-mail address, trimmed and in lower case",
    },
    "phone": {"kind": "phone", "normalise": "phone", "description": "Telephone number in its international form"},
    "phone_sha256": {
        "kind": "phone",
        "normalise": "sha256_hex_lower",
        "description": "SHA-256 of the telephone number",
    },
    "idfa": {"kind": "device", "normalise": "lower_case", "pattern": _UUID, "description": "Advertising id of iOS"},
    "gaid": {"kind": "device", "normalise": "lower_case", "pattern": _UUID, "description": "Advertising id of Android"},
    "ecid": {"kind": "cookie", "pattern": "[0-9]{38}", "description": "Experience Cloud id, 38 digits"},
    "cookie": {"kind": "cookie", "description": "Id that a web site keeps in a browser"},
}
"""Settings by preset; kinds are those of Adobe's "Identity namespace overview", value checks those of its "Guardrails for
Identity Service data" (experienceleague.adobe.com)."""
