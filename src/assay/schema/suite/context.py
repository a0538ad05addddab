"""Where and for whom shall the model serve: what advice on runtimes asks, and no text of the plan can tell?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assay.schema._base import Noun

__all__ = ["ServingContext"]


class ServingContext(Noun):
    """What `assay advise` reads; no condition and no check does, and a key that is not given is unknown."""

    place: Literal["laptop", "workstation", "server", "edge", "cluster", "cloud"] | None = None
    """Where it shall run; `edge` is a device outside the data centre, `cloud` a rented machine."""
    accelerator: Literal["none", "apple", "nvidia", "amd", "other"] | None = None
    """What computes there beside the processor."""
    peak_requests_at_once: int | None = Field(default=None, ge=1, le=1_000_000)
    """Requests in flight at once at the busiest time; users at their desks send far fewer than one each."""
    work: Literal["chat", "retrieval", "batch", "embedded"] | None = None
    """`chat` with people who wait, `retrieval` answers from documents, `batch` in the background, `embedded` in a
    device or product."""
    offline: bool | None = None
    """Whether it must work without a network to the outside."""
    data_may_leave: bool | None = None
    """Whether prompts may leave the network that the team controls."""
    platform: Literal["huggingface", "kubernetes", "none"] | None = None
    """What the team already serves models with."""
    purpose: Literal["learning", "prototype", "development", "internal", "public"] | None = None
    """What for: to learn, to try, to develop with, for people of the organization, or for customers and the public."""
    needs_best_quality: bool | None = None
    """Whether the best answers that can be had are needed now."""
