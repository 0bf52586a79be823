"""Formulas are data: they call arithmetic, and nothing that touches files or objects."""

import numpy as np
import pandas as pd
import pytest

from driftmill.formulas.design import design_matrix
from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import FormulaError, terms_of

#: Refused when it is read, by name, before there are data.
REFUSED = [
    "np.save('{file}', x)",
    "np.load('{file}')",
    "np . log(x)",
    "np.lib.npyio.NpzFile('{file}')",
    "np.ndarray.tofile(x, '{file}')",
    "np.log.__class__(x)",
    "np.log.at(x, 0)",
    "x.to_csv('{file}')",
    "pd.read_pickle('{file}')",
    "os.system('touch {file}')",
    "bs(np.save('{file}', x), df=4)",
    "(np.fromfile('{file}') | participant_id)",
    "(1 + open('{file}', 'w') | participant_id)",
    "{{np.save('{file}', x)}}",
    "I(I(I(np.save('{file}', x))))",
    "x:np.save('{file}', x)",
    "offset(open('{file}', 'w'))",
    "C(x, Treatment(eval('1')))",
    "C(x, levels=open('{file}', 'w'))",
    # A level in brackets between the name and its call.
    "np.__class__['a']()",
    "np.log.__reduce__[a]()",
    "np.mean.__wrapped__.__builtins__.get[a]('eval')",
    "np.mean.__wrapped__.__setattr__['a']('__code__', x)",
    "np.log['a'](x)",
    # Functions of Python, of Bambi's modules, and of ours.
    "open('{file}', 'w')",
    "eval('1')",
    "exec(x)",
    "compile('1', 'f', 'eval')",
    "getattr(np, 'load')",
    "globals()",
    "type(x)",
    "deepcopy(x)",
    "filterwarnings('ignore')",
    "design_matrix(x)",
    "c(x, x)",
    "weighted(x, x)",
    "np(x)",
    "ｎｐ.save(x)",
    # What is called is no name.
    "(np.log)(x)",
    "np.log(x)(x)",
    "'os'(x)",
    "`np.save`('{file}', x)",
    # Writing over a column.
    "np.log(x, out=y)",
    "np.add(x, x, y)",
    "log(x, y)",
    "np.clip(x, 0, 1, y)",
    "np.mean(x, None, y)",
    # Work without an end.
    "I(x + 9**(9**(9**9)))",
    "I((9**99)**99 + x)",
    "C(x, levels='a' * 999999999999)",
    # What formulae would not read at all.
    "x if open('{file}') else x",
    "x for x in y",
    "f'{{open(1)}}'",
    "x y",
]
#: Not refused by name: it is no formula, or names columns that there are not.
UNREADABLE = [
    "__import__('os').system('touch {file}')",
    "lambda: open('{file}', 'w')",
    "(lambda: x)()",
    "[v for v in x]",
    "x.__class__",
    "{{x.__class__.__mro__}}",
    "x.__class__.__init__.__globals__",
    "np",
    "I(np)",
    "C(x, np)",
    "x[open('{file}', 'w')]",
    "x; import os",
    "x ~ y",
    "x\\x6fs",
    "(x := 1)",
    "`x",
    "((((",
    "@x",
    "$(touch {file})",
    "print",
]


@pytest.fixture
def data():
    """Columns that a formula may read; nothing may change them."""
    return pd.DataFrame(
        {"x": np.arange(1.0, 6.0), "y": np.arange(5.0), "participant_id": list("aabbb")}
    )


def regression(formula):
    return Regression("v", formula, Link("identity", -np.inf, np.inf))


@pytest.mark.parametrize("text", REFUSED)
def test_a_call_of_anything_else_is_refused_by_name(text, tmp_path):
    file = tmp_path / "written"
    with pytest.raises(FormulaError, match=r"which formulas may not: .* e\.g\. np\.log\(x\)"):
        terms_of("1 + " + text.format(file=file))
    assert not file.exists()


@pytest.mark.parametrize("text", REFUSED + UNREADABLE)
def test_nothing_hostile_is_evaluated(text, data, tmp_path):
    file, before = tmp_path / "written", data.copy()
    with pytest.raises(FormulaError):
        design_matrix(regression("1 + " + text.format(file=file)), data)
    assert not file.exists()
    pd.testing.assert_frame_equal(data, before)


def test_arithmetic_is_as_numpy_has_it(data):
    for text, expected in {
        "np.log(x)": np.log(data["x"]),
        "np.clip(x, 2, 4)": data["x"].clip(2, 4),
        "np.where(x > 2, x, 0)": data["x"].where(data["x"] > 2, 0.0),
        "I(x - np.mean(x))": data["x"] - 3.0,
        "I(x * 10**-2 + 2 * 3 * y**2)": data["x"] / 100 + 6 * data["y"] ** 2,
        "I(2**x)": 2.0 ** data["x"],
        "log(x)": np.log(data["x"]),
    }.items():
        (found,) = design_matrix(regression(f"0 + {text}"), data).common
        np.testing.assert_allclose(found.columns.ravel(), expected)


@pytest.mark.parametrize(
    "text",
    [
        "bs(x, df=4) + poly(x, 2) + scale(x) + standardize(x) + center(x)",
        "C(c, Treatment('a'))",
        "C(c, Sum) + S(d) + T(e, ref='a') + B(c) + binary(d, 'a')",
        "(x + y)**2 + offset(x) + {x + y} + (bs(x, df=4) | participant_id)",
    ],
)
def test_what_formulae_offers_may_be_called(text):
    assert terms_of(text).columns
