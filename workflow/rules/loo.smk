"""Scores of every fit on data held out: trials, participants, folds of these, later trials.

Inputs: trials and posteriors of a batch; pointwise log likelihoods are recomputed from them, and
trials that importance sampling cannot score are refitted.
Outputs: loo/<cell>/<fit>/pointwise-<batch>.parquet and elpd-<batch>.parquet;
participants-<batch>.parquet and participant_elpd-<batch>.parquet;
folds-<batch>.parquet and fold_elpd-<batch>.parquet, by refits without each fold;
future-<batch>.parquet and future_elpd-<batch>.parquet, by refits without later trials.
"""


rule loo:
    input:
        trials=PATHS.trials("{cell}", "{batch}"),
        posterior=PATHS.posterior("{cell}", "{fit}", "{batch}"),
        network=NETWORK,
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
        mem_mb=NEEDS.mem_mb("loo"),
        runtime=NEEDS.runtime("loo"),
        gpu=lambda wc: gpus(PLAN.study, "loo", GPUS),
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
        network=NETWORK,
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
        mem_mb=NEEDS.mem_mb("integrate"),
        runtime=NEEDS.runtime("integrate"),
        gpu=lambda wc: gpus(PLAN.study, "integrate", GPUS),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "integrate", wc.cell, wc.fit),
        code=code_hash(
            "likelihoods",
            "processes",
            "models",
            "formulas/design.py",
            "regression",
            "sampling",
            "comparison/effects.py",
            "comparison/folds.py",
            "comparison/integrals.py",
            "comparison/loo.py",
            "comparison/participant_remedies.py",
            "comparison/participants.py",
            "comparison/proposal.py",
        ),
    script:
        "../../scripts/integrate.py"


rule fold:
    input:
        trials=PATHS.trials("{cell}", "{batch}"),
        posterior=PATHS.posterior("{cell}", "{fit}", "{batch}"),
        network=NETWORK,
    output:
        folds=PATHS.folds("{cell}", "{fit}", "{batch}"),
        elpd=PATHS.fold_elpd("{cell}", "{fit}", "{batch}"),
    log:
        PATHS.log("fold", "{cell}", "{fit}", "{batch}"),
    benchmark:
        PATHS.benchmark("fold", "{cell}", "{fit}", "{batch}")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("fold"),
        runtime=NEEDS.runtime("fold"),
        gpu=lambda wc: gpus(PLAN.study, "fold", GPUS),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "fold", wc.cell, wc.fit),
        code=code_hash(
            "likelihoods",
            "processes",
            "models",
            "formulas/design.py",
            "regression",
            "sampling",
            "comparison/effects.py",
            "comparison/folds.py",
            "comparison/integrals.py",
            "comparison/loo.py",
            "comparison/participants.py",
            "comparison/proposal.py",
            "comparison/refit_tables.py",
        ),
    script:
        "../../scripts/fold.py"


rule future:
    input:
        trials=PATHS.trials("{cell}", "{batch}"),
        network=NETWORK,
    output:
        future=PATHS.future("{cell}", "{fit}", "{batch}"),
        elpd=PATHS.future_elpd("{cell}", "{fit}", "{batch}"),
    log:
        PATHS.log("future", "{cell}", "{fit}", "{batch}"),
    benchmark:
        PATHS.benchmark("future", "{cell}", "{fit}", "{batch}")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("future"),
        runtime=NEEDS.runtime("future"),
        gpu=lambda wc: gpus(PLAN.study, "future", GPUS),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "future", wc.cell, wc.fit),
        code=code_hash(
            "likelihoods",
            "processes",
            "models",
            "regression",
            "sampling",
            "comparison/future.py",
            "comparison/loo.py",
            "comparison/refit_tables.py",
        ),
    script:
        "../../scripts/future.py"
