"""Texts to read: the permissive ones as they are, and short stand-ins, in our words, under the titles of the others."""

from __future__ import annotations

import re

from tools.licence_fingerprints import ROOT, source_texts

__all__ = ["STAND_INS", "permissive", "stand_in"]

_MARK = re.compile(r"^\[\[.*\]\]$\n", re.MULTILINE)
_FILLED = {"ISC": ["/or"], "BSD-2-Clause": ["COPYRIGHT HOLDERS", "COPYRIGHT HOLDER"]}
_FILLED["BSD-3-Clause"] = ["the copyright holder", *_FILLED["BSD-2-Clause"]]


def permissive(name: str) -> str:
    """Return a permissive text under its title, with the line of a holder, as projects ship it."""
    text = source_texts()[name]
    for filled in _FILLED.get(name, []):
        text = re.sub(r"^\[\[gap \d+\]\]$", filled, text, count=1, flags=re.MULTILINE)
    text = _MARK.sub("", text)
    if name == "Apache-2.0":
        assert text.split() == (ROOT / "LICENSE").read_text("utf-8").split()
    if name in {"Apache-2.0", "CC-BY-4.0"}:
        return text
    return f"{TITLES[name]}\n\nCopyright (c) 2024 Example Corporation\n\n{text}"


TITLES = {
    "MIT": "MIT License",
    "ISC": "ISC License",
    "BSD-2-Clause": "BSD 2-Clause License",
    "BSD-3-Clause": "BSD 3-Clause License",
}


def stand_in(*lines: str) -> str:
    """Return a text of lines, followed by clauses that say nothing in particular."""
    clauses = "You are granted a licence. Whoever receives the materials is bound as well. There is no warranty."
    return "\n".join([*lines, "", clauses, ""])


STAND_INS = {
    "llama2": stand_in("LLAMA 2 COMMUNITY LICENSE AGREEMENT", "Llama 2 Version Release Date: July 18, 2023"),
    "llama3": stand_in("META LLAMA 3 COMMUNITY LICENSE AGREEMENT", "Meta Llama 3 Version Release Date: April 18, 2024"),
    "llama3.1": stand_in("LLAMA 3.1 COMMUNITY LICENSE AGREEMENT", "Llama 3.1 Version Release Date: July 23, 2024"),
    "llama3.2": stand_in("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT", "Llama 3.2 Version Release Date: September 25, 2024"),
    "llama3.3": stand_in("LLAMA 3.3 COMMUNITY LICENSE AGREEMENT"),
    "llama4": stand_in("LLAMA 4 COMMUNITY LICENSE AGREEMENT", "Llama 4 Version Effective Date: April 5, 2025"),
    "gemma": stand_in("# Gemma Terms of Use", "Last modified: March 24, 2025", "By using Gemma you agree."),
    "qwen": stand_in("Qwen LICENSE AGREEMENT", "Qwen LICENSE AGREEMENT Release Date: September 19, 2024"),
    "qwen-research": stand_in("Qwen RESEARCH LICENSE AGREEMENT", "For non-commercial purposes only."),
    "tongyi-qianwen": stand_in("Tongyi Qianwen LICENSE AGREEMENT", "Tongyi Qianwen Release Date: August 3, 2023"),
    "tongyi-qianwen-research": stand_in("Tongyi Qianwen RESEARCH LICENSE AGREEMENT"),
    "deepseek": stand_in("DEEPSEEK LICENSE AGREEMENT", "", "Version 1.0, 23 October 2023"),
    "mrl": stand_in("# Mistral AI Research License", "Only for Research Purposes."),
    "mnpl": stand_in("# Mistral AI Non-Production License", "## MNPL"),
    "exaone-1.1-nc": stand_in("EXAONE AI Model License Agreement 1.1 - NC"),
    "exaone-1.2-nc": stand_in("EXAONE AI Model License Agreement 1.2 - NC"),
    "falcon-2-11b": stand_in("Falcon 2 11B TII License Version 1.0", "May 2024"),
    "falcon-180b": stand_in("FALCON 180B TII LICENSE VERSION 1.0"),
    "nvidia-open-model-license": stand_in("NVIDIA Open Model License Agreement", "Last Modified: April 28, 2025"),
    "databricks-open-model-license": stand_in("Databricks Open Model License"),
    "stabilityai-ai-community": stand_in("STABILITY AI COMMUNITY LICENSE AGREEMENT", "Last Updated: July 5, 2024"),
    "kimi-k3": stand_in("Kimi K3 License", "A Model as a Service business needs an agreement."),
    "minimax-model-license": stand_in("MINIMAX MODEL LICENSE AGREEMENT"),
    "minimax-m2.7-nc": stand_in("NON-COMMERCIAL LICENSE", "MiniMax M2.7 is for others than merchants."),
    "tencent-hunyuan-community": stand_in(
        "TENCENT HUNYUAN COMMUNITY LICENSE AGREEMENT",
        "THIS LICENSE AGREEMENT DOES NOT APPLY IN THE EUROPEAN UNION, UNITED KINGDOM AND SOUTH KOREA.",
    ),
    "lfm1.0": stand_in("LFM Open License v1.0"),
    "bigscience-bloom-rail-1.0": stand_in("BigScience RAIL License v1.0", "dated May 19, 2022"),
    "bigcode-openrail-m": stand_in("BigCode Open RAIL-M v1 License Agreement"),
    "CC-BY-SA-4.0": stand_in("Attribution-ShareAlike 4.0 International"),
    "CC-BY-ND-4.0": stand_in("Attribution-NoDerivatives 4.0 International"),
    "CC-BY-NC-4.0": stand_in("Creative Commons Attribution-NonCommercial 4.0 International Public License"),
    "CC-BY-NC-SA-4.0": stand_in("Attribution-NonCommercial-ShareAlike 4.0 International"),
    "CC-BY-NC-ND-4.0": stand_in("Attribution-NonCommercial-NoDerivatives 4.0 International"),
    "cc-by-nc-4.0-cohere": stand_in(
        "Creative Commons Attribution-NonCommercial 4.0 International Public License with Acceptable Use Addendum"
    ),
    "kimi-modified-mit": permissive("MIT").replace("MIT License", "Modified MIT License")
    + "\nOur only modification part is that, if many people use it, the name Kimi K2 is shown to them.\n",
    "minimax-m2-modified-mit": permissive("MIT")
    + "\nOur only modification is that, if many people use it, the name MiniMax M2 is shown to them.\n",
}
"""A stand-in for each licence that is known by its title."""
