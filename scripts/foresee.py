"""Check what the priors of one fit predict against the first dataset of one cell."""

from driftmill.prediction.prior import prior_check
from driftmill.regression.columns import datasets_of
from driftmill.regression.recoding import told_by_data
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, write_table
from driftmill.study.job import Job

with Job(snakemake) as job:
    study, spec = job.study, job.spec
    trials = read_table(job.input.trials, "trials")
    dataset, columns = next(iter(datasets_of(trials, spec).items()))
    seed = seed_sequence(study.seed, job.cell, dataset, Purpose.PRIOR_PREDICTIVE)
    table = prior_check(spec, columns, seed, study.report.predictive.draws)
    table = told_by_data(table, spec.recode)
    table = table.assign(cell=job.cell, fit=job.fit, dataset=dataset)
    write_table(job.output[0], table, "prior_quantiles", job.origin("prior_quantiles"))
