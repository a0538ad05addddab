"""The room opens lightly: figures are derived without the libraries of the table and of the samples."""

from __future__ import annotations

import subprocess
import sys


def test_room_loads_nothing_heavy() -> None:
    """Importing the room loads neither pandas nor psutil nor a client."""
    code = (
        "import sys, assay.bench; print({'aiohttp', 'numpy', 'openai', 'pandas', 'psutil', 'scipy'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
