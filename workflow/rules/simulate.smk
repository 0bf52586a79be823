"""Trials and truths of every cell.

Inputs: the study; the file of observed data, or of a generator's covariates.
Outputs: data/<cell>/trials-<batch>.parquet and truth-<batch>.parquet; of observed
cells datasets-<batch>.parquet too, the names of the datasets.
"""


rule simulate:
    input:
        lambda wc: [local(path) for path in PLAN.sources(wc.cell)],
    output:
        trials=PATHS.trials("{cell}", "{batch}"),
        truth=PATHS.truth("{cell}", "{batch}"),
    log:
        PATHS.log("simulate", "{cell}", "{batch}"),
    benchmark:
        PATHS.benchmark("simulate", "{cell}", "{batch}")
    wildcard_constraints:
        cell="|".join(PLAN.simulated) or "(?!)",
    conda:
        "../../envs/fit.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("simulate"),
        runtime=NEEDS.runtime("simulate"),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(
            PLAN.study, "simulate", wc.cell, datasets=PLAN.datasets(wc.cell, wc.batch)
        ),
        code=code_hash(
            "processes",
            "models",
            "formulas",
            "simulation",
            "study/generator.py",
            "study/task.py",
            "study/data_file.py",
            "regression/columns.py",
        ),
    script:
        "../../scripts/simulate.py"


rule read:
    input:
        lambda wc: [local(path) for path in PLAN.sources(wc.cell)],
    output:
        trials=PATHS.trials("{cell}", "{batch}"),
        truth=PATHS.truth("{cell}", "{batch}"),
        datasets=PATHS.datasets("{cell}", "{batch}"),
    log:
        PATHS.log("read", "{cell}", "{batch}"),
    benchmark:
        PATHS.benchmark("read", "{cell}", "{batch}")
    wildcard_constraints:
        cell="|".join(PLAN.observed) or "(?!)",
    conda:
        "../../envs/fit.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("read"),
        runtime=NEEDS.runtime("read"),
    params:
        study_file=STUDY_FILE,
        depends=lambda wc: relevant(
            PLAN.study, "simulate", wc.cell, datasets=PLAN.datasets(wc.cell, wc.batch)
        ),
        code=code_hash(
            "study/observed.py", "study/data_file.py", "regression/columns.py"
        ),
    script:
        "../../scripts/read.py"
