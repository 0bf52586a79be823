"""Leave-one-trial-out scores of every posterior.

Inputs: trials and posteriors of a batch; pointwise log likelihoods are recomputed from them.
Outputs: loo/<cell>/<fit>/pointwise-<batch>.parquet and elpd-<batch>.parquet.
"""


rule loo:
    input:
        trials=PATHS.trials("{cell}", "{batch}"),
        posterior=PATHS.posterior("{cell}", "{fit}", "{batch}"),
    output:
        pointwise=PATHS.pointwise("{cell}", "{fit}", "{batch}"),
        elpd=PATHS.elpd("{cell}", "{fit}", "{batch}"),
    log:
        PATHS.log("loo", "{cell}", "{fit}", "{batch}"),
    benchmark:
        PATHS.benchmark("loo", "{cell}", "{fit}", "{batch}")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=lambda wc, attempt: 3000 * attempt,
        runtime=lambda wc, attempt: 60 * attempt,
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "loo", wc.cell, wc.fit),
        code=code_hash(
            "likelihoods", "processes", "models", "regression", "comparison/loo.py"
        ),
    script:
        "../../scripts/loo.py"
