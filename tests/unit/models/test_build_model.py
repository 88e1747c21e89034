"""From config to model, and from specification to model again."""

import dataclasses

import pytest
import torch
from pydantic import TypeAdapter
from tokenizers import Tokenizer

from adverts.advert import Advert
from adverts.config import EncoderConfig, NeuralConfig, NgramsConfig, TfidfConfig, TowerConfig
from adverts.errors import InputError
from adverts.inputs.encoding import FEED_NAMES, AdvertEncoder, collate
from adverts.inputs.pixels import ImageLimits
from adverts.models.architecture import ModelSpec
from adverts.models.build_model import build_model, rebuild
from adverts.models.hashed_linear import HashedLinear
from adverts.models.tfidf import LinearNgrams

ADVERTS = [Advert("1", "boat to dover"), Advert("2", ""), Advert("3", "ferry", ocr_text="boat")]


def encoder_config(folder, **changes):
    values = {
        "weights": f"path:{folder}",
        "prefix": "query: ",
        "max_tokens": 32,
        "pooling": "mean",
        "read_layers": "last",
        "text_form": "raw",
        "freeze_word_table": True,
        "freeze_layers": 1,
        "dropout": 0.2,
    }
    return EncoderConfig(**{**values, **changes})


NGRAMS = {
    "num_features_log2": 10,
    "word_ngrams": (1, 2),
    "char_ngrams": (2, 3),
    "inverse_regularisation": 1.0,
}


def neural_config(*, encoder=None, tower=None, ngrams=None, fusion="gated"):
    text = ("text", "ocr") if encoder is not None else ()
    return NeuralConfig(
        kind="neural",
        name="tiny",
        inputs=(*text, *(("image",) if tower is not None else ())),
        encoder=encoder,
        tower=tower,
        ngrams=NgramsConfig(**ngrams) if ngrams else None,
        fusion=fusion,
        fusion_features=8,
        head_dropout=0.1,
        modality_dropout=0.0,
    )


def tower_config(folder):
    return TowerConfig(weights=f"path:{folder}", image_px=32, freeze=True)


TFIDF = TfidfConfig(
    kind="tfidf",
    name="tfidf",
    inputs=("text",),
    **NGRAMS,
)


def feeds_of(built):
    tokenizer = Tokenizer.from_str(built.tokenizer_json) if built.tokenizer_json else None
    encoder = AdvertEncoder(built.input_spec, tokenizer, ImageLimits(10**6, 10**6))
    feeds = collate([encoder.encode(advert) for advert in ADVERTS], built.input_spec)
    return {name: torch.from_numpy(array) for name, array in feeds.items()}


@pytest.fixture(params=["text", "image", "both", "tfidf", "hybrid", "concatenated"])
def built(request, tiny, encoder_folder, tower_folder):
    encoder, tower = encoder_config(encoder_folder), tower_config(tower_folder)
    config = {
        "text": neural_config(encoder=encoder),
        "image": neural_config(tower=tower),
        "both": neural_config(encoder=encoder, tower=tower),
        "tfidf": TFIDF,
        "hybrid": neural_config(encoder=encoder, ngrams=NGRAMS),
        "concatenated": neural_config(
            encoder=encoder_config(encoder_folder, read_layers="thirds"),
            tower=tower,
            ngrams=NGRAMS,
            fusion="concatenated",
        ),
    }[request.param]
    model = build_model(config, tiny.tasks)
    if isinstance(model.module, LinearNgrams):
        return dataclasses.replace(model, module=HashedLinear.of(model.module))
    return model


def test_a_built_model_reads_what_inputs_make_of_adverts(built, tiny):
    logits = built.module.eval()(feeds_of(built))
    assert list(logits) == [task.name for task in tiny.tasks]
    assert all(torch.isfinite(x).all() for x in logits.values())


def test_feed_names_follow_the_fixed_order(built):
    names = built.module.feed_names
    assert names == tuple(name for name in FEED_NAMES if name in names)
    assert set(names) <= set(feeds_of(built))


