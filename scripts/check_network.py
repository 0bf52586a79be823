"""Measure the accuracy of a network on fresh parameters, and draw it beside simulated trials."""

from driftmill.models.network import card_of
from driftmill.networks.pictures import pictures
from driftmill.report.figures.networks import density_svg
from driftmill.store.atomic import write_text
from driftmill.study.network_job import NetworkJob

with NetworkJob(snakemake) as job:
    job.ready()
    network = job.check(job.unchecked)
    for gate in network.gates:
        passed = "passes" if gate.passed else "fails"
        print(f"{gate.figure} {gate.value:.4g} in [{gate.lower:g}, {gate.upper:g}]: {passed}")
    drawn = pictures(job.model, network, job.section.seed)
    write_text(job.output.density, density_svg(drawn))
    write_text(job.output.card, card_of(network))
