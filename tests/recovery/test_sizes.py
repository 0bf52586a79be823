from driftmill.recovery.sizes import Line, Size, lines


def test_cells_along_one_axis_are_a_line():
    sizes = {"c4": Size("c", 400, 1), "c1": Size("c", 100, 1), "c2": Size("c", 200, 1)}
    assert list(lines(sizes, ["c4", "c1", "c2", "other"])) == [
        Line("c", "trials", 1, ("c1", "c2", "c4"), (100, 200, 400))
    ]


def test_a_grid_has_lines_of_both_kinds():
    sizes = {f"g{t}x{p}": Size("g", t, p) for p in (5, 10) for t in (50, 100)}
    found = list(lines(sizes, list(sizes)))
    assert [(line.axis, line.held, line.cells) for line in found] == [
        ("trials", 5, ("g50x5", "g100x5")),
        ("trials", 10, ("g50x10", "g100x10")),
        ("participants", 50, ("g50x5", "g50x10")),
        ("participants", 100, ("g100x5", "g100x10")),
    ]


def test_one_cell_of_a_sweep_or_cells_that_differ_in_both_are_no_line():
    sizes = {"a": Size("s", 50, 5), "b": Size("s", 100, 10), "c": Size("t", 100, 5)}
    assert list(lines(sizes, ["a", "b", "c"])) == []
