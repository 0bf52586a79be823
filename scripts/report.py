"""Draw the figures and write the page, the tables and the methods."""

from pathlib import Path

from driftmill.report.context import csv_tables, draw_figures, latex_tables, report_context
from driftmill.report.page import render_page
from driftmill.report.sections.methods import methods_text
from driftmill.store.atomic import write_bytes, write_text
from driftmill.study.collect import collect
from driftmill.study.job import Job

with Job(snakemake) as job:
    data = collect(job.plan, snakemake.params.study_text, job.input.provenance)
    context = report_context(data)
    figures, tables = Path(job.output.figures), Path(job.output.tables)
    svgs = {}
    for stem, drawing in draw_figures(context, job.threads):
        svgs[stem] = drawing.svg
        write_text(figures / f"{stem}.svg", drawing.svg)
        write_bytes(figures / f"{stem}.pdf", drawing.pdf)
    for name, text in csv_tables(data):
        write_text(tables / f"{name}.csv", text)
    for name, text in latex_tables(context):
        write_text(tables / f"{name}.tex", text)
    write_text(job.output.methods, methods_text(data))
    write_text(job.output.page, render_page(context, svgs))
    print(f"{len(svgs)} figures")
