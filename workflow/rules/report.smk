"""Provenance, figures and the page.

Inputs: all tables of the study and the posteriors that are drawn one by one.
Outputs: provenance.json, figures/*.svg and *.pdf, tables/*.csv, report.html.
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
    log:
        PATHS.log("report"),
    benchmark:
        PATHS.benchmark("report")
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=lambda wc, attempt: 4000 * attempt,
    params:
        study_file=STUDY_FILE,
        study_text=ENTERED.file.read_text(encoding="utf-8"),
        code=code_hash("report", "study/summarise.py", "study/collect.py"),
    script:
        "../../scripts/report.py"
