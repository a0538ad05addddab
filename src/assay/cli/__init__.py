"""Which words does a person say to Assay, and which does it answer?"""

from assay.cli.app import main

__all__ = ["main"]
