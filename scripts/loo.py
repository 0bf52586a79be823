"""Score one batch of posteriors by leave-one-trial-out cross-validation."""

import pandas as pd

from driftmill.comparison.loo import elpd_table, pointwise_table
from driftmill.comparison.remedies import TrialScores, describe
from driftmill.regression.columns import Shape, datasets_of
from driftmill.regression.lifter import Lifter
from driftmill.regression.scored import scored_by
from driftmill.sampling.watch import Course
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, table_provenance, write_table
from driftmill.store.trees import read_tree
from driftmill.study.build import remedies_of, settings_of
from driftmill.study.job import Job
from driftmill.study.long_job import prepare

with Job(snakemake) as job:
    keeper = prepare(job)
    spec = job.spec
    table = read_table(job.input.trials, "trials")
    trials = table[scored_by(spec, table)]
    shape = Shape(**table_provenance(job.input.trials, "trials")["shape"])
    course, remedies = Course(print, keeper=keeper, brief=True), remedies_of(job.study)
    score = TrialScores(Lifter(spec, shape), settings_of(job.study), remedies, course)
    tree = read_tree(job.input.posterior)
    posterior, codes = tree["posterior"].to_dataset(), tree["result"]["code"]
    results, pointwise = [], []
    for dataset, columns in datasets_of(table, spec).items():
        code = str(codes.sel(dataset=dataset).item())
        seed = seed_sequence(job.study.seed, job.cell, dataset, Purpose.REFITS)
        loo = score(columns, posterior, dataset, code, seed)
        results.append((dataset, code, loo))
        pointwise.append(pointwise_table(loo, dataset, trials[trials["dataset"] == dataset]))
        print(f"dataset {dataset}: {describe(loo)}")
    write_table(job.output.pointwise, pd.concat(pointwise), "pointwise", job.origin("pointwise"))
    write_table(job.output.elpd, elpd_table(results), "elpd", job.origin("elpd"))
    keeper.remove()
