import numpy as np
import pytest

from adverts_findings.campaigns.edges import Edges, edge_name, join_edges


def edges(count: int, **columns: object) -> Edges:
    numbers = np.arange(count)
    told = {
        **{name: numbers for name in ("first", "second", "kind", "adverts", "accounts", "also")},
        **{name: numbers.astype(float) for name in ("silence", "weight", "probability")},
        **{"status": numbers % 3, "across": numbers > 0},
        **{name: tuple(map(str, range(count))) for name in ("value", "reason")},
        **columns,
    }
    return Edges(**told)


def test_what_speaks_against_an_edge_is_nothing_where_it_is_left_out() -> None:
    assert edges(3).against.tolist() == [0, 0, 0]
    assert edges(0).against.tolist() == []


def test_what_speaks_against_an_edge_stays_with_it() -> None:
    some = edges(3, against=np.array([1, 2, 4]))
    assert some.chosen(np.array([2, 0])).against.tolist() == [4, 1]
    assert join_edges([some, edges(1)]).against.tolist() == [1, 2, 4, 0]
    assert some.with_status(np.array([0]), "review", "why").against.tolist() == [1, 2, 4]


@pytest.mark.parametrize("name", ["second", "value", "reason", "against"])
def test_a_column_of_another_length_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} has 2 of 3 edges"):
        edges(3, **{name: ("0", "1") if name in ("value", "reason") else np.arange(2)})


def test_an_edge_has_one_name_whichever_advert_comes_first() -> None:
    assert edge_name("contact", "v", "a", "b") == edge_name("contact", "v", "b", "a")
    assert edge_name("contact", "v", "a", "b") != edge_name("account", "v", "a", "b")
