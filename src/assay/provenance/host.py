"""Which machine did the harness run on?"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Final

from assay.schema.provenance import Host

__all__ = ["look_at_host"]

_PROC: Final = Path("/proc")


def look_at_host(proc: Path = _PROC) -> Host:
    """Look at the machine; no program is started and nothing leaves it.

    Args:
        proc: where Linux shows its processes and drivers.
    """
    import psutil

    try:
        load = psutil.getloadavg()[0]
    except OSError:
        load = None
    return Host(
        system=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
        # platform.processor() would start `uname -p`.
        processor=_field(proc / "cpuinfo", "model name") or "unknown",
        cores=_cores(),
        memory_bytes=psutil.virtual_memory().total,
        accelerators=_accelerators(proc),
        load_1m=load,
    )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _accelerators(proc: Path) -> tuple[str, ...] | None:
    """Read the names that the NVIDIA driver shows; other makers' devices are not looked for."""
    if not proc.is_dir():
        return None
    files = sorted((proc / "driver" / "nvidia" / "gpus").glob("*/information"))
    return tuple(_field(file, "Model") or "NVIDIA device without a name" for file in files)


def _field(file: Path, name: str) -> str | None:
    """Return the first value of a `name : value` line, or None."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == name and value.strip():
            return value.strip()
    return None
