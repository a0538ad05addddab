"""What does OpenAI's own service, or another cloud that speaks its protocol, say of itself?"""

from __future__ import annotations

from assay.runtime.adapters.adapter import Adapter
from assay.runtime.adapters.cloud import CANNOT, SHOWS, collect
from assay.runtime.adapters.common import header_mark

__all__ = ["ADAPTER"]

ADAPTER = Adapter(
    mark="headers `openai-processing-ms`, `openai-version` or `openai-organization`",
    recognise=header_mark("openai-processing-ms", "openai-version", "openai-organization"),
    collect=collect,
    shows=SHOWS,
    cannot=CANNOT,
)
