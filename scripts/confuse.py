"""Tabulate which fit wins on whose data: confusion and inversion over the study."""

from driftmill.comparison.confusion import confusion, inversion
from driftmill.store.tables import read_tables, write_table
from driftmill.study.job import Job

with Job(snakemake) as job:
    study, plan = job.study, job.plan
    generators = {cell: study.cell(cell).model for cell in plan.confused}
    table = confusion(read_tables(job.input, "comparison"), generators, plan.fits)
    write_table(job.output.confusion, table, "confusion", job.origin("confusion"))
    write_table(job.output.inversion, inversion(table), "inversion", job.origin("inversion"))
