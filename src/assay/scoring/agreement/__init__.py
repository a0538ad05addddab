"""How well does a judge agree with people, with itself, and with itself when the order or the length changes?"""

from assay.scoring.agreement.chance import (
    Kappa,
    cohen_kappa,
    gwet_ac1,
    gwet_ac1_of_many,
    krippendorff_alpha,
    raw_agreement,
)
from assay.scoring.agreement.errors import (
    JudgeErrors,
    LengthBias,
    PositionFlips,
    Rate,
    SelfConsistency,
    length_bias,
    position_flips,
    self_consistency,
    sensitivity_specificity,
)

__all__ = [
    "JudgeErrors",
    "Kappa",
    "LengthBias",
    "PositionFlips",
    "Rate",
    "SelfConsistency",
    "cohen_kappa",
    "gwet_ac1",
    "gwet_ac1_of_many",
    "krippendorff_alpha",
    "length_bias",
    "position_flips",
    "raw_agreement",
    "self_consistency",
    "sensitivity_specificity",
]
