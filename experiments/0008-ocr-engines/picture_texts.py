"""Write what each picture of the fictional corpus says, as one reader reads it, or as it was drawn.

Usage::

    python experiments/0008-ocr-engines/picture_texts.py truth runs/0008/truth.jsonl
    python experiments/0008-ocr-engines/picture_texts.py stock runs/0008/stock.jsonl
    python experiments/0008-ocr-engines/picture_texts.py auto  runs/0008/auto.jsonl

``stock`` is ``easyocr.Reader(["en"]).readtext`` as it comes; any other name is one of
``configs/ocr``. A file that is there already is gone on with.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from adverts.data.synthetic.composing import compose
from adverts.data.synthetic.corpus import plan_corpus, write_corpus

SIZE, SEED, FOLDS = 900, 7, 5
LANGUAGES = ("en", "fr", "sq", "tr", "vi", "ar", "fa", "ckb", "ps")
CORPUS = {
    "adverts": SIZE,
    "images": SIZE,
    "image_scripts": ("Latn", "Arab"),
    "languages": LANGUAGES,
    "seed": SEED,
}
Read = Callable[[Path], str]


def stock() -> Read:
    """Return what EasyOCR says of a file by its own defaults, line after line."""
    import easyocr
    import easyocr_en_models

    with tempfile.TemporaryDirectory() as empty:
        reader = easyocr.Reader(
            ["en"],
            gpu=False,
            download_enabled=False,
            verbose=False,
            model_storage_directory=str(easyocr_en_models.model_dir()),
            user_network_directory=empty,
        )
    return lambda path: "\n".join(reader.readtext(str(path), detail=0))


def ours(name: str) -> Read:
    """Return what the reader of ``configs/ocr/<name>.yaml`` says of a file."""
    from hydra import compose as compose_config
    from hydra import initialize_config_module
    from omegaconf import OmegaConf

    from adverts.config.ocr import OcrConfig
    from adverts.data.preparing.build_reader import build_reader
    from adverts.inputs.pixels import CHECKED, open_image, rgb_array

    with initialize_config_module("adverts.configs", version_base="1.3"):
        chosen = compose_config(overrides=[f"+ocr={name}"]).ocr
    reader = build_reader(OcrConfig.model_validate(OmegaConf.to_container(chosen)))
    assert reader is not None, "ocr=none reads nothing"
    return lambda path: reader.read(rgb_array(open_image(path.read_bytes(), CHECKED))).text


def truths() -> Iterator[str]:
    """Yield what each picture was drawn with."""
    for row in plan_corpus(**CORPUS):
        text = compose(row, SEED).picture_text
        assert text is not None, "every advert of this corpus has a picture"
        yield text


def folds(templates: Sequence[str]) -> dict[str, int]:
    """Deal the templates of each language and class in turn, so that a fold holds whole ones."""
    return {name: i % FOLDS for i, name in enumerate(sorted(set(templates)))}


def split(fold: int, tested: int) -> str:
    """Return the split of a template when fold number ``tested`` is test."""
    return {tested: "test", (tested + 1) % FOLDS: "validation"}.get(fold, "train")


def main() -> None:
    """Write one JSON line for each picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reader")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    done = len(options.out.read_text().splitlines()) if options.out.is_file() else 0
    with tempfile.TemporaryDirectory() as folder, options.out.open("a", encoding="utf-8") as file:
        listed = write_corpus(Path(folder) / "corpus", progress=False, **CORPUS)
        rows = [json.loads(line) for line in listed.read_text(encoding="utf-8").splitlines()]
        pictures = (listed.parent / row["image"] for row in rows[done:])
        if options.reader == "truth":
            texts = iter(list(truths())[done:])
        else:
            texts = map(stock() if options.reader == "stock" else ours(options.reader), pictures)
        fold_of = folds([row["template"] for row in rows])
        for row in tqdm(rows[done:], options.reader, unit="picture"):
            kept = {key: row[key] for key in row if key not in ("image", "modality", "split")}
            fold = fold_of[row["template"]]
            kept |= {f"fold_{tested}": split(fold, tested) for tested in range(FOLDS)}
            file.write(json.dumps(kept | {"text": next(texts)}, ensure_ascii=False) + "\n")
            file.flush()


if __name__ == "__main__":
    main()