def test_a_model_built_again_from_json_takes_the_weights_and_answers_the_same(built):
    form = TypeAdapter(ModelSpec)  # as a checkpoint's record keeps it
    spec = form.validate_json(form.dump_json(built.spec))
    again = rebuild(spec)
    again.load_state_dict(built.module.state_dict())
    feeds = feeds_of(built)
    one, other = built.module.eval()(feeds), again.eval()(feeds)
    assert spec == built.spec
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_model_built_again_freezes_the_same(built):
    again = rebuild(built.spec)
    assert [value.requires_grad for value in again.parameters()] == [
        value.requires_grad for value in built.module.parameters()
    ]


def test_initialise_draws_weights(tiny, encoder_folder):
    built = build_model(neural_config(encoder=encoder_config(encoder_folder)), tiny.tasks)
    drawn = rebuild(built.spec, initialise=True).encoder.model.embeddings.word_embeddings.weight
    assert drawn.std() > 0


def test_the_pretrained_weights_are_in(tiny, encoder_folder):
    from safetensors.torch import load_file

    built = build_model(neural_config(encoder=encoder_config(encoder_folder)), tiny.tasks)
    stored = load_file(encoder_folder / "model.safetensors")
    ours = built.module.encoder.model.state_dict()
    assert stored.keys() == ours.keys()
    assert all(torch.equal(stored[name], ours[name]) for name in stored)


def test_the_tokenizer_neither_pads_nor_truncates(tiny, encoder_folder):
    built = build_model(neural_config(encoder=encoder_config(encoder_folder)), tiny.tasks)
    tokenizer = Tokenizer.from_str(built.tokenizer_json)
    assert tokenizer.padding is None
    assert tokenizer.truncation is None
    assert built.input_spec.tokens.pad_id == 0


def test_dropout_of_the_config_reaches_the_encoder(tiny, encoder_folder):
    built = build_model(neural_config(encoder=encoder_config(encoder_folder)), tiny.tasks)
    again = rebuild(built.spec)
    for module in (built.module, again):
        rates = {m.p for m in module.encoder.modules() if isinstance(m, torch.nn.Dropout)}
        assert rates == {0.2}


def test_more_tokens_than_positions_are_refused(tiny, encoder_folder):
    config = neural_config(encoder=encoder_config(encoder_folder, max_tokens=49))
    with pytest.raises(InputError, match=r"max_tokens=49, but .* reads at most 48"):
        build_model(config, tiny.tasks)


def test_no_task_is_refused():
    with pytest.raises(InputError, match="no task to predict"):
        build_model(TFIDF, [])


def test_a_folder_without_any_tokenizer_is_refused(tiny, encoder_folder):
    (encoder_folder / "tokenizer.json").unlink()
    config = neural_config(encoder=encoder_config(encoder_folder))
    with pytest.raises(InputError, match=r"tokenizer\.json"):
        build_model(config, tiny.tasks)


def test_a_damaged_tokenizer_is_refused(tiny, encoder_folder):
    (encoder_folder / "tokenizer.json").write_text('{"version": 1}')
    config = neural_config(encoder=encoder_config(encoder_folder))
    with pytest.raises(InputError, match="is damaged or not a tokenizer; fetch it again"):
        build_model(config, tiny.tasks)


def test_a_tokenizer_with_more_pieces_than_the_word_table_is_refused(tiny, encoder_folder):
    tokenizer = tiny.tokenizer()
    tokenizer.add_tokens(["surplus"])
    tokenizer.save(str(encoder_folder / "tokenizer.json"))
    config = neural_config(encoder=encoder_config(encoder_folder))
    with pytest.raises(InputError, match="a tokenizer of 11 pieces for an encoder of 10"):
        build_model(config, tiny.tasks)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "special"), [("multilingual-e5-small", (0, 2)), ("minilm-l6", (101, 102))]
)
def test_packaged_encoders_build_with_their_tokenizer(tiny, name, special):
    config = neural_config(encoder=encoder_config("x", weights=f"package:{name}", max_tokens=128))
    built = build_model(config, tiny.tasks)
    ids = feeds_of(built)["input_ids"]
    assert tuple(ids[1, :2].tolist()) == special
    assert all(torch.isfinite(x).all() for x in built.module.eval()(feeds_of(built)).values())
