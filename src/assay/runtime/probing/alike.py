"""By which mark are two refusals known as alike, without keeping what they say?"""

from __future__ import annotations

import hashlib
import string
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from assay.runtime.probing.wire import Reply

__all__ = ["mark_of"]

_OK: Final = range(200, 300)


def mark_of(reply: Reply) -> str:
    """Return a mark that two refusals with the same text share; empty for an answer, and for none.

    Digits are left out of it: many servers number their errors, or say in them when they happened.
    """
    if reply.status is None or reply.status in _OK:
        return ""
    return hashlib.sha256(reply.body.translate(None, string.digits.encode())).hexdigest()[:8]
