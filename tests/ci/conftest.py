"""What do these tests share: a folder to work in, as a build server has one."""

from __future__ import annotations

from tests.fakes import place

__all__ = ["place"]
