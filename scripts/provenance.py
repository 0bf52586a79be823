"""Write down what the results were made from, with and on."""

import json

from driftmill.store.atomic import write_text
from driftmill.study.artifacts import artifacts
from driftmill.study.costs import costs, hardware
from driftmill.study.gpus import devices
from driftmill.study.job import Job

with Job(snakemake) as job:
    plan = job.plan
    told = job.origin("provenance")
    said = {name: told[name] for name in ("study", "study_hash", "seed", "git_commit", "versions")}
    said |= {"file": job.study.model_dump(mode="json")}
    said |= {"platform": told["platform"], "hardware": hardware()}
    said |= {"devices": devices(p for p, kind in artifacts(plan).items() if kind == "posterior")}
    said |= {"costs": costs(plan.paths.benchmarks)}
    write_text(job.output[0], json.dumps(said, indent=2) + "\n")
