"""Posts of random words, prepared and read as n-grams."""

from preparing import GIVEN, config, write_csv

from adverts.judging.ngram_rankings import read_ngrams
from adverts.prepare import prepare

LETTERS = "bcdfghklmnprstvw"


def words(draw, count, consonants=LETTERS, vowels="aeiou"):
    return [
        "".join(draw.choice(consonants) + draw.choice(vowels) for _ in range(draw.randrange(2, 5)))
        for _ in range(count)
    ]


def prepared_posts(tmp_path, rows, splits):
    """Return the dataset of rows that name their split in the column ``s``."""
    write_csv(tmp_path, rows)
    columns = {"id": "id", "text": "text", "split": "s"}
    columns |= {name: name for name in ("group",) if name in rows[0]}
    said = {"names": {one: one for one in splits}, "validation_fraction": 0}
    return prepare(config(tmp_path, columns, split=GIVEN | said))


def ngrams_of(dataset, tables, inputs=("text",)):
    """Return the n-grams of tables of a dataset; None where no text is read."""
    return read_ngrams(tables, dataset.schema.task(dataset.schema.headline), inputs)
