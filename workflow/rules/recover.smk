"""Posterior summaries beside their truths, and what they say of the recovery.

Inputs: truths, trials and posteriors of a cell's batches.
Outputs: recovery/<cell>/<fit>/estimates, gates and correlations.parquet;
recovery/<cell>/<fit>/ranks-<batch>.parquet, where truths are drawn from the fit's priors;
recovery/<cell>/<fit>/sensitivity-<batch>.parquet, where the study asks for it;
recovery/point, coverage, uncertainty, calibration and verdict.parquet;
recovery/precision and sample_sizes.parquet, where cells differ in size alone;
published.parquet, numbers of the fits beside published ones.
"""


rule estimate:
    input:
        posterior=lambda wc: [
            PATHS.posterior(wc.cell, wc.fit, b) for b in PLAN.labels(wc.cell)
        ],
        truth=lambda wc: [PATHS.truth(wc.cell, b) for b in PLAN.labels(wc.cell)],
        trials=lambda wc: [PATHS.trials(wc.cell, b) for b in PLAN.labels(wc.cell)],
        network=NETWORK,
    output:
        estimates=PATHS.estimates("{cell}", "{fit}"),
        gates=PATHS.gates("{cell}", "{fit}"),
        correlations=PATHS.correlations("{cell}", "{fit}"),
    log:
        PATHS.log("estimate", "{cell}", "{fit}"),
    benchmark:
        PATHS.benchmark("estimate", "{cell}", "{fit}")
    conda:
        "../../envs/fit.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("estimate"),
        runtime=NEEDS.runtime("estimate"),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "estimate", wc.cell, wc.fit),
        code=code_hash(
            "processes",
            "models",
            "formulas",
            "recovery",
            "regression/fit_spec.py",
            "sampling/gates.py",
        ),
    script:
        "../../scripts/estimate.py"


rule rank:
    input:
        posterior=PATHS.posterior("{cell}", "{fit}", "{batch}"),
        truth=PATHS.truth("{cell}", "{batch}"),
        trials=PATHS.trials("{cell}", "{batch}"),
        network=NETWORK,
    output:
        PATHS.ranks("{cell}", "{fit}", "{batch}"),
    log:
        PATHS.log("rank", "{cell}", "{fit}", "{batch}"),
    benchmark:
        PATHS.benchmark("rank", "{cell}", "{fit}", "{batch}")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("rank"),
        runtime=NEEDS.runtime("rank"),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "rank", wc.cell, wc.fit),
        code=code_hash(
            "likelihoods",
            "processes",
            "models",
            "formulas",
            "regression",
            "recovery/joint.py",
            "recovery/participants.py",
            "recovery/prior_ranks.py",
            "recovery/quantities.py",
            "recovery/ranking.py",
            "recovery/ranks.py",
            "recovery/roles.py",
            "recovery/truths.py",
        ),
    script:
        "../../scripts/rank.py"


rule scale:
    input:
        posterior=PATHS.posterior("{cell}", "{fit}", "{batch}"),
        trials=PATHS.trials("{cell}", "{batch}"),
        network=NETWORK,
    output:
        PATHS.sensitivity("{cell}", "{fit}", "{batch}"),
    log:
        PATHS.log("scale", "{cell}", "{fit}", "{batch}"),
    benchmark:
        PATHS.benchmark("scale", "{cell}", "{fit}", "{batch}")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("scale"),
        runtime=NEEDS.runtime("scale"),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "scale", wc.cell, wc.fit),
        code=code_hash(
            "likelihoods",
            "processes",
            "models",
            "formulas",
            "regression",
            "recovery/batch.py",
            "recovery/power_scaling.py",
            "recovery/quantities.py",
            "recovery/roles.py",
            "recovery/sensitivity.py",
        ),
    script:
        "../../scripts/scale.py"


rule recover:
    input:
        estimates=[PATHS.estimates(cell, fit) for cell, fit in PLAN.recovered],
        ranks=[
            PATHS.ranks(cell, fit, b)
            for cell, fit in PLAN.calibrated
            for b in PLAN.labels(cell)
        ],
    output:
        point=PATHS.recovery("point"),
        coverage=PATHS.recovery("coverage"),
        uncertainty=PATHS.recovery("uncertainty"),
        calibration=PATHS.recovery("calibration"),
        verdict=PATHS.recovery("verdict"),
    log:
        PATHS.log("recover"),
    benchmark:
        PATHS.benchmark("recover")
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("recover"),
        runtime=NEEDS.runtime("recover"),
    params:
        study_file=STUDY_FILE,
        depends=relevant(PLAN.study, "recover"),
        code=code_hash("recovery"),
    script:
        "../../scripts/recover.py"


rule size:
    input:
        [PATHS.estimates(cell, fit) for cell, fit in PLAN.sized],
    output:
        precision=PATHS.recovery("precision"),
        sample_sizes=PATHS.recovery("sample_sizes"),
    log:
        PATHS.log("size"),
    benchmark:
        PATHS.benchmark("size")
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("size"),
        runtime=NEEDS.runtime("size"),
    params:
        study_file=STUDY_FILE,
        depends=relevant(PLAN.study, "size"),
        code=code_hash("recovery", "study/sizes.py"),
    script:
        "../../scripts/size.py"


rule publish:
    input:
        posteriors=[
            PATHS.posterior(batch.cell, entry.fit, batch.label)
            for entry, batch in PLAN.published
        ],
        pairs=[
            PATHS.pairs(batch.cell)
            for entry, batch in PLAN.published
            if entry.minus_fit is not None
        ],
    output:
        PATHS.published,
    log:
        PATHS.log("publish"),
    benchmark:
        PATHS.benchmark("publish")
    conda:
        "../../envs/fit.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("publish"),
        runtime=NEEDS.runtime("publish"),
    params:
        study_file=STUDY_FILE,
        depends=relevant(PLAN.study, "publish"),
        code=code_hash("formulas", "recovery", "regression/fit_spec.py"),
    script:
        "../../scripts/publish.py"
