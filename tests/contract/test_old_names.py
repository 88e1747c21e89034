"""Code that a registry or a service keeps imports these names; they last for one release more."""

import importlib
import sys

import pytest

LOGGED = """
from adverts.bundle.served_table import answers_of, requests_of
from adverts.cores import available_cores
from adverts.errors import InputError, MissingExtraError
from adverts.ocr.protocol import Reader
from adverts.ocr.rebuild import reader_from_facts
from adverts.runtime import Classifier
from adverts.runtime.responding import respond
"""
"""What the code file of a model imported that was logged before the rooms were made."""
MOVED = {
    "adverts.cores": ("available_cores", "adverts.work.cpu_session"),
    "adverts.runtime.responding": ("respond", "adverts.runtime.stream.json_lines"),
}


@pytest.mark.parametrize("old", MOVED)
def test_an_old_name_is_the_new_one_and_says_where_it_went(old, monkeypatch):
    name, new = MOVED[old]
    monkeypatch.delitem(sys.modules, old, raising=False)
    with pytest.warns(DeprecationWarning, match=new):
        module = importlib.import_module(old)
    assert getattr(module, name) is getattr(importlib.import_module(new), name)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_code_of_a_model_that_was_logged_before_still_finds_all_that_it_imports():
    found = {}
    exec(LOGGED, found)
    assert {"answers_of", "respond", "available_cores", "reader_from_facts"} <= set(found)
