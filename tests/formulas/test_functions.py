"""Formulas are data: they call arithmetic, and nothing that touches files or objects."""

import numpy as np
import pandas as pd
import pytest

from driftmill.formulas.design import design_matrix
from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import FormulaError, terms_of

HOSTILE = [
    "np.save('{file}', x)",
    "np.load('{file}')",
    "np . savetxt('{file}', x)",
    "np.lib.npyio.NpzFile('{file}')",
    "np.ndarray.tofile(x, '{file}')",
    "np.log.__class__(x)",
    "np.log.at(x, 0)",
    "x.to_csv('{file}')",
    "pd.read_pickle('{file}')",
    "os.system('touch {file}')",
    "bs(np.save('{file}', x), df=4)",
    "(np.fromfile('{file}') | participant_id)",
    "{{np.save('{file}', x)}}",
]


def regression(formula):
    return Regression("v", formula, Link("identity", -np.inf, np.inf))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_call_through_a_module_is_refused(text, tmp_path):
    file = tmp_path / "written"
    with pytest.raises(FormulaError, match=r"which formulas may not: .* e\.g\. np\.log\(x\)"):
        terms_of("1 + " + text.format(file=file))
    assert not file.exists()


@pytest.mark.parametrize(
    "text",
    ["__import__('os').system('touch {file}')", "open('{file}', 'w')", "eval('1')", "exec(x)"],
)
def test_functions_of_python_are_not_known(text, tmp_path):
    file = tmp_path / "written"
    data = pd.DataFrame({"x": np.arange(1.0, 6.0)})
    with pytest.raises(FormulaError):
        design_matrix(regression("1 + " + text.format(file=file)), data)
    assert not file.exists()


def test_arithmetic_is_as_numpy_has_it():
    data = pd.DataFrame({"x": np.arange(1.0, 6.0)})
    for text, expected in {
        "np.log(x)": np.log(data["x"]),
        "np.clip(x, 2, 4)": data["x"].clip(2, 4),
        "I(x - np.mean(x))": data["x"] - 3.0,
        "log(x)": np.log(data["x"]),
    }.items():
        (found,) = design_matrix(regression(f"0 + {text}"), data).common
        np.testing.assert_allclose(found.columns.ravel(), expected)
