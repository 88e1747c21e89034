"""A trained encoder as a Hugging Face folder: transformers loads it, and it computes the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from tiny_adverts import tiny_rows
from transformers import AutoModel, AutoTokenizer

from adverts import api
from adverts.advert import Advert
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.errors import InputError, IntegrityError
from adverts.inputs.encoding import AdvertEncoder, collate
from adverts.inputs.pixels import ImageLimits
from adverts.models.one_dnn import use_one_dnn
from adverts.training.runs.checkpoint import read_checkpoint

SENTENCES = [
    "The meeting begins at nine in the morning.",
    "Takimi fillon në orën nëntë të mëngjesit.",
    "يبدأ الاجتماع في الساعة التاسعة صباحا.",
    "کۆبوونەوەکە کاتژمێر نۆی بەیانی دەست پێ دەکات.",
    "جلسه ساعت نه صبح آغاز می\u200cشود.",
    "غونډه د سهار په نهو بجو پيليږي.",
    "Cuộc họp bắt đầu lúc chín giờ sáng.",
    "Toplantı sabah saat dokuzda başlıyor.",
    "La réunion commence à neuf heures du matin.",
]
"""One sentence in nine languages."""
SMALL = {
    "trainer.tokens_per_batch": 256,
    "model.encoder.max_tokens": 32,
    "model.encoder.prefix": "",
    "model.encoder.freeze_word_table": False,
    "optimizer.learning_rate": 0.003,
    "optimizer.head_learning_rate": 0.01,
}
PLAIN = {"tracking": "none", "baseline": False}
QUIET = {"progress": False}


def require_equal(run, folder, texts):
    """Compare tokens, hidden states and logits of the folder with those of the checkpoint."""
    checkpoint = read_checkpoint(run.path)
    module = checkpoint.module
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    loaded = AutoModel.from_pretrained(
        folder, local_files_only=True, attn_implementation="eager", add_pooling_layer=False
    ).eval()
    use_one_dnn(loaded)  # as ours: what is compared are the weights, not two libraries' roundings
    ours = checkpoint.tokenizer
    ours.no_padding()
    ours.no_truncation()
    ids = [ours.encode(text).ids for text in texts]
    assert tokenizer(texts)["input_ids"] == ids
    pairs = tokenizer(texts, texts[::-1])["input_ids"]
    assert pairs == [ours.encode(a, b).ids for a, b in zip(texts, texts[::-1], strict=True)]
    batch = tokenizer(texts, padding=True, truncation=True, max_length=32, return_tensors="pt")
    with torch.no_grad():
        theirs = loaded(**batch, output_hidden_states=True).hidden_states
        wanted = module.encoder.model(**batch, output_hidden_states=True).hidden_states
        for one, other in zip(theirs, wanted, strict=True):
            assert (one - other).abs().max() < 1e-5
        spec = checkpoint.record.input_spec
        limits = ImageLimits(max_bytes=1, max_pixels=1)
        encoder = AdvertEncoder(spec, checkpoint.tokenizer, limits)
        feeds = collate([encoder.encode(Advert(id="a", text=text)) for text in texts], spec)
        tensors = {name: torch.from_numpy(value) for name, value in feeds.items()}
        before = module(tensors)
        module.encoder.model = loaded
        after = module(tensors)
    for name, logits in before.items():
        assert (after[name] - logits).abs().max() < 1e-5
        assert logits.std() > 0


def test_hidden_states_and_logits_are_those_of_the_checkpoint(
    tiny_encoder, tiny_prepared, tmp_path, capfd
):
    run = api.train(
        tiny_prepared,
        model="text",
        trainer="debug",
        run_dir=tmp_path / "run",
        overrides={**PLAIN, **SMALL, "model.encoder.weights": f"path:{tiny_encoder}"},
        **QUIET,
    )
    folder = api.write_encoder(run, tmp_path / "my encoder")
    assert capfd.readouterr() == ("", "")
    assert {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"} <= {
        one.name for one in folder.iterdir()
    }
    require_equal(run, folder, [*SENTENCES, "word1 word2 word7", ""])
    given = AutoModel.from_pretrained(tiny_encoder).state_dict()
    trained = AutoModel.from_pretrained(folder).state_dict()
    assert any((trained[name] != given[name]).any() for name in given if "pooler" not in name)
    assert api.write_encoder(run.path, folder) == folder
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "letter.txt").touch()
    with pytest.raises(InputError):
        api.write_encoder(run, tmp_path / "foreign")
    (folder / "adverts.json").unlink()  # as the folder of another program
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    with pytest.raises(InputError, match="holds something that adverts did not write"):
        api.write_encoder(run, folder)
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before


def test_what_an_encoder_learnt_in_another_run_is_not_judged(tiny_writer, tiny_encoder, tmp_path):
    own = tiny_writer(tmp_path / "tiny")
    rows = tiny_rows()
    known = [replace(row, split="train") for row in rows[370:]] + rows[300:340]
    schema = open_prepared(own).schema
    write_prepared(tmp_path / "other", known, name="other", schema=schema)

    def train(prepared, encoder, run_dir):
        return api.train(
            prepared,
            model="text",
            trainer="debug",
            run_dir=run_dir,
            overrides={**PLAIN, **SMALL, "model.encoder.weights": f"path:{encoder}"},
            **QUIET,
        )

    first = train(tmp_path / "other", tiny_encoder, tmp_path / "first")
    folder = api.write_encoder(first, tmp_path / "encoder")
    second = train(own, folder, tmp_path / "second")
    third = train(own, api.write_encoder(second, tmp_path / "again"), tmp_path / "third")
    for run in (second, third):
        report = api.evaluate(run, prepared=own, overrides={"tracking": "none"}, **QUIET)
        account = json.loads((report.path / "report.json").read_text())["account"]
        assert account["set_aside"] == 30
        assert account["lack"].startswith("its encoder was trained on another dataset, other, in")
    about = json.loads((folder / "adverts.json").read_text())
    del about["learnt_from"]  # as an older release wrote it
    (folder / "adverts.json").write_text(json.dumps(about))
    with pytest.raises(IntegrityError, match="does not say what the encoder learnt from"):
        train(own, folder, tmp_path / "fourth")
    assert not (tmp_path / "fourth").exists()


def test_a_model_without_an_encoder_is_refused(tiny_prepared, tmp_path):
    run = api.train(
        tiny_prepared, model="tfidf", run_dir=tmp_path / "run", overrides=PLAIN, **QUIET
    )
    with pytest.raises(InputError, match="has no text encoder"):
        api.write_encoder(run, tmp_path / "encoder")
    assert not (tmp_path / "encoder").exists()


@pytest.mark.slow
def test_the_packaged_encoder_is_the_same_in_nine_languages(tiny_prepared, tmp_path):
    run = api.train(
        tiny_prepared,
        model="text",
        trainer="frozen",
        run_dir=tmp_path / "run",
        overrides=PLAIN,
        **QUIET,
    )
    require_equal(run, api.write_encoder(run, tmp_path / "encoder"), SENTENCES)
