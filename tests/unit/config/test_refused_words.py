"""What composes no configuration: flags, and scripts that are none."""

import pytest
from composing import load

from adverts.errors import InputError


@pytest.mark.parametrize("flag", ["-m", "--multirun", "--cfg=job", "-cd"])
def test_flags_of_the_command_line_are_refused_from_python(flag):
    with pytest.raises(InputError, match="flags are for the command line"):
        load("train", "prepared=p", flag)


def exported(*scripts):
    words = ["checkpoint=c", "prepared=p", "bundle_dir=b", "bundle.vocabulary=scripts"]
    return load("export", *words, f"bundle.scripts=[{','.join(scripts)}]").bundle.scripts


def test_scripts_are_named_by_their_four_letters():
    assert tuple(exported("Latn", "Arab")) == ("Latn", "Arab")
    with pytest.raises(Exception, match="holds 'latin'; give ISO 15924 codes"):
        exported("Latn", "latin")
