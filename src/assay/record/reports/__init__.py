"""On which surfaces of a build is a verdict shown, and what writes each?"""

from assay.record.reports import annotations, codequality, junit, metrics, sarif, summary
from assay.record.reports.places import Places, Weighed
from assay.record.reports.reporter import Reporter

__all__ = ["REPORTERS", "Places", "Reporter", "Weighed"]

REPORTERS: dict[str, Reporter] = {
    "junit": Reporter("A test case for each condition, as JUnit XML.", junit.write),
    "sarif": Reporter("What is not met, unknown or waived, as SARIF 2.1.0.", sarif.write),
    "github": Reporter(
        "Summary of a GitHub step, and annotations in its log.",
        summary.write_step,
        notes=annotations.lines,
        variable="GITHUB_STEP_SUMMARY",
    ),
    "gitlab-codequality": Reporter("What is not met, unknown or waived, as GitLab code quality.", codequality.write),
    "gitlab-metrics": Reporter("Figures of the conditions, as OpenMetrics text.", metrics.write),
    "comment": Reporter("A comment for a merge request, in Markdown.", summary.write_comment),
}
"""Formats by name."""
