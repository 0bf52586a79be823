"""Posterior predictive checks of a fit on a cell.

Inputs: trials and posteriors of the cell's batches.
Outputs: predictive/<cell>/<fit>/quantiles.parquet.
"""


rule predict:
    input:
        trials=lambda wc: [PATHS.trials(wc.cell, b) for b in PLAN.labels(wc.cell)],
        posterior=lambda wc: [
            PATHS.posterior(wc.cell, wc.fit, b) for b in PLAN.labels(wc.cell)
        ],
    output:
        PATHS.quantiles("{cell}", "{fit}"),
    log:
        PATHS.log("predict", "{cell}", "{fit}"),
    benchmark:
        PATHS.benchmark("predict", "{cell}", "{fit}")
    conda:
        "../../envs/fit.yaml"
    resources:
        mem_mb=lambda wc, attempt: 2000 * attempt,
        runtime=lambda wc, attempt: 120 * attempt,
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "predict", wc.cell, wc.fit),
        code=code_hash("models", "simulation", "prediction", "regression/draws.py"),
    script:
        "../../scripts/predict.py"
