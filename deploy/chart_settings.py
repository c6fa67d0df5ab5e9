#!/usr/bin/python3
"""Writes the services' settings into the chart's schema, so that helm refuses a typo as a service does.

usage: deploy/chart_settings.py [BIN_DIR]      build/release/bin unless told otherwise
Run it when a setting is added, and commit what it changes; tests/chart says when it is time.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "deploy/chart/values.schema.json"
# What the chart sees to: where services find each other, and where they serve metrics.
OF_THE_CHART = ("metrics", "peers")
TYPES = {str: "string", int: "integer", bool: "boolean"}


def setting_of(text, default):
    """The schema of one setting."""
    setting = {"description": text, "type": TYPES[type(default)]}
    if isinstance(default, str) and re.fullmatch(r"\d+(ms|s|m|h|d)", default):
        setting["pattern"] = r"^([0-9.]+(ms|s|m|h|d))+$"
    return setting


def settings_of(bin_dir):
    """The schema of all settings, by group and name, as soukd lists them."""
    listing = subprocess.run([Path(bin_dir) / "soukd", "--print-config"], check=True, capture_output=True, text=True,
                             env={}).stdout
    groups = {}
    for comment, line in re.findall(r"^# (.*) \[default\]\n(.*)$", listing, re.MULTILINE):
        (group, settings), = tomllib.loads(line).items()
        (name, default), = settings.items()
        # What is secret does not belong into values.
        if group in OF_THE_CHART or name.endswith(("_password", "_secret", "_token")):
            continue
        fields = groups.setdefault(group, {"type": "object", "additionalProperties": False, "properties": {}})
        fields["properties"][name] = setting_of(comment, default)
    return {"type": "object", "additionalProperties": False, "properties": groups}


def schema_with(settings):
    """The whole schema, as the file should be."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    schema["properties"]["settings"] = settings
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main():
    bin_dir = sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release/bin"
    SCHEMA.write_text(schema_with(settings_of(bin_dir)), encoding="utf-8")


if __name__ == "__main__":
    main()
