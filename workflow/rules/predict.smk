"""Predictive checks of a fit on a cell, by its posteriors and by its priors.

Inputs: trials of the cell's batches, and for posterior checks their posteriors.
Outputs: predictive/<cell>/<fit>/quantiles, covariate, curves and
prior_quantiles.parquet, pit-<batch>.parquet.
"""


rule predict:
    input:
        trials=lambda wc: [PATHS.trials(wc.cell, b) for b in PLAN.labels(wc.cell)],
        posterior=lambda wc: [
            PATHS.posterior(wc.cell, wc.fit, b) for b in PLAN.labels(wc.cell)
        ],
        network=NETWORK,
    output:
        quantiles=PATHS.quantiles("{cell}", "{fit}"),
        covariate=PATHS.covariate("{cell}", "{fit}"),
        curves=PATHS.curves("{cell}", "{fit}"),
    log:
        PATHS.log("predict", "{cell}", "{fit}"),
    benchmark:
        PATHS.benchmark("predict", "{cell}", "{fit}")
    conda:
        "../../envs/fit.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("predict"),
        runtime=NEEDS.runtime("predict"),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "predict", wc.cell, wc.fit),
        code=code_hash(
            "processes",
            "models",
            "formulas",
            "simulation",
            "prediction",
            "regression/columns.py",
            "regression/fit_spec.py",
        ),
    script:
        "../../scripts/predict.py"


rule transform:
    input:
        trials=PATHS.trials("{cell}", "{batch}"),
        posterior=PATHS.posterior("{cell}", "{fit}", "{batch}"),
        network=NETWORK,
    output:
        PATHS.pit("{cell}", "{fit}", "{batch}"),
    log:
        PATHS.log("transform", "{cell}", "{fit}", "{batch}"),
    benchmark:
        PATHS.benchmark("transform", "{cell}", "{fit}", "{batch}")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("transform"),
        runtime=NEEDS.runtime("transform"),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "transform", wc.cell, wc.fit),
        code=code_hash(
            "likelihoods",
            "processes",
            "models",
            "formulas",
            "simulation",
            "regression",
            "prediction",
        ),
    script:
        "../../scripts/transform.py"


rule foresee:
    input:
        trials=lambda wc: PATHS.trials(wc.cell, PLAN.labels(wc.cell)[0]),
        network=NETWORK,
    output:
        PATHS.prior_quantiles("{cell}", "{fit}"),
    log:
        PATHS.log("foresee", "{cell}", "{fit}"),
    benchmark:
        PATHS.benchmark("foresee", "{cell}", "{fit}")
    conda:
        "../../envs/fit.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("foresee"),
        runtime=NEEDS.runtime("foresee"),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "predict", wc.cell, wc.fit),
        code=code_hash(
            "processes",
            "models",
            "formulas",
            "simulation",
            "prediction",
            "regression/columns.py",
            "regression/fit_spec.py",
            "regression/prior_draws.py",
        ),
    script:
        "../../scripts/foresee.py"
