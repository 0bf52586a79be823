"""Which fit predicts best: on every dataset, and over the study.

Inputs: the leave-one-out scores of all fits on a cell, by trials or by participants.
Outputs: comparison/<cell>/comparison, pairs and selection.parquet; the same by participants,
participant_comparison, participant_pairs and participant_selection.parquet;
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
    params:
        study_file=STUDY_FILE,
        depends=relevant(PLAN.study, "compare"),
        code=code_hash("comparison"),
    script:
        "../../scripts/confuse.py"
