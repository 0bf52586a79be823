"""Put the networks that a study had trained among those that driftmill brings along."""

import sys
from pathlib import Path

from driftmill.network_names import CARD, WEIGHTS
from driftmill.store.atomic import write_bytes
from driftmill.store.cards import SHIPPED, read_card
from driftmill.study.load import load_study
from driftmill.study.networks import networks_of

failed = []
for use in networks_of(load_study(sys.argv[1])):
    folder = use.folder("results")
    card = read_card(folder / CARD)
    if not card.passed:
        failed.append(f"{use.name} stays what it was, for {folder} failed: {card.failures}")
        continue
    for name in (CARD, WEIGHTS):
        write_bytes(SHIPPED / use.name / name, Path(folder / name).read_bytes())
    print(f"{use.name}: {card.figures}")
sys.exit("\n".join(failed) or None)
