"""The page of all models is that of the declarations, and leaves none of them out."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from driftmill.cli import app
from driftmill.commands.catalogue import catalogue_page
from driftmill.models import CATALOGUE
from driftmill.models.couplings import COUPLINGS
from driftmill.models.processes import COMPOSITIONS, PROCESSES
from driftmill.store.cards import shipped_cards

PAGE = Path(__file__).parents[2] / "config" / "MODELS.md"


def section(text: str, title: str) -> str:
    """Return a section of third order, without its title."""
    _, found = text.split(f"\n### {title}\n")
    return found.split("\n## ")[0].split("\n### ")[0]


def test_the_page_is_up_to_date():
    models, cards = [*CATALOGUE.values(), *COMPOSITIONS], list(shipped_cards().values())
    told = catalogue_page(models, PROCESSES, COUPLINGS, cards)
    assert PAGE.read_text() == told, "write it anew: driftmill models --page > config/MODELS.md"


@pytest.mark.parametrize("item", [*CATALOGUE.values(), *PROCESSES], ids=lambda item: item.name)
def test_a_section_tells_all_that_is_declared(item):
    told = section(PAGE.read_text(), item.name)
    for parameter in item.parameters:
        assert f"| `{parameter.name}` | {parameter.support} | {parameter.prior} |" in told
    for text in (item.title, item.equation, item.reference, item.identifiability):
        assert text
        assert text in told


def test_a_measured_error_is_told():
    told = PAGE.read_text()
    for model in CATALOGUE.values():
        right = f"right to {model.error:.0e}"
        assert (right in section(told, model.name)) == (model.error > 0)


def test_one_model_alone_can_be_shown():
    told = CliRunner().invoke(app, ["models", "lba3", "--page"]).stdout
    assert "### lba3" in told
    assert "### ddm" not in told


def test_every_network_that_comes_along_is_listed_with_its_accuracy():
    assert shipped_cards()
    for name, card in shipped_cards().items():
        (line,) = [
            row for row in PAGE.read_text().splitlines() if row.startswith(f"| `{name}` | `")
        ]
        assert card.figures in line
        shown = CliRunner().invoke(app, ["models", card.model]).stdout
        assert f"network {card.name} of {card.model} ({card.kind}), digest {card.digest}" in shown
        for gate in card.gates:
            assert f"{gate['figure']} {gate['value']:.4g}: " in shown
