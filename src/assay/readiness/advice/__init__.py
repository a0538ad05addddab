"""Which runtime would suit the place where a model shall serve? It is advice, and bears on no verdict."""

from assay.readiness.advice.advice import Advice
from assay.readiness.advice.advise import RULES, advise

__all__ = ["RULES", "Advice", "advise"]
