"""The sections of the page, a file each: what they say, and which figures and tables they show.

A section is a function from :class:`~driftmill.report.data.ReportData` to
:class:`~driftmill.report.blocks.Section`; one without blocks is left out of the page. A new one
is a file here and a line in ``SECTIONS``.
"""

from __future__ import annotations

from collections.abc import Callable

from driftmill.report.blocks import Section
from driftmill.report.data import ReportData
from driftmill.report.sections.calibration import calibration
from driftmill.report.sections.comparison import comparison
from driftmill.report.sections.datasets import datasets
from driftmill.report.sections.estimates import estimates
from driftmill.report.sections.fits import fits
from driftmill.report.sections.gates import gates
from driftmill.report.sections.header import header
from driftmill.report.sections.methods import methods
from driftmill.report.sections.model_recovery import model_recovery
from driftmill.report.sections.networks import networks
from driftmill.report.sections.point import point
from driftmill.report.sections.precision import precision
from driftmill.report.sections.prediction import prediction
from driftmill.report.sections.published import published
from driftmill.report.sections.sensitivity import sensitivity
from driftmill.report.sections.uncertainty import uncertainty
from driftmill.report.sections.verdict import verdict

#: In the order of the page.
SECTIONS: tuple[Callable[[ReportData], Section], ...] = (
    verdict,
    header,
    fits,
    networks,
    gates,
    point,
    uncertainty,
    calibration,
    sensitivity,
    precision,
    model_recovery,
    comparison,
    estimates,
    published,
    prediction,
    datasets,
    methods,
)
