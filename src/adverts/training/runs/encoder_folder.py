"""Write the trained encoder of a checkpoint as a Hugging Face folder, with what it learnt from."""

from __future__ import annotations

import copy
import json
from pathlib import Path

from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from adverts.errors import InputError, IntegrityError
from adverts.evaluation.predictions.model_facts import DatasetName
from adverts.files.bounded_reading import read_json
from adverts.files.staging import staging
from adverts.json_records import from_plain
from adverts.models.encoder import TextEncoder, longest_sequence
from adverts.models.weights import locate
from adverts.training.runs.checkpoint import Checkpoint

_MARKER = "adverts.json"  # no folder of another program has it
_HOLDS = ("config.json", "*.safetensors", "model.safetensors.index.json", "tokenizer*.json")
_SPECIAL = {
    "pad_token": ("[PAD]", "<pad>"),
    "unk_token": ("[UNK]", "<unk>"),
    "cls_token": ("[CLS]", "<s>"),
    "sep_token": ("[SEP]", "</s>"),
    "mask_token": ("[MASK]", "<mask>"),
}


def write_encoder_folder(checkpoint: Checkpoint, folder: Path) -> Path:
    """Write ``config.json``, weights and tokenizer, which ``from_pretrained`` loads.

    ``adverts.json`` beside them says what the model does before and after the encoder: the prefix
    of texts, whether they are folded, which layers are read and how they are pooled, and which
    datasets the encoder learnt from.

    Args:
        checkpoint: Checkpoint of a network that reads text.
        folder: New folder, or one that this function wrote before.

    Raises:
        InputError: The model has no text encoder, or the folder holds something else.
    """
    encoder = getattr(checkpoint.module, "encoder", None)
    tokenizer, tokens = checkpoint.tokenizer, checkpoint.record.input_spec.tokens
    if not isinstance(encoder, TextEncoder) or tokenizer is None or tokens is None:
        raise InputError(
            f"{checkpoint.folder}: model={checkpoint.record.model_spec.kind} has no text encoder; "
            "train model=text, or another network that reads text"
        )
    longest, record = longest_sequence(encoder.model.config), checkpoint.record
    learnt = dict.fromkeys((record.trained_on, *record.encoder_learnt))
    with staging(folder.absolute(), marker=_MARKER, also=_HOLDS) as partial:
        _write_model(encoder.model, partial)
        _tokenizer(tokenizer, longest, types=encoder.takes_types).save_pretrained(partial)
        about = {
            "prefix": tokens.prefix,
            "text_form": tokens.text_form,
            "read_layers": list(encoder.read_layers),
            "learnt_from": [one.to_plain() for one in learnt],
            "note": "the encoder alone: pooling, standardisation and heads are in the checkpoint",
        }
        (partial / _MARKER).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return folder


def learnt_before(weights: str) -> tuple[DatasetName, ...]:
    """Return which datasets an encoder learnt from, if it is one that a run here wrote.

    Args:
        weights: Where its weights are, see :func:`adverts.models.weights.locate`.

    Raises:
        InputError: There are no usable weights.
        IntegrityError: Its ``adverts.json`` is damaged.
    """
    path = locate(weights) / _MARKER
    if not path.is_file():
        return ()
    about = read_json(path)
    try:
        return from_plain(tuple[DatasetName, ...], about["learnt_from"])
    except (KeyError, TypeError, ValueError) as error:
        raise IntegrityError(
            f"{path} does not say what the encoder learnt from; write the encoder of its run again"
        ) from error


def _write_model(model: PreTrainedModel, folder: Path) -> None:
    """Write configuration and weights, without the bar that transformers shows."""
    config = copy.deepcopy(model.config)
    config.architectures = [type(model).__name__]
    config.save_pretrained(folder)
    tensors = {name: one.detach().clone().contiguous() for name, one in model.state_dict().items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _tokenizer(tokenizer: Tokenizer, longest: int, *, types: bool) -> PreTrainedTokenizerFast:
    """Return a tokenizer of transformers that cuts and pads only where it is asked to."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    known = tokenizer.get_vocab(with_added_tokens=True)
    special = {role: name for role, names in _SPECIAL.items() for name in names if name in known}
    feeds = ["input_ids", "attention_mask", *(["token_type_ids"] if types else [])]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=longest,
        model_input_names=feeds,
        clean_up_tokenization_spaces=False,
        **special,
    )
