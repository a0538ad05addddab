"""Which licence do the statements about some weights name, do they agree, and what does it allow?"""

from __future__ import annotations

from assay.provenance.licences.statements import is_known, licence_identifier, licence_of
from assay.provenance.licences.table import load_table

__all__ = ["is_known", "licence_identifier", "licence_of", "load_table"]
