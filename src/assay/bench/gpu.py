"""How much memory is in use on each NVIDIA graphics processor, and how much of it by the server?

NVML tells it, by the extra `gpu` (nvidia-ml-py). Without the extra or without a driver there are no processors to tell
of, and whatever NVML does not say is not known: neither is an error. Field and function names are those of NVML's
reference (nvmlDeviceGetMemoryInfo, nvmlDeviceGetComputeRunningProcesses).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.schema.bench import GpuUse

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

__all__ = ["Gpus"]

_MOST_NAME = 100


@dataclass(frozen=True, slots=True)
class _Seen:
    """One processor at one moment: its memory, and that of each process on it where NVML lists them."""

    index: int
    name: str
    used_bytes: int
    total_bytes: int
    by_pid: dict[int, int | None] | None


class Gpus:
    """The graphics processors of this host; `close` lets go of the driver."""

    def __init__(self, exists: Callable[[int], bool]) -> None:
        """Open NVML, where it is.

        Args:
            exists: says whether a process with an id is there, as this process sees it.
        """
        self._exists = exists
        self._open = _initialised()

    def close(self) -> None:
        """Let go of the driver; NVML counts how often it was opened."""
        if not self._open:
            return
        import pynvml

        self._open = False
        try:
            pynvml.nvmlShutdown()
        except (pynvml.NVMLError, OSError):
            return

    def look(self, pids: AbstractSet[int]) -> tuple[GpuUse, ...]:
        """Return the memory of each processor, in NVML's order: that of the bus, whatever CUDA_VISIBLE_DEVICES says.

        In a container NVML lists processes by the host's ids, or lists none. So the server's part is only told when
        at least one of its processes is listed, on any processor, and all that are listed exist here.

        Args:
            pids: the server's processes.
        """
        seen = self._devices()
        listed = {pid for device in seen for pid in device.by_pid or ()}
        known = bool(listed & pids) and all(self._exists(pid) for pid in listed)
        return tuple(
            GpuUse(
                index=device.index,
                name=device.name,
                used_bytes=device.used_bytes,
                total_bytes=device.total_bytes,
                process_bytes=_sum_of(device.by_pid, pids) if known else None,
            )
            for device in seen
        )

    def _devices(self) -> list[_Seen]:
        if not self._open:
            return []
        import pynvml

        try:
            count = int(pynvml.nvmlDeviceGetCount())
        except (pynvml.NVMLError, OSError):
            return []
        return [device for index in range(count) if (device := _device(index)) is not None]


def _initialised() -> bool:
    try:
        import pynvml
    except ImportError:
        return False
    try:
        pynvml.nvmlInit()
    except (pynvml.NVMLError, OSError):
        return False
    return True


def _device(index: int) -> _Seen | None:
    """Return what one processor says, or None for one that may not be looked at, as under MIG."""
    import pynvml

    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        used, total = int(memory.used), int(memory.total)
        name = str(pynvml.nvmlDeviceGetName(handle))[:_MOST_NAME]
    except (pynvml.NVMLError, OSError, ValueError):
        return None
    return _Seen(index, name, used, total, _processes(handle))


def _processes(handle: object) -> dict[int, int | None] | None:
    """Return the memory of each process by its id; None where NVML does not list them, or not how much (WDDM).

    A process that both computes and draws is in both lists with the same figure, so it counts once.
    """
    import pynvml

    by_pid: dict[int, int | None] = {}
    try:
        listed = list(pynvml.nvmlDeviceGetComputeRunningProcesses(handle))
    except (pynvml.NVMLError, OSError):
        return None
    with suppress(pynvml.NVMLError, OSError):  # a processor for computing alone has no such list
        listed += pynvml.nvmlDeviceGetGraphicsRunningProcesses(handle)
    for process in listed:
        used = process.usedGpuMemory
        by_pid[int(process.pid)] = None if used is None else int(used)
    return by_pid


def _sum_of(by_pid: dict[int, int | None] | None, pids: AbstractSet[int]) -> int | None:
    if by_pid is None:
        return None
    own = [used for pid, used in by_pid.items() if pid in pids]
    known = [used for used in own if used is not None]
    return sum(known) if len(known) == len(own) else None
