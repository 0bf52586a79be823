"""The JSON schema of a study file, for editors and for `snakemake.utils.validate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from driftmill.study.types import Study

#: Where the schema is kept, relative to the project's root.
SCHEMA_FILE = Path("workflow/schemas/study.schema.json")


def study_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12), generated from the types of a study."""
    schema = Study.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A driftmill study",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def schema_text() -> str:
    """Return the schema as it stands in its file."""
    return json.dumps(study_schema(), indent=2, ensure_ascii=False) + "\n"
