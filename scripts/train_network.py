"""Train a network; its card has no accuracy yet."""

from driftmill.models.network import card_of, weights_of
from driftmill.networks.make import maker_of
from driftmill.report.figures.networks import loss_svg
from driftmill.store.arrays import read_arrays
from driftmill.store.atomic import write_bytes, write_text
from driftmill.study.network_job import NetworkJob

with NetworkJob(snakemake) as job:
    job.ready()
    keeper, checkpoint = job.keeper()
    design = job.design
    drawn = read_arrays(job.input[0])
    network = maker_of(job.model, design).fit(job.model, design, drawn, print, keeper)
    write_text(job.output.unchecked, card_of(network))
    write_bytes(job.output.weights, weights_of(network))
    write_text(job.output.loss, loss_svg(network.training))
    checkpoint.remove()
