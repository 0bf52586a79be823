"""Score one batch of posteriors by leave-one-trial-out cross-validation."""

import pandas as pd

from driftmill.comparison.loo import elpd_table, loo_dataset, pointwise_table, relative_efficiency
from driftmill.regression.columns import datasets_of
from driftmill.regression.lifter import Lifter, Shape
from driftmill.regression.pointwise import PointwiseLikelihood
from driftmill.regression.scored import scored_by, scored_rows
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
from driftmill.store.tables import read_table, table_provenance, write_table
from driftmill.store.trees import read_tree
from driftmill.study.build import fit_spec_of
from driftmill.study.job import Job

with Job(snakemake) as job:
    hold_to_threads(job.threads)
    keep_compiled(job.compiled)
    spec = fit_spec_of(job.study, job.cell, job.fit)
    table = read_table(job.input.trials, "trials")
    trials = table[scored_by(spec, table)]
    shape = Shape(**table_provenance(job.input.trials, "trials")["shape"])
    likelihood = PointwiseLikelihood(Lifter(spec, shape))
    tree = read_tree(job.input.posterior)
    posterior = tree["posterior"].to_dataset()
    codes = tree["result"]["code"]
    results, pointwise = [], []
    for dataset, columns in datasets_of(table, spec).items():
        pointwise_values, draws = likelihood(columns, posterior, dataset)
        scored = pointwise_values[..., scored_rows(spec, columns)]
        loo = loo_dataset(scored, relative_efficiency(draws), not spec.model.has_rt)
        results.append((dataset, str(codes.sel(dataset=dataset).item()), loo))
        pointwise.append(pointwise_table(loo, dataset, trials[trials["dataset"] == dataset]))
        print(f"dataset {dataset}: elpd {loo.elpd.sum():.1f}, {loo.n_bad_k} bad k")
    write_table(job.output.pointwise, pd.concat(pointwise), "pointwise", job.origin("pointwise"))
    write_table(job.output.elpd, elpd_table(results), "elpd", job.origin("elpd"))
