"""Training and runtime mask the same text in the same way, character for character."""

import numpy as np
import pytest
from contact_goldens import GOLDENS

from adverts.advert import Advert
from adverts.inputs.contacts.contact_tokens import contact_tokens
from adverts.inputs.contacts.masking import MASKING_VERSION, mask_contacts
from adverts.inputs.encoding import AdvertEncoder
from adverts.inputs.letters.folding import FOLDING_VERSION
from adverts.inputs.pixels import ImageLimits
from adverts.inputs.spec import HashSpec, InputSpec

KEY = b"a key of the tests"
SPEC = InputSpec(
    inputs=("text", "ocr"),
    tokens=None,
    hashing=HashSpec(1 << 16, (1, 3), (1, 5)),
    image=None,
    ocr_quality=False,
    masking_version=MASKING_VERSION,
    folding_version=FOLDING_VERSION,
)
ENCODER = AdvertEncoder(SPEC, None, ImageLimits(max_bytes=1, max_pixels=1))


@pytest.mark.parametrize("golden", GOLDENS)
def test_a_golden_text_is_masked_exactly_so(golden):
    assert mask_contacts(golden.text) == golden.masked


@pytest.mark.parametrize("part", ["text", "ocr_text"])
@pytest.mark.parametrize("golden", GOLDENS)
def test_the_runtime_reads_a_raw_text_as_training_read_the_masked_one(golden, part):
    raw = ENCODER.encode(Advert("a", **{part: golden.text}))
    prepared = ENCODER.encode(Advert("a", **{part: golden.masked}))
    assert np.array_equal(raw.feature_ids, prepared.feature_ids)
    assert np.array_equal(raw.feature_counts, prepared.feature_counts)


def test_equal_contacts_have_equal_tokens_and_different_ones_different_tokens():
    named = [
        (name, token.token)
        for golden in GOLDENS
        for name, token in zip(golden.names, contact_tokens(golden.text, key=KEY), strict=True)
    ]
    names, tokens = {name for name, _ in named}, {token for _, token in named}
    assert len(set(named)) == len(names) == len(tokens)
