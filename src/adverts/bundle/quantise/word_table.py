"""Store the word table, four fifths of a multilingual model, in fewer bits.

Standard operators turn each row into 32-bit numbers when ``input_ids`` looks it up, so the whole
table is never held in 32 bits. Shape suffixes: ``V`` words, ``D`` features, ``K`` blocks of a row,
``E`` values of a block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto

from adverts.bundle.quantise.graph import Graph, make

IDS = "input_ids"
BLOCK = 32
_SMALLEST = -8


@dataclass(frozen=True, slots=True)
class Blocks:
    """A table on a grid of 16 steps for each block of a row: ``code * scale``.

    Attributes:
        codes_VD: int8, -8 to 7.
        scales_VK: float16.
    """

    codes_VD: NDArray[np.int8]
    scales_VK: NDArray[np.float16]


def shrink_word_table(graph: Graph, *, lossy: bool) -> bool:
    """Store the word table in 4 bits if that is exact, otherwise in 8 bits if that is allowed.

    Args:
        graph: The graph, changed in place.
        lossy: Whether 8 bits a number, with a scale for each word, are allowed.

    Returns:
        Whether the table changed. A table that is also used for anything else is not changed.
    """
    for node in graph.nodes:
        table = _table(graph, node)
        if table is None:
            continue
        blocks = exact_blocks(table)
        if blocks is not None:
            _read_blocks(graph, node, blocks)
        elif lossy:
            _read_rows(graph, node, table)
        else:
            continue
        return True
    return False


def _table(graph: Graph, node: NodeProto) -> NDArray[np.float32] | None:
    if node.op_type != "Gather" or node.input[1] != IDS:
        return None
    shape = graph.shape(node.input[0])
    if shape is None or len(shape) != 2 or graph.only_reader(node.input[0]) is None:
        return None
    if any(one.name == "axis" and one.i != 0 for one in node.attribute):
        return None
    table = graph.constant(node.input[0])
    if table is None or table.dtype != np.float32:
        return None
    return table.astype(np.float32, copy=False)


def exact_blocks(table_VD: NDArray[np.float32]) -> Blocks | None:
    """Return the table on its grid of 4 bits; None if any number is not on the grid.

    Checkpoints that are published in 4 bits have such tables: the largest number of a block is
    code -8. They keep them if training freezes the table.
    """
    words, features = table_VD.shape
    if features % (2 * BLOCK):
        return None
    codes_VD = np.empty((words, features), np.int8)
    scales_VK = np.empty((words, features // BLOCK), np.float16)
    for start in range(0, words, 8192):
        rows = slice(start, start + 8192)
        part_VKE = table_VD[rows].reshape(-1, features // BLOCK, BLOCK)
        found = _codes(part_VKE)
        if found is None:
            return None
        codes_VD[rows], scales_VK[rows] = found[0].reshape(-1, features), found[1]
    return Blocks(codes_VD, scales_VK)


def _codes(
    part_VKE: NDArray[np.float32],
) -> tuple[NDArray[np.int8], NDArray[np.float16]] | None:
    place = np.abs(part_VKE).argmax(axis=-1)[..., None]
    with np.errstate(over="ignore"):
        scales = (np.take_along_axis(part_VKE, place, -1) / _SMALLEST).astype(np.float16)
    wide = scales.astype(np.float32)
    with np.errstate(invalid="ignore"):
        codes = np.rint(part_VKE / np.where(wide == 0, 1, wide))
        exact = (codes >= _SMALLEST) & (codes <= 7) & (codes * wide == part_VKE)
    return (codes.astype(np.int8), scales[..., 0]) if exact.all() else None


def pack(codes_VD: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Return two codes a byte: the left half of a row in the low bits, the right in the high."""
    shifted_VD = (codes_VD - _SMALLEST).astype(np.uint8)
    left, right = np.split(shifted_VD, 2, axis=1)
    return np.asarray(left | right << 4, dtype=np.uint8)


def _read_blocks(graph: Graph, node: NodeProto, blocks: Blocks) -> None:
    out = node.output[0]
    codes = graph.add_constant(f"{out}.codes", pack(blocks.codes_VD))
    scales = graph.add_constant(f"{out}.scales", blocks.scales_VK)
    low = graph.add_constant(f"{out}.low_bits", np.array(15, np.uint8))
    four = graph.add_constant(f"{out}.four", np.array(4, np.uint8))
    eight = graph.add_constant(f"{out}.eight", np.array(-_SMALLEST, np.float32))
    apart = graph.add_constant(f"{out}.apart", np.array([0, 0, -1, BLOCK], np.int64))
    joined = graph.add_constant(f"{out}.joined", np.array([0, 0, -1], np.int64))
    last = graph.add_constant(f"{out}.last", np.array([-1], np.int64))
    graph.replace(
        node,
        make("Gather", [codes, IDS], f"{out}.packed", axis=0),
        make("BitwiseAnd", [f"{out}.packed", low], f"{out}.left"),
        make("BitShift", [f"{out}.packed", four], f"{out}.right", direction="RIGHT"),
        make("Concat", [f"{out}.left", f"{out}.right"], f"{out}.bytes", axis=-1),
        make("Cast", [f"{out}.bytes"], f"{out}.positive", to=TensorProto.FLOAT),
        make("Sub", [f"{out}.positive", eight], f"{out}.code"),
        make("Reshape", [f"{out}.code", apart], f"{out}.blocks"),
        make("Gather", [scales, IDS], f"{out}.half", axis=0),
        make("Cast", [f"{out}.half"], f"{out}.scale", to=TensorProto.FLOAT),
        make("Unsqueeze", [f"{out}.scale", last], f"{out}.scale_each"),
        make("Mul", [f"{out}.blocks", f"{out}.scale_each"], f"{out}.scaled"),
        make("Reshape", [f"{out}.scaled", joined], out),
    )


def _read_rows(graph: Graph, node: NodeProto, table_VD: NDArray[np.float32]) -> None:
    out = node.output[0]
    largest_V = np.maximum(np.abs(table_VD).max(axis=1, keepdims=True), 1e-30)
    scales_V = (largest_V / 127).astype(np.float32)
    codes_VD = np.rint(table_VD / scales_V).astype(np.int8)
    codes = graph.add_constant(f"{out}.codes", codes_VD)
    scales = graph.add_constant(f"{out}.scales", scales_V)
    graph.replace(
        node,
        make("Gather", [codes, IDS], f"{out}.bytes", axis=0),
        make("Cast", [f"{out}.bytes"], f"{out}.code", to=TensorProto.FLOAT),
        make("Gather", [scales, IDS], f"{out}.scale", axis=0),
        make("Mul", [f"{out}.code", f"{out}.scale"], out),
    )
