"""Write down one fit on one cell, in words and as a graph, by the cell's first dataset."""

from driftmill.regression.columns import datasets_of
from driftmill.regression.graph import fit_svg
from driftmill.regression.scored import scored_by
from driftmill.regression.summary import summary
from driftmill.store.atomic import write_text
from driftmill.store.tables import read_table
from driftmill.study.job import Job

with Job(snakemake) as job:
    spec = job.spec
    trials = read_table(job.input.trials, "trials")
    first = trials[trials["dataset"] == trials["dataset"].min()]
    (columns,) = datasets_of(first, spec).values()
    people = first["participant_id"].nunique()
    unscored = int((~scored_by(spec, first)).sum())
    write_text(job.output.summary, summary(spec, len(first), people, unscored))
    write_text(job.output.graph, fit_svg(spec, columns))
