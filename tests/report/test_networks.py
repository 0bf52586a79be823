"""What the page says of networks: how accurate each is, and how often its box was left."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.report.factory import Factory
from tests.report.studies import FITS, simulated

from driftmill.networks.pictures import Picture
from driftmill.report.blocks import Note, TableBlock, flattened
from driftmill.report.context import report_context
from driftmill.report.figures.networks import density_svg, loss_svg
from driftmill.report.networks import UNMARKED, NetworkSummary
from driftmill.report.sections.methods import methods_text
from driftmill.report.sections.networks import networks
from driftmill.report.sections.two_ways import two_ways

CELLS = (simulated("ddm", "ddm", 6),)


def summary(ratio=1.2, **changes):
    passed = ratio <= 1.5
    gate = {"figure": "hellinger_ratio_median", "value": ratio, "lower": 0.0, "upper": 1.5}
    failures = "" if passed else f"hellinger_ratio_median is {ratio:g}, not between 0 and 1.5"
    known = {
        "name": "mine",
        "model": "ddm",
        "kind": "mixture",
        "digest": "0123456789abcdef",
        "fits": ("net",),
        "source": "trained by this workflow",
        "box": {"v": (-4.0, 4.0)},
        "layers": (64, 64),
        "accuracy": {"hellinger_ratio_median": ratio, "log_density_error_p95": 0.03},
        "gates": (gate | {"passed": passed},),
        "training": {"sets": 20000, "seed": 1, "settings": {"steps": 500}, "steps": [1, 2]},
        "passed": passed,
        "failures": failures,
    }
    return NetworkSummary(**(known | changes))


def study(network, beyond=(0.0, 0.0)):
    exact = FITS[0]
    net = replace(exact, name="net", likelihood="approx_differentiable", network="mine")
    data = Factory().data(CELLS, (exact, net), networks=(network,))
    table = pd.DataFrame({"cell": "ddm", "fit": "net", "dataset": range(len(beyond))})
    table = table.assign(network="mine", draws=4000, beyond=beyond)
    return replace(data, tables={**data.tables, "edges": table})


def said(section):
    return " ".join(str(b.html) for b in flattened(section.blocks) if hasattr(b, "html"))


def warnings(section):
    blocks = flattened(section.blocks)
    return [str(b.html) for b in blocks if isinstance(b, Note) and b.tone == "warning"]


def test_a_network_that_passed_is_told_beside_the_verdict_alone():
    page = {section.anchor: section for section in report_context(study(summary())).sections}
    assert "not that of ddm itself but of the network <code>mine</code>" in said(page["verdict"])
    assert "sampling floor 1.2" in said(page["verdict"])
    told = [anchor for anchor in page if "network <code>mine" in said(page[anchor])]
    assert told == ["verdict", "networks", "methods"]
    assert not any("mine" in text for text in warnings(page["networks"]))


def test_one_that_failed_is_a_warning_above_every_section_with_numbers():
    page = {section.anchor: section for section in report_context(study(summary(2.5))).sections}
    for anchor, section in page.items():
        found = any("accepted unchecked: hellinger_ratio_median" in w for w in warnings(section))
        assert found == (anchor not in UNMARKED or anchor == "networks"), anchor


def test_a_study_without_networks_has_no_section_of_them():
    data = Factory().data(CELLS, FITS[:1])
    assert networks(data).blocks == ()
    assert all(s.anchor != "networks" for s in report_context(data).sections)


def test_the_methods_say_whose_likelihood_it_was_and_how_many_draws_left_its_box():
    text = methods_text(study(summary(), (0.0, 0.5)))
    assert "likelihood of the network mine" in text
    assert "Of all draws 25 % lay beyond the box of their network." in text


@pytest.mark.parametrize(("beyond", "many"), [((0.0, 0.005), 0), ((0.02, 0.3), 2)])
def test_posteriors_that_left_the_box_are_counted(beyond, many):
    section = networks(study(summary(), beyond))
    tables = [b for b in flattened(section.blocks) if isinstance(b, TableBlock)]
    (table,) = [b for b in tables if b.title == "Draws beyond the box"]
    cells = dict(zip([c.key for c in table.columns], table.rows[0], strict=True))
    assert cells["many"].text == str(many)
    assert float(cells["largest"].sort) == max(beyond)
    assert any("More than 1 %" in text for text in warnings(section)) == bool(many)


def test_differences_to_the_models_own_likelihood_are_in_monte_carlo_errors():
    data = study(summary())
    estimates = data.tables["estimates"]
    own = estimates[estimates["fit"] == "ddm"].assign(mean=1.0, sd=0.5, mcse_ratio=0.03)
    other = own.assign(fit="net", mean=1.05, sd=0.4, mcse_ratio=0.05)
    both = pd.concat([own, other])
    data = replace(data, tables={**data.tables, "estimates": both})
    (group,) = two_ways(data)
    table = group.blocks[1]
    cells = dict(zip([c.key for c in table.columns], table.rows[0], strict=True))
    assert float(cells["shift"].sort) == pytest.approx(0.1)
    assert float(cells["errors"].sort) == pytest.approx(0.05 / np.hypot(0.015, 0.02))
    assert len(table.rows) == len(own)


def test_fits_that_differ_in_more_are_not_held_against_each_other():
    data = study(summary())
    exact, net = data.study.fits
    changed = replace(exact, priors={**exact.priors, "v": "Normal(mu=0, sigma=3)"})
    assert two_ways(data)
    assert two_ways(replace(data, study=replace(data.study, fits=(changed, net)))) == []


def test_figures_of_a_network_are_svg_and_the_same_each_time():
    course = {"steps": [1, 2, 3], "training_loss": [2.0, 1.0, 0.9], "validation_loss": [2, 1.2, 1]}
    assert loss_svg(course).startswith("<svg")
    assert loss_svg(course) == loss_svg(course)
    rng = np.random.default_rng(1)
    times = np.linspace(0.31, 2, 30)
    curve = {-1: np.exp(-times), 1: np.exp(-2 * times)}
    rt, response = 0.3 + rng.gamma(2, 0.2, 500), rng.choice([-1, 1], 500)
    picture = Picture({"v": 1.0, "a": 1.2}, rt, response, times, curve, None)
    plain, exact = density_svg([picture]), density_svg([replace(picture, exact=curve)])
    assert ">exact<" in exact
    assert ">exact<" not in plain
    assert ">v = 1, a = 1.2<" in plain
    assert density_svg([]).startswith("<svg")
