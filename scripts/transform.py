"""Hold the trials of one batch against what all other trials of their dataset predict for them."""

import pandas as pd

from driftmill.prediction.extent import GROUPED, WHOLE, spread
from driftmill.prediction.pit import loo_pit, pit_check
from driftmill.prediction.splits import trials_of
from driftmill.regression.columns import Shape, datasets_of
from driftmill.regression.lifter import Lifter
from driftmill.regression.pointwise import PointwiseLikelihood
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.store.tables import read_table, table_provenance, write_table
from driftmill.store.trees import read_tree
from driftmill.study.job import Job

with Job(snakemake) as job:
    hold_to_threads(job.threads)
    keep_compiled(job.compiled)
    spec = job.spec
    table = read_table(job.input.trials, "trials")
    shape = Shape(**table_provenance(job.input.trials, "trials")["shape"])
    likelihood = PointwiseLikelihood(Lifter(spec, shape))
    posterior = read_tree(job.input.posterior)["posterior"].to_dataset()
    whole, grouped = (spread(job.plan.total(job.cell), most) for most in (WHOLE, GROUPED))
    found = []
    for number, columns in datasets_of(table, spec).items():
        seed = seed_sequence(job.study.seed, job.cell, number, Purpose.LOO_PIT)
        wanted = number in whole
        pit = loo_pit(spec, columns, posterior, number, likelihood, seed) if wanted else None
        trials = trials_of(spec, table, number)
        counts = pit_check(spec, columns, pit, trials, number in grouped)
        found.append(counts.assign(cell=job.cell, fit=job.fit, dataset=number))
        print(f"dataset {number}: {0 if pit is None else len(pit.rows)} trials")
    write_table(job.output[0], pd.concat(found), "pit", job.origin("pit"))
