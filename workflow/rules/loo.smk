"""Leave-one-trial-out and leave-one-participant-out scores of every posterior.

Inputs: trials and posteriors of a batch; pointwise log likelihoods are recomputed from them, and
trials that importance sampling cannot score are refitted.
Outputs: loo/<cell>/<fit>/pointwise-<batch>.parquet and elpd-<batch>.parquet;
participants-<batch>.parquet and participant_elpd-<batch>.parquet.
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
        runtime=lambda wc, attempt: 240 * attempt,
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "loo", wc.cell, wc.fit),
        code=code_hash(
            "likelihoods",
            "processes",
            "models",
            "regression",
            "sampling",
            "comparison/bridge.py",
            "comparison/loo.py",
            "comparison/moment_match.py",
            "comparison/remedies.py",
        ),
    script:
        "../../scripts/loo.py"


rule integrate:
    input:
        trials=PATHS.trials("{cell}", "{batch}"),
        posterior=PATHS.posterior("{cell}", "{fit}", "{batch}"),
    output:
        participants=PATHS.participants("{cell}", "{fit}", "{batch}"),
        elpd=PATHS.participant_elpd("{cell}", "{fit}", "{batch}"),
    log:
        PATHS.log("integrate", "{cell}", "{fit}", "{batch}"),
    benchmark:
        PATHS.benchmark("integrate", "{cell}", "{fit}", "{batch}")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=lambda wc, attempt: 3000 * attempt,
        runtime=lambda wc, attempt: 120 * attempt,
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "integrate", wc.cell, wc.fit),
        code=code_hash(
            "likelihoods",
            "processes",
            "models",
            "formulas/design.py",
            "regression",
            "sampling/scales.py",
            "comparison/effects.py",
            "comparison/integrals.py",
            "comparison/loo.py",
            "comparison/participants.py",
            "comparison/proposal.py",
        ),
    script:
        "../../scripts/integrate.py"
