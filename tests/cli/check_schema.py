"""check_schema.py SCHEMA CONFIG...: the schema is draft-07, takes every configuration and refuses
what Kuchi refuses."""

import json
import re
import sys

import jsonschema
import yaml

# PyYAML follows YAML 1.1, where 2e-3 is a text; editors follow 1.2.
yaml.SafeLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789"))

schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
failed = 0
for name in sys.argv[2:]:
    for error in validator.iter_errors(yaml.safe_load(open(name)) or {}):
        print(f"{name}: {'.'.join(map(str, error.path))}: {error.message}")
        failed += 1
for bad in ({"modle": {}}, {"train": {"lrr": 1}}, {"train": {"lr": "x"}}, {"train": {"seed": -1}},
            {"model": {"head": "none"}}, {"train": 1}):
    if validator.is_valid(bad):
        print("accepted:", bad)
        failed += 1
sys.exit(1 if failed else 0)
