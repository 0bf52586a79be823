"""Write a network as an ONNX file that others read, and check it by onnxruntime."""

from driftmill.store.atomic import write_bytes
from driftmill.study.network_job import NetworkJob, exported

with NetworkJob(snakemake) as job:
    job.ready()
    write_bytes(job.output[0], exported(job, job.unchecked))
