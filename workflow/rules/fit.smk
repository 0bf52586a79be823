"""Posteriors of every fit on every batch.

Inputs: data/<cell>/trials-<batch>.parquet.
Outputs: fits/<cell>/<fit>/posterior-<batch>.nc.
"""


rule fit:
    input:
        PATHS.trials("{cell}", "{batch}"),
    output:
        ensure(PATHS.posterior("{cell}", "{fit}", "{batch}"), non_empty=True),
    log:
        PATHS.log("fit", "{cell}", "{fit}", "{batch}"),
    benchmark:
        PATHS.benchmark("fit", "{cell}", "{fit}", "{batch}")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=lambda wc, attempt: 3000 * attempt,
        runtime=lambda wc, attempt: 120 * attempt,
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "fit", wc.cell, wc.fit),
        code=code_hash("likelihoods", "models", "regression", "sampling"),
    script:
        "../../scripts/fit.py"
