"""What does OpenAI's own service, or another cloud that speaks its protocol, say of itself?"""

from __future__ import annotations

from assay.runtime.adapters.adapter import Adapter
from assay.runtime.adapters.cloud import CANNOT, SHOWS, collect
from assay.runtime.adapters.common import header_mark
from assay.runtime.dialect import Dialect

__all__ = ["ADAPTER"]

ADAPTER = Adapter(
    mark="headers `openai-processing-ms`, `openai-version` or `openai-organization`",
    recognise=header_mark("openai-processing-ms", "openai-version", "openai-organization"),
    collect=collect,
    shows=SHOWS,
    cannot=CANNOT,
    dialect=Dialect(token_limit="max_completion_tokens"),  # noqa: S106 - a field's name
)
