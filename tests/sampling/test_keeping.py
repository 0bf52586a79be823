import numpy as np

from driftmill.sampling.keeping import NOTHING, packed, unpacked


def test_nested_mappings_come_back_as_they_were():
    tree = {"a": {"b": np.arange(3), "c": {"d": "text", "e": 0.5}}, "f": 2, "g": None, "h": ""}
    flat = packed(tree)
    assert set(flat) == {"a/b", "a/c/d", "a/c/e", "f", "h"}
    back = unpacked(flat)
    np.testing.assert_array_equal(back["a"].pop("b"), np.arange(3))
    assert back == {"a": {"c": {"d": "text", "e": 0.5}}, "f": 2, "h": ""}
    assert isinstance(back["f"], int)
    assert isinstance(back["a"]["c"]["e"], float)


def test_nothing_is_never_due():
    NOTHING.finish("a", {})
    assert not NOTHING.due
    assert NOTHING.finished("a") is None
