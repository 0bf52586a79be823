"""Provenance, sketches of posteriors, figures, the page and what a paper needs.

Inputs: all tables of the study, the posteriors that are drawn one by one and those that can be
picked on the page.
Outputs: provenance.json, sketches.parquet, figures/*.svg and *.pdf, tables/*.csv and *.tex,
methods.md, report.html.
"""


localrules:
    provenance,


rule provenance:
    input:
        [PATHS.gates(cell, fit) for cell, fit in PLAN.pairs],
    output:
        PATHS.provenance,
    log:
        PATHS.log("provenance"),
    conda:
        "../../envs/report.yaml"
    params:
        study_file=STUDY_FILE,
        depends=study_hash(PLAN.study),
    script:
        "../../scripts/provenance.py"


rule sketch:
    input:
        [
            PATHS.posterior(batch.cell, fit, batch.label)
            for batch in PLAN.batches
            for fit in PLAN.fits_of(batch.cell)
            if PLAN.explored_in(batch)
        ],
    output:
        PATHS.sketches,
    log:
        PATHS.log("sketch"),
    benchmark:
        PATHS.benchmark("sketch")
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=NEEDS.mem_mb("sketch"),
        runtime=NEEDS.runtime("sketch"),
    params:
        study_file=STUDY_FILE,
        depends=relevant(PLAN.study, "sketch"),
        code=code_hash("report/sketches.py"),
    script:
        "../../scripts/sketch.py"


rule report:
    input:
        artifacts=report_inputs(PLAN),
        provenance=PATHS.provenance,
    output:
        page=report(
            PATHS.report,
            caption="../report/page.rst",
            category="Report",
            labels={"item": "the page"},
        ),
        figures=report(
            directory(PATHS.figures),
            patterns=["{figure}.svg"],
            caption="../report/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
        tables=report(
            directory(PATHS.tables),
            patterns=["{table}.csv"],
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "{table}"},
        ),
        methods=report(
            PATHS.methods,
            caption="../report/methods.rst",
            category="Report",
            labels={"item": "methods"},
        ),
    log:
        PATHS.log("report"),
    benchmark:
        PATHS.benchmark("report")
    conda:
        "../../envs/report.yaml"
    threads: 2
    resources:
        mem_mb=NEEDS.mem_mb("report"),
        runtime=NEEDS.runtime("report"),
    params:
        study_file=STUDY_FILE,
        # Braces in a text that no function returns would be filled in.
        study_text=lambda wc: ENTERED.file.read_text(encoding="utf-8"),
        code=code_hash("report", "study/summarise.py", "study/collect.py"),
    script:
        "../../scripts/report.py"
