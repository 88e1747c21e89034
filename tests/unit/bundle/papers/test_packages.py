import re
import tomllib
from email.message import Message
from pathlib import Path

import pytest

from adverts.bundle.papers.manifest_facts import onnxruntime_range, runtime_packages, stated_licence

PROJECT = tomllib.loads((Path(__file__).parents[4] / "pyproject.toml").read_text())["project"]


def test_the_range_of_onnx_runtime_is_that_of_the_project():
    assert f"onnxruntime{onnxruntime_range()}" in PROJECT["dependencies"]


def test_packages_are_what_the_base_install_brings_and_nothing_of_training():
    packages = {one["name"]: one for one in runtime_packages()}
    assert {"adverts", "numpy", "onnxruntime", "tokenizers", "pillow"} <= set(packages)
    assert not {"torch", "transformers", "pandas", "pydantic", "mlflow"} & set(packages)
    needed = {name for one in packages.values() for name in one["requires"]}
    assert needed == set(packages) - {"adverts"}
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in packages)
    assert packages["adverts"]["licence"] == PROJECT["license"]


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License-Expression": "MIT OR Apache-2.0", "License": "other"}, "MIT OR Apache-2.0"),
        ({"Classifier": "License :: OSI Approved :: MIT License", "License": "x"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, "BSD License"),
        ({"License": "3-Clause BSD License"}, "3-Clause BSD License"),
        ({"License": "Permission is hereby granted, " * 9}, "not stated"),
        ({"Classifier": "Programming Language :: Python"}, "not stated"),
        ({}, "not stated"),
    ],
)
def test_a_licence_is_what_the_authors_state(fields, licence):
    about = Message()
    for name, value in fields.items():
        about[name] = value
    assert stated_licence(about) == licence
