"""What is asked: plans, suites, cases and rubrics, read from files with every problem named by line."""

from assay.suite.documents import Document, load_noun, read_yaml
from assay.suite.labels import load_labels
from assay.suite.paths import Folders
from assay.suite.plan import LoadedPlan, is_address, load_plan
from assay.suite.policy import LoadedPolicy, load_policy
from assay.suite.redactions import load_redactions
from assay.suite.rehearsals import load_rehearsals
from assay.suite.suites import load_rubrics, load_suite, load_suites
from assay.suite.waivers import load_waivers, waivers_of

__all__ = [
    "Document",
    "Folders",
    "LoadedPlan",
    "LoadedPolicy",
    "is_address",
    "load_labels",
    "load_noun",
    "load_plan",
    "load_policy",
    "load_redactions",
    "load_rehearsals",
    "load_rubrics",
    "load_suite",
    "load_suites",
    "load_waivers",
    "read_yaml",
    "waivers_of",
]
