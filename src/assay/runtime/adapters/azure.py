"""What does Azure's OpenAI service say of itself?

The key goes into a header of its own, and the address names a deployment or ends in `/openai/v1`; that of a deployment
carries `api-version` as a query, which stays on every request.
"""

from __future__ import annotations

from assay.runtime.adapters.adapter import Adapter
from assay.runtime.adapters.cloud import CANNOT, SHOWS, collect
from assay.runtime.adapters.common import header_mark
from assay.runtime.dialect import Dialect

__all__ = ["ADAPTER"]

ADAPTER = Adapter(
    mark="headers `apim-request-id` or `x-ms-region`",
    recognise=header_mark("apim-request-id", "x-ms-region"),
    collect=collect,
    shows=SHOWS,
    cannot=CANNOT,
    dialect=Dialect(key_header="api-key", token_limit="max_completion_tokens"),  # noqa: S106 - a field's name
)
