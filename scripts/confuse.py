"""Tabulate which fit wins on whose data: confusion and inversion over the study."""

import pandas as pd

from driftmill.comparison.confusion import confusion, inversion
from driftmill.comparison.criteria import judged
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, read_tables, write_table
from driftmill.study.job import Job
from driftmill.study.models import model_name

with Job(snakemake) as job:
    study, plan = job.study, job.plan
    generators = {cell: model_name(study.cell(cell).model) for cell in plan.confused}
    selections = [read_table(path, kind) for path, kind in plan.selections]
    compared = read_tables(job.input.comparison, "comparison")
    verdicts = judged(compared, selections, study.compare.min_weight)
    counts = [confusion(rows, generators, plan.fits, by) for by, rows in verdicts.items()]
    table = pd.concat(counts, ignore_index=True)
    write_table(job.output.confusion, table, "confusion", job.origin("confusion"))
    inverted = inversion(table, seed_sequence(study.seed, "", 0, Purpose.CONFUSION))
    write_table(job.output.inversion, inverted, "inversion", job.origin("inversion"))
