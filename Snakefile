"""driftmill: from one study file to data, fits, a comparison and a recovery report.

Choose the study in config/config.yaml or by ``--config study=NAME_OR_PATH``.
"""

from snakemake.utils import min_version

from driftmill.store.fingerprint import code_hash
from driftmill.study.enter import enter
from driftmill.study.hash import relevant

min_version("9.27")


configfile: workflow.source_path("config/config.yaml")


ENTERED = enter(
    str(config["study"]),
    str(config.get("results", "results")),
    workflow.basedir,
    workflow.is_main_process,
)
PLAN = ENTERED.plan
PATHS = PLAN.paths
STUDY_FILE = str(ENTERED.file)
RESULTS = PATHS.results


wildcard_constraints:
    cell="|".join(PLAN.cells),
    fit="|".join(PLAN.fits),
    batch=r"\d+",


include: "workflow/rules/simulate.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/loo.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/predict.smk"


rule all:
    default_target: True
    input:
        [PATHS.posterior(c, f, b) for c, f in PLAN.pairs for b in PLAN.labels(c)],
        [PATHS.pairs(c) for c in PLAN.compared],
        [PATHS.confusion] if PLAN.compared and PLAN.simulated else [],
        [PATHS.quantiles(c, f) for c, f in PLAN.predicted],
