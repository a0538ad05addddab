"""What do the licences that model weights come under allow? Facts for a person to check, not legal advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["ALIASES", "TERMS", "Terms"]

Allowed = Literal["yes", "conditional", "no", "unknown"]


@dataclass(frozen=True)
class Terms:
    """What one licence allows, in our own words."""

    identifier: str
    """SPDX identifier, or the tag that model hubs use."""
    family: str
    """Name of the licence."""
    commercial: Allowed
    """`yes` where only notices are owed, `conditional` where purpose, size or place of the user matter too."""
    internal_evaluation: Allowed
    """Whether a company may evaluate the model for itself."""
    conditions: tuple[str, ...]
    """Conditions and obligations, one sentence each."""
    source: str
    """Where the terms were read; they were read in November 2026."""


_LLAMA_TEXT: Final = "licence and acceptable use policy in meta-llama/llama-models"
_USERS_700M: Final = "A user with more than 700 million monthly active users at the model's release needs Meta's grant."
_LLAMA_NOTICE: Final = "Pass on the agreement with the model, keep its notice, and follow Meta's acceptable use policy."
_BUILT_WITH_LLAMA: Final = "Show 'Built with Llama', and begin the name of a model made with it with 'Llama'."
_NOT_IN_EU: Final = "The acceptable use policy gives no rights in multimodal models to persons or companies in the EU."
_ATTACHMENT_A: Final = "Use must keep to the restrictions of Attachment A, and whoever receives the model is bound too."
_HOSTING_COUNTS: Final = "Offering access over a network counts as distribution."
_NON_COMMERCIAL: Final = "Use that is primarily for commercial advantage or payment is not allowed."
_ASK: Final = "Whether a company's own evaluation is allowed is for a person to judge."


def _llama(version: str, *conditions: str) -> Terms:
    return Terms(
        identifier=f"llama{version}",
        family=f"Llama {version} Community License",
        commercial="conditional",
        internal_evaluation="yes",
        conditions=(_USERS_700M, _LLAMA_NOTICE, *conditions),
        source=_LLAMA_TEXT,
    )


def _rail(tag: str, family: str, source: str, *conditions: str) -> Terms:
    return Terms(
        identifier=tag,
        family=family,
        commercial="conditional",
        internal_evaluation="yes",
        conditions=(_ATTACHMENT_A, *conditions),
        source=source,
    )


TERMS: Final[dict[str, Terms]] = {
    "apache-2.0": Terms(
        "Apache-2.0",
        "Apache License 2.0",
        "yes",
        "yes",
        ("Pass on the licence, the notices and a NOTICE file where one exists, and mark changed files.",),
        "licence text",
    ),
    "mit": Terms("MIT", "MIT License", "yes", "yes", ("Pass on the copyright and permission notice.",), "licence text"),
    "bsd-3-clause": Terms(
        "BSD-3-Clause",
        "BSD 3-Clause License",
        "yes",
        "yes",
        ("Pass on the notice, and do not advertise with the authors' names.",),
        "licence text, in part",
    ),
    "cc-by-4.0": Terms(
        "CC-BY-4.0",
        "Creative Commons Attribution 4.0",
        "yes",
        "yes",
        ("Name the authors, link the licence and say what was changed.",),
        "licence text, in part",
    ),
    "cc-by-sa-4.0": Terms(
        "CC-BY-SA-4.0",
        "Creative Commons Attribution-ShareAlike 4.0",
        "yes",
        "yes",
        ("Name the authors.", "What is made from the material comes under the same or a compatible licence."),
        "licence text, in part",
    ),
    "cc-by-nc-4.0": Terms(
        "CC-BY-NC-4.0",
        "Creative Commons Attribution-NonCommercial 4.0",
        "no",
        "conditional",
        (_NON_COMMERCIAL, _ASK, "Name the authors.", "Some publishers add a use policy to this licence."),
        "licence text, in part",
    ),
    "llama2": _llama("2", "Do not improve other language models with the model or its outputs."),
    "llama3": _llama(
        "3",
        "Show 'Built with Meta Llama 3', and begin the name of a model made with it with 'Llama 3'.",
        "Do not improve other language models with the model or its outputs.",
    ),
    "llama3.1": _llama("3.1", _BUILT_WITH_LLAMA),
    "llama3.2": _llama("3.2", _BUILT_WITH_LLAMA, _NOT_IN_EU),
    "llama3.3": _llama("3.3", _BUILT_WITH_LLAMA, _NOT_IN_EU),
    "llama4": _llama("4", _BUILT_WITH_LLAMA, _NOT_IN_EU, "All Llama 4 models are multimodal."),
    "gemma": Terms(
        "gemma",
        "Gemma Terms of Use",
        "conditional",
        "yes",
        (
            "Use must keep to Google's prohibited use policy, and whoever receives the model is bound too.",
            "Pass on the terms and a notice, and mark changed files.",
            _HOSTING_COUNTS,
            "A model trained on outputs to perform alike comes under the same terms.",
            "Google may restrict use that it believes breaks the terms.",
        ),
        "terms of use of 2025-03-24 and 2026-04-01",
    ),
    "qwen": Terms(
        "qwen",
        "Qwen License Agreement",
        "conditional",
        "yes",
        (
            "A product with more than 100 million monthly active users needs a licence from Alibaba Cloud.",
            "Pass on the agreement and its notice, and mark changed files.",
            "A model that is trained with it and passed on must show 'Built with Qwen' or 'Improved using Qwen'.",
        ),
        "licence text of 2024",
    ),
    "qwen-research": Terms(
        "qwen-research",
        "Qwen Research License Agreement",
        "no",
        "yes",
        ("Only research and evaluation are allowed.", "Pass on the agreement and its notice, and mark changed files."),
        "a third party's reading of the licence text",
    ),
    "tongyi-qianwen": Terms(
        "tongyi-qianwen",
        "Tongyi Qianwen License Agreement",
        "conditional",
        "yes",
        (
            "A product with more than 100 million monthly active users needs a licence from Alibaba Cloud.",
            "Pass on the agreement and its notice.",
            "Do not improve other language models with the model or its outputs.",
        ),
        "licence text in QwenLM/Qwen",
    ),
    "deepseek": _rail(
        "deepseek",
        "DeepSeek License Agreement 1.0",
        "licence text of 23 October 2023",
        "Military use and fully automated decisions against a person's legal rights are not allowed.",
        "A model distilled from it comes under the same restrictions.",
        _HOSTING_COUNTS,
    ),
    "mrl": Terms(
        "mrl",
        "Mistral AI Research License",
        "no",
        "no",
        (
            "Only research is allowed; daily work for a company, with it a company's own evaluation, is not research.",
            "Outputs come under the same limit.",
            "Whoever receives the model must find the agreement and a notice with it.",
        ),
        "licence text 0.1",
    ),
    "mnpl": Terms(
        "mnpl",
        "Mistral AI Non-Production License",
        "no",
        "yes",
        ("Only testing, research, personal use and evaluation outside production are allowed.",),
        "a third party's quotation of the licence text",
    ),
    "openrail": _rail(
        "openrail",
        "Open RAIL licences",
        "licence text of BigScience OpenRAIL-M, in part",
        "The tag names a group of licences: read the text that comes with the model.",
    ),
    "bigscience-openrail-m": _rail(
        "bigscience-openrail-m",
        "BigScience OpenRAIL-M",
        "licence text, in part",
    ),
    "bigscience-bloom-rail-1.0": _rail(
        "bigscience-bloom-rail-1.0",
        "BigScience RAIL License 1.0",
        "licence text",
        "Pass on the licence, and mark changed files.",
        _HOSTING_COUNTS,
    ),
    "bigcode-openrail-m": _rail(
        "bigcode-openrail-m",
        "BigCode Open RAIL-M v1",
        "licence text",
        "Say in public that text is machine-made, and pass on the model card in the same quality.",
    ),
    "creativeml-openrail-m": _rail(
        "creativeml-openrail-m",
        "CreativeML Open RAIL-M",
        "licence text, in part",
        "Pass on the licence.",
    ),
    "nvidia-open-model-license": Terms(
        "nvidia-open-model-license",
        "NVIDIA Open Model License",
        "conditional",
        "yes",
        (
            "Rights end with a bypass of technical limits or safety guardrails, and with a lawsuit about the model.",
            "Pass on the agreement and its notice, and follow NVIDIA's trustworthy AI terms, which may change.",
        ),
        "licence text of 2025-04-28",
    ),
}
"""Licence by its SPDX identifier or hub tag in lower case."""

ALIASES: Final[dict[str, str]] = {
    "apache-license-2.0": "apache-2.0",
    "deepseek-license": "deepseek",
    "gemma-terms-of-use": "gemma",
    "nvidia-open-model-agreement": "nvidia-open-model-license",
    "openrail++": "creativeml-openrail-m",
    "tongyi-qianwen-license-agreement": "tongyi-qianwen",
}
"""Other names for the same terms, in lower case with hyphens."""
