"""The encoder wrapper: freezing, token types, padding."""

import pytest
import torch
from transformers import DistilBertConfig, XLMRobertaConfig

from adverts.errors import InputError
from adverts.models.encoder import (
    TextEncoder,
    build_blank,
    config_values,
    longest_sequence,
    read_config,
    read_pretrained,
    set_dropout,
    transformer_layers,
)


def run(encoder, feeds):
    return encoder(feeds["input_ids"], feeds["attention_mask"], feeds["token_type_ids"])


def recorded(encoder, feeds):
    """Whether autograd records the output of each layer."""
    seen = []
    handles = [
        layer.register_forward_hook(lambda _m, _i, output: seen.append(output.requires_grad))
        for layer in transformer_layers(encoder.model)
    ]
    run(encoder.train(), feeds)
    for handle in handles:
        handle.remove()
    return seen


def test_padding_never_changes_the_result(tiny):
    encoder, feeds = tiny.encoder().eval(), tiny.feeds(3, 6, 1)
    padded = {name: torch.nn.functional.pad(feeds[name], (0, 5)) for name in list(feeds)[:3]}
    mask = feeds["attention_mask"].bool()
    torch.testing.assert_close(run(encoder, padded)[:, :6][mask], run(encoder, feeds)[mask])


def test_autograd_records_nothing_below_the_first_layer_that_learns(tiny):
    feeds = tiny.feeds(2, 5, 1)
    assert recorded(tiny.encoder(freeze_layers=0), feeds) == [True, True]
    assert recorded(tiny.encoder(freeze_layers=1), feeds) == [False, True]
    assert recorded(tiny.encoder(freeze_layers=2), feeds) == [False, False]


def test_frozen_layers_drop_nothing_in_training(tiny):
    encoder = tiny.encoder(freeze_layers=2, hidden_dropout_prob=0.5).train()
    feeds = tiny.feeds(2, 5, 1)
    assert torch.equal(run(encoder, feeds), run(encoder, feeds))


def test_layers_that_learn_drop_in_training_and_not_in_evaluation(tiny):
    encoder, feeds = tiny.encoder(freeze_layers=1, hidden_dropout_prob=0.5), tiny.feeds(2, 5, 1)
    assert not torch.equal(run(encoder.train(), feeds), run(encoder, feeds))
    assert torch.equal(run(encoder.eval(), feeds), run(encoder, feeds))


def test_a_frozen_word_table_leaves_everything_else_to_learn(tiny):
    encoder = tiny.encoder(freeze_word_table=True).eval()
    run(encoder, tiny.feeds(2, 5, 1)).sum().backward()
    frozen = [name for name, value in encoder.named_parameters() if value.grad is None]
    assert frozen == ["model.embeddings.word_embeddings.weight"]


def test_the_word_table_learns_when_it_is_not_frozen(tiny):
    encoder = tiny.encoder(freeze_word_table=False)
    assert all(value.requires_grad for value in encoder.parameters())


def test_more_frozen_layers_than_there_are_is_refused(tiny):
    with pytest.raises(InputError, match="freeze_layers=3, but the encoder has 2 layers"):
        tiny.encoder(freeze_layers=3)


def test_token_types_matter_where_there_are_several(tiny):
    encoder, feeds = tiny.encoder().eval(), tiny.feeds(2, 5, 1)
    other = {**feeds, "token_type_ids": 1 - feeds["token_type_ids"]}
    assert encoder.takes_types
    assert not torch.equal(run(encoder, feeds), run(encoder, other))


def test_token_types_are_ignored_where_there_is_one(tiny):
    encoder, feeds = tiny.encoder(type_vocab_size=1).eval(), tiny.feeds(2, 5, 1)
    assert not encoder.takes_types
    other = {**feeds, "token_type_ids": torch.full((2, 5), 7)}
    assert torch.equal(run(encoder, feeds), run(encoder, other))


def test_an_encoder_of_another_family_is_wrapped_the_same_way(tiny):
    config = DistilBertConfig(
        vocab_size=12, dim=16, hidden_dim=32, n_layers=3, n_heads=2, max_position_embeddings=32
    )
    model = build_blank(config, initialise=True)
    encoder = TextEncoder(model, freeze_word_table=True, freeze_layers=1)
    assert not encoder.takes_types
    assert encoder.features == 16
    assert recorded(encoder, tiny.feeds(2, 5, 1)) == [False, True, True]


def test_a_config_survives_the_trip_through_json(tiny):
    values = config_values(tiny.config())
    assert config_values(read_config(values)) == values


def test_a_config_of_no_known_architecture_is_refused():
    with pytest.raises(InputError, match="not a Hugging Face configuration"):
        read_config({"model_type": "no-such-architecture"})


def test_a_folder_of_no_known_architecture_is_refused_in_one_line(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "no-such-architecture"}')
    with pytest.raises(InputError, match="not a Hugging Face configuration") as caught:
        read_config(tmp_path)
    assert "\n" not in str(caught.value)


def test_dropout_is_set_everywhere_inside(tiny):
    config = tiny.config()
    set_dropout(config, 0.25)
    model = build_blank(config, initialise=True)
    rates = {m.p for m in model.modules() if isinstance(m, torch.nn.Dropout)}
    assert rates == {0.25}


def test_positions_limit_the_length(tiny):
    assert longest_sequence(tiny.config(max_position_embeddings=512)) == 512
    roberta = XLMRobertaConfig(max_position_embeddings=514, pad_token_id=1)
    assert longest_sequence(roberta) == 512


def test_a_folder_that_lacks_weights_is_refused(tiny, encoder_folder):
    with pytest.raises(InputError, match=r"16 weights of BertModel are missing"):
        read_pretrained(encoder_folder, tiny.config(num_hidden_layers=3))


def test_a_folder_with_weights_of_another_shape_is_refused(tiny, encoder_folder):
    with pytest.raises(InputError, match="6 have another shape"):
        read_pretrained(encoder_folder, tiny.config(intermediate_size=16))


def test_a_blank_encoder_is_zero_until_it_is_loaded(tiny):
    assert all((p == 0).all() for p in build_blank(tiny.config(), initialise=False).parameters())
