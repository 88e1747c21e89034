"""Take credentials out of anything that is written down."""

from __future__ import annotations

import re

# A password may hold ``/`` unescaped: rather a path with an ``@`` too much than a password too few.
_USER_INFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?!/)\S*@", re.IGNORECASE)
_SECRET = re.compile(
    r"(?P<key>(?:password|passwd|pwd|token|secret|api_?key|access_?key|credential|sig|signature)"
    r"[a-z0-9_-]*=)[^&;\s'\"]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return ``text`` with the credentials of every URI in it replaced by ``***``.

    User, password and token before the last ``@``, and the values of query parameters that name a
    secret. Text without credentials is returned unchanged.
    """
    return _SECRET.sub(r"\g<key>***", _USER_INFO.sub(r"\g<scheme>***@", text))
