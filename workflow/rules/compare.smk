"""Which fit predicts best: on every dataset, and over the study.

Inputs: the held-out scores of all fits on a cell: by trials, by participants left out one by one
or in folds, by later trials.
Outputs: comparison/<cell>/comparison, pairs and selection.parquet; the same by participants,
participant_comparison, participant_pairs and participant_selection.parquet; with fold_ and
future_ in the place of participant_;
comparison/confusion.parquet and inversion.parquet.
"""


rule compare:
    input:
        pointwise=lambda wc: [
            PATHS.pointwise(wc.cell, f, b)
            for f in PLAN.fits_of(wc.cell)
            for b in PLAN.labels(wc.cell)
        ],
        elpd=lambda wc: [
            PATHS.elpd(wc.cell, f, b)
            for f in PLAN.fits_of(wc.cell)
            for b in PLAN.labels(wc.cell)
        ],
    output:
        comparison=PATHS.comparison("{cell}"),
        pairs=PATHS.pairs("{cell}"),
        selection=PATHS.selection("{cell}"),
    log:
        PATHS.log("compare", "{cell}"),
    benchmark:
        PATHS.benchmark("compare", "{cell}")
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("compare"),
        runtime=NEEDS.runtime("compare"),
    params:
        study_file=STUDY_FILE,
        unit="trial",
        depends=lambda wc: relevant(PLAN.study, "compare", wc.cell),
        code=code_hash("comparison"),
    script:
        "../../scripts/compare.py"


use rule compare as compare_participants with:
    input:
        participants=lambda wc: [
            PATHS.participants(wc.cell, f, b)
            for f in PLAN.fits_of(wc.cell)
            for b in PLAN.labels(wc.cell)
        ],
        elpd=lambda wc: [
            PATHS.participant_elpd(wc.cell, f, b)
            for f in PLAN.fits_of(wc.cell)
            for b in PLAN.labels(wc.cell)
        ],
    output:
        comparison=PATHS.participant_comparison("{cell}"),
        pairs=PATHS.participant_pairs("{cell}"),
        selection=PATHS.participant_selection("{cell}"),
    log:
        PATHS.log("compare_participants", "{cell}"),
    benchmark:
        PATHS.benchmark("compare_participants", "{cell}")
    params:
        unit="participant",


use rule compare as compare_folds with:
    input:
        folds=lambda wc: [
            PATHS.folds(wc.cell, f, b)
            for f in PLAN.fits_of(wc.cell)
            for b in PLAN.labels(wc.cell)
        ],
        elpd=lambda wc: [
            PATHS.fold_elpd(wc.cell, f, b)
            for f in PLAN.fits_of(wc.cell)
            for b in PLAN.labels(wc.cell)
        ],
    output:
        comparison=PATHS.fold_comparison("{cell}"),
        pairs=PATHS.fold_pairs("{cell}"),
        selection=PATHS.fold_selection("{cell}"),
    log:
        PATHS.log("compare_folds", "{cell}"),
    benchmark:
        PATHS.benchmark("compare_folds", "{cell}")
    params:
        unit="fold",


use rule compare as compare_future with:
    input:
        future=lambda wc: [
            PATHS.future(wc.cell, f, b)
            for f in PLAN.fits_of(wc.cell)
            for b in PLAN.labels(wc.cell)
        ],
        elpd=lambda wc: [
            PATHS.future_elpd(wc.cell, f, b)
            for f in PLAN.fits_of(wc.cell)
            for b in PLAN.labels(wc.cell)
        ],
    output:
        comparison=PATHS.future_comparison("{cell}"),
        pairs=PATHS.future_pairs("{cell}"),
        selection=PATHS.future_selection("{cell}"),
    log:
        PATHS.log("compare_future", "{cell}"),
    benchmark:
        PATHS.benchmark("compare_future", "{cell}")
    params:
        unit="future",


rule confuse:
    input:
        comparison=[PATHS.comparison(cell) for cell in PLAN.confused],
        selection=[path for path, _ in PLAN.selections],
    output:
        confusion=PATHS.confusion,
        inversion=PATHS.inversion,
    log:
        PATHS.log("confuse"),
    benchmark:
        PATHS.benchmark("confuse")
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("confuse"),
        runtime=NEEDS.runtime("confuse"),
    params:
        study_file=STUDY_FILE,
        depends=relevant(PLAN.study, "compare"),
        code=code_hash("comparison"),
    script:
        "../../scripts/confuse.py"
