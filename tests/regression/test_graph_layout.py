import itertools

import numpy as np
import pytest

from driftmill.regression.graph_layout import lay_out, longest_paths

pytestmark = pytest.mark.filterwarnings("error")


def overlap(one, other):
    return (
        abs(one.x - other.x) < (one.width + other.width) / 2
        and abs(one.y - other.y) < (one.height + other.height) / 2
    )


def inside(inner, outer):
    return (
        abs(inner.x - outer.x) + inner.width / 2 <= outer.width / 2
        and abs(inner.y - outer.y) + inner.height / 2 <= outer.height / 2
    )


def random_hierarchy(rng):
    """Parameters with groups over one or two plates, as formulas make them."""
    plates = {"response": "trials"}
    edges = []
    for k in range(rng.integers(1, 6)):
        value = f"p{k}"
        if rng.random() < 0.3:
            plates[value] = None
            edges.append((value, "response"))
            continue
        plates[value] = "trials"
        edges.append((value, "response"))
        for term in range(rng.integers(1, 5)):
            common, group = f"p{k}_{term}", f"p{k}_{term}|id"
            plates[common] = rng.choice([None, "levels"], p=[0.8, 0.2])
            edges.append((common, value))
            if rng.random() < 0.7:
                plates |= {group: str(rng.choice(["id", "id x levels"])), f"{group}_sigma": None}
                edges += [(group, value), (f"{group}_sigma", group)]
                if rng.random() < 0.7:
                    plates[f"{group}_offset"] = plates[group]
                    edges.append((f"{group}_offset", group))
    sizes = {name: (26.0 + 7 * len(name), 38.0) for name in sorted(plates)}
    return sizes, plates, sorted(edges)


@pytest.fixture(params=range(25))
def drawn(request):
    sizes, plates, edges = random_hierarchy(np.random.default_rng(request.param))
    return sizes, plates, edges, lay_out(sizes, plates, edges)


def test_longest_paths_and_a_cycle():
    edges = [("a", "b"), ("b", "c"), ("a", "c")]
    assert longest_paths(["a", "b", "c"], edges) == {"a": 0, "b": 1, "c": 2}
    assert set(longest_paths(["a", "b"], [("a", "b"), ("b", "a")])) == {"a", "b"}


def test_nothing_overlaps(drawn):
    *_, layout = drawn
    for boxes in (layout.nodes.values(), layout.plates.values()):
        assert not any(overlap(one, other) for one, other in itertools.combinations(boxes, 2))


def test_a_plate_holds_its_nodes_and_no_other(drawn):
    _, plates, _, layout = drawn
    for name, box in layout.nodes.items():
        for plate, around in layout.plates.items():
            assert inside(box, around) if plates[name] == plate else not overlap(box, around)


def test_edges_run_to_the_right_from_node_to_node(drawn):
    *_, edges, layout = drawn
    for first, second in edges:
        points = layout.edges[first, second]
        left, right = layout.nodes[first], layout.nodes[second]
        assert points[0] == (left.x + left.width / 2, left.y)
        assert points[-1] == (right.x - right.width / 2, right.y)
        assert all(a[0] < b[0] for a, b in itertools.pairwise(points))


def test_all_of_it_lies_on_the_page(drawn):
    *_, layout = drawn
    for box in [*layout.nodes.values(), *layout.plates.values()]:
        assert box.x - box.width / 2 >= 0
        assert box.y - box.height / 2 >= 0
        assert box.x + box.width / 2 <= layout.width
        assert box.y + box.height / 2 <= layout.height


def test_edges_that_pass_a_column_keep_clear_of_its_nodes(drawn):
    _, _, edges, layout = drawn
    for first, second in edges:
        for x, y in layout.edges[first, second][1:-1]:
            for name, box in layout.nodes.items():
                reaches = abs(x - box.x) < box.width / 2 and abs(y - box.y) < box.height / 2
                assert not reaches, (first, second, name)


def test_equal_graphs_are_laid_out_alike():
    made = [lay_out(*random_hierarchy(np.random.default_rng(3))) for _ in range(2)]
    assert made[0] == made[1]
