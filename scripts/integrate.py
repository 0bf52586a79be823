"""Score one batch of posteriors by leave-one-participant-out cross-validation."""

import pandas as pd

from driftmill.comparison import participants as score
from driftmill.comparison.integrals import IntegratedLikelihood
from driftmill.regression.columns import datasets_of
from driftmill.regression.lifter import Lifter, Shape
from driftmill.regression.scored import seen_by
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, table_provenance, write_table
from driftmill.store.trees import read_tree
from driftmill.study.build import fit_spec_of
from driftmill.study.job import Job

with Job(snakemake) as job:
    hold_to_threads(job.threads)
    keep_compiled(job.compiled)
    spec = fit_spec_of(job.study, job.cell, job.fit)
    trials = seen_by(spec, read_table(job.input.trials, "trials"))
    shape = Shape(**table_provenance(job.input.trials, "trials")["shape"])
    likelihood = IntegratedLikelihood(Lifter(spec, shape))
    tree = read_tree(job.input.posterior)
    posterior, codes = tree["posterior"].to_dataset(), tree["result"]["code"]
    found = {}
    for dataset, columns in datasets_of(trials, spec).items():
        people = trials.loc[trials["dataset"] == dataset, "participant_id"]
        seed = seed_sequence(job.study.seed, job.cell, dataset, Purpose.INTEGRALS)
        integrals = likelihood(columns, people, posterior, dataset, seed)
        found[dataset] = score.loo_participants(integrals)
        print(f"dataset {dataset}: {score.describe(found[dataset])}")
    rows = pd.concat([score.participants_table(loo, dataset) for dataset, loo in found.items()])
    sums = [(n, str(codes.sel(dataset=n).item()), loo) for n, loo in found.items()]
    elpd = score.participant_elpd_table(sums)
    write_table(job.output.participants, rows, "participants", job.origin("participants"))
    write_table(job.output.elpd, elpd, "participant_elpd", job.origin("participant_elpd"))
