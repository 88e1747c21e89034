"""Take credentials out of anything that is written down."""

from __future__ import annotations

import re

_USER_INFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/?#\s]*@", re.IGNORECASE)
_SECRET = re.compile(
    r"(?P<key>(?:password|passwd|pwd|token|secret|api_?key|access_?key|credential|sig|signature)"
    r"[a-z0-9_-]*=)[^&;\s'\"]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return ``text`` with the credentials of every URI in it replaced by ``***``.

    User, password and token before an ``@``, and the values of query parameters that name a
    secret. Text without credentials is returned unchanged.
    """
    return _SECRET.sub(r"\g<key>***", _USER_INFO.sub(r"\g<scheme>***@", text))
