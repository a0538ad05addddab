"""Which published frameworks may an item of the checklist serve, where do they stand, and what do their items ask?

Headings are told in our own words. Of ISO/IEC 42001 and NIST AI 600-1 only the numbers and the headings were looked up,
in public lists; point 2(g) of Annex IV and the OWASP list were read themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FRAMEWORKS", "Framework"]


@dataclass(frozen=True)
class Framework:
    """A published framework."""

    name: str
    """What it is called."""
    version: str
    """Which issue of it is meant, with its year."""
    link: str
    """Where it is published."""
    items: Mapping[str, str]
    """Its items by their own ids, with what each is about in our words."""


_OWASP = Framework(
    "OWASP Top 10 for Large Language Model Applications",
    "2025",
    "https://genai.owasp.org/llm-top-10/",
    {
        "LLM01": "prompts that turn the model against its instructions",
        "LLM02": "confidential data that comes out",
        "LLM03": "models, data and software of others",
        "LLM04": "poisoned training data, models or embeddings",
        "LLM05": "answers that are used unchecked",
        "LLM06": "more rights and tools than the model needs",
        "LLM07": "a system prompt that comes out",
        "LLM08": "weak retrieval, and data of several owners in one store or cache",
        "LLM09": "wrong answers that are believed",
        "LLM10": "use without limit of computing, money or the model itself",
    },
)
_NIST = Framework(
    "NIST AI 600-1, AI Risk Management Framework: Generative AI Profile",
    "July 2024; the items are its risks, numbered as the sections that describe them",
    "https://doi.org/10.6028/NIST.AI.600-1",
    {
        "2.1": "knowledge and means for weapons of mass destruction",
        "2.2": "false content told with confidence",
        "2.3": "dangerous, violent or hateful content",
        "2.4": "personal data that leaks or is inferred",
        "2.5": "harm to the environment",
        "2.6": "bias, and everything sounding the same",
        "2.7": "how people and the system work together",
        "2.8": "integrity of information at large",
        "2.9": "security: attacks by and on the system",
        "2.10": "rights in what it was trained on and in what it makes",
        "2.11": "obscene or degrading content",
        "2.12": "components of others that were not vetted",
    },
)
_ISO = Framework(
    "ISO/IEC 42001, AI management system, Annex A",
    "2023",
    "https://www.iso.org/standard/42001",
    {
        "A.2.2": "a policy on AI",
        "A.2.3": "its agreement with other policies",
        "A.2.4": "its review",
        "A.3.2": "roles and responsibilities",
        "A.3.3": "a way to report concerns",
        "A.4.2": "resources on record",
        "A.4.3": "data as a resource",
        "A.4.4": "tools as a resource",
        "A.4.5": "systems and computing as a resource",
        "A.4.6": "people and their competence",
        "A.5.2": "a process to assess impacts",
        "A.5.3": "assessed impacts on record",
        "A.5.4": "impacts on persons and groups",
        "A.5.5": "impacts on society",
        "A.6.1.2": "aims of responsible development",
        "A.6.1.3": "processes of responsible development",
        "A.6.2.2": "requirements and specification",
        "A.6.2.3": "design and development on record",
        "A.6.2.4": "verification and validation",
        "A.6.2.5": "deployment",
        "A.6.2.6": "operation and monitoring",
        "A.6.2.7": "technical documentation",
        "A.6.2.8": "logs of events",
        "A.7.2": "data for development",
        "A.7.3": "where data was got",
        "A.7.4": "quality of data",
        "A.7.5": "provenance of data",
        "A.7.6": "preparation of data",
        "A.8.2": "documentation for users",
        "A.8.3": "reports from outside",
        "A.8.4": "telling people of incidents",
        "A.8.5": "information for interested parties",
        "A.9.2": "processes of responsible use",
        "A.9.3": "aims of responsible use",
        "A.9.4": "intended use",
        "A.10.2": "responsibilities shared with third parties",
        "A.10.3": "suppliers",
        "A.10.4": "customers",
    },
)
_AI_ACT = Framework(
    "EU AI Act, Regulation (EU) 2024/1689, Annex IV",
    "13 June 2024; the items are its points",
    "https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
    {
        "annex-iv-1a": "intended purpose, provider and version",
        "annex-iv-1b": "what hardware and software it works with",
        "annex-iv-1c": "versions of its software",
        "annex-iv-1d": "the forms in which it is provided",
        "annex-iv-1e": "the hardware that it is meant for",
        "annex-iv-1f": "pictures of the product that it is part of",
        "annex-iv-1g": "its user interface",
        "annex-iv-1h": "instructions for use",
        "annex-iv-2a": "how it was made, with models of third parties",
        "annex-iv-2b": "design, and what it is optimised for",
        "annex-iv-2c": "architecture, and computing resources used",
        "annex-iv-2d": "data, its origin and choice",
        "annex-iv-2e": "oversight by people",
        "annex-iv-2f": "changes that were settled beforehand",
        "annex-iv-2g": "tests and validation: data, metrics, logs, reports dated and signed by who is responsible",
        "annex-iv-2h": "measures of cybersecurity",
        "annex-iv-3": "monitoring and control, and the limits of what it can do",
        "annex-iv-4": "why the metrics suit it",
        "annex-iv-5": "risk management",
        "annex-iv-6": "changes over its life",
        "annex-iv-7": "standards that were applied",
        "annex-iv-8": "the declaration of conformity",
        "annex-iv-9": "monitoring after it is placed on the market",
    },
)

FRAMEWORKS: Final[dict[str, Framework]] = {
    "owasp-llm": _OWASP,
    "nist-ai-600-1": _NIST,
    "iso-42001": _ISO,
    "eu-ai-act": _AI_ACT,
}
"""Frameworks by the name before the colon in an item's `frameworks`."""
