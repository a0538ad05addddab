"""Which words does a person say to Assay, and which does it answer?"""

from assay.cli.app import entry, main

__all__ = ["entry", "main"]
