"""Take a network from an ONNX file; its card has no accuracy yet."""

from driftmill.models.network import card_of, weights_of
from driftmill.store.atomic import write_bytes, write_text
from driftmill.study.network_job import NetworkJob, taken

with NetworkJob(snakemake) as job:
    job.ready()
    network = taken(job, job.input[0])
    write_text(job.output.unchecked, card_of(network))
    write_bytes(job.output.weights, weights_of(network))
