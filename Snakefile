"""driftmill: from one study file to data, fits, a comparison and a recovery report.

Choose the study in config/config.yaml or by ``--config study=NAME_OR_PATH``.
"""

from snakemake.utils import min_version

from driftmill.store.fingerprint import code_hash
from driftmill.study.enter import before_jobs, enter
from driftmill.study.artifacts import artifacts, report_inputs
from driftmill.study.gpus import gpus, offered_gpus
from driftmill.study.hash import relevant, study_hash
from driftmill.study.networks import design_of_network, network_inputs, networks_of
from driftmill.store.network_paths import NetworkPaths

min_version("9.27")


report: "workflow/report/workflow.rst"


configfile: f"{workflow.basedir}/config/config.yaml"


ENTERED = enter(config, workflow.basedir, workflow.is_main_process)
PLAN = ENTERED.plan
PATHS = PLAN.paths
NEEDS = ENTERED.needs
STUDY_FILE = str(ENTERED.file)
GPUS = offered_gpus(workflow.global_resources)
NETWORKS = {use.label: use for use in networks_of(PLAN.study) if use.made}
NETWORK_PATHS = NetworkPaths(PATHS.results)
NETWORK = network_inputs(PLAN.study, PATHS.results, local)


if workflow.is_main_process:
    before_jobs(ENTERED, workflow)


wildcard_constraints:
    cell="|".join(PLAN.cells),
    fit="|".join(PLAN.fits),
    batch=r"\d+",
    network="|".join(NETWORKS) or "(?!)",


include: "workflow/rules/networks.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/loo.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/recover.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        list(artifacts(PLAN)),
        PATHS.provenance,
        PATHS.report,
