"""Write the first layers of the packaged encoder: ``short_encoder.py FOLDER LAYERS``."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from safetensors.torch import load_file, save_file

from adverts.models.weights import locate


def write_short(folder: Path, layers: int) -> None:
    source = locate("package:multilingual-e5-small")
    folder.mkdir(parents=True)
    config = json.loads((source / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": layers}))
    shutil.copy(source / "tokenizer.json", folder)
    tensors = load_file(source / "model.safetensors")
    kept = {name: one for name, one in tensors.items() if _layer(name) < layers}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})


def _layer(name: str) -> int:
    parts = name.split(".")
    return int(parts[parts.index("layer") + 1]) if "layer" in parts else -1


if __name__ == "__main__":
    write_short(Path(sys.argv[1]), int(sys.argv[2]))
