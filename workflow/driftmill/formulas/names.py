"""Words for links and sets of priors, as a study file has them; imports nothing heavy."""

from __future__ import annotations

from typing import Literal

LinkName = Literal["identity", "log", "logit", "gen_logit"]
#: What a study may say of all links at once: by the support, as `log_logit` has it in HSSM too,
#: or identity throughout.
LinkSettings = Literal["log_logit", "identity"]
#: Whose priors the terms of a formula have when nothing is said.
PriorSet = Literal["default", "hssm"]
