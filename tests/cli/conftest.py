"""What do these tests share: the command, called in this process, and a folder to work in?"""

from __future__ import annotations

from tests.fakes import assay, place

__all__ = ["assay", "place"]
