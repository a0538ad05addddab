"""May this model, on this runtime, go to production, and what is the proof?"""

__all__ = ["__version__"]

__version__ = "0.1.0"
