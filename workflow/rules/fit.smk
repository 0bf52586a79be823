"""Posteriors of every fit on every batch, and every fit in words and as a graph.

Inputs: data/<cell>/trials-<batch>.parquet, and the network of a fit whose likelihood is one's.
Outputs: fits/<cell>/<fit>/posterior-<batch>.nc, model.svg and model.txt.
"""


rule fit:
    input:
        trials=PATHS.trials("{cell}", "{batch}"),
        network=NETWORK,
    output:
        PATHS.posterior("{cell}", "{fit}", "{batch}"),
    log:
        PATHS.log("fit", "{cell}", "{fit}", "{batch}"),
    benchmark:
        PATHS.benchmark("fit", "{cell}", "{fit}", "{batch}")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=NEEDS.mem_mb("fit"),
        runtime=NEEDS.runtime("fit"),
        gpu=lambda wc: gpus(PLAN.study, "fit", GPUS),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "fit", wc.cell, wc.fit),
        code=code_hash("likelihoods", "processes", "models", "regression", "sampling"),
    script:
        "../../scripts/fit.py"


rule describe:
    input:
        trials=lambda wc: PATHS.trials(wc.cell, PLAN.labels(wc.cell)[0]),
        network=NETWORK,
    output:
        graph=PATHS.model_graph("{cell}", "{fit}"),
        summary=PATHS.model_summary("{cell}", "{fit}"),
    log:
        PATHS.log("describe", "{cell}", "{fit}"),
    benchmark:
        PATHS.benchmark("describe", "{cell}", "{fit}")
    conda:
        "../../envs/fit.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("describe"),
        runtime=NEEDS.runtime("describe"),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(PLAN.study, "describe", wc.cell, wc.fit),
        code=code_hash("processes", "models", "formulas", "regression"),
    script:
        "../../scripts/describe.py"
