"""An order that its recipient's configuration forbids is refused as a whole."""

import datetime

import pytest
from made_items import TODAY, item, order, recipient

from adverts.errors import InputError
from adverts_findings.sharing.leaving.checks import check_items
from adverts_findings.sharing.leaving.order import require_allowed

pytestmark = pytest.mark.promise


def day(number):
    return TODAY + datetime.timedelta(days=number)


@pytest.mark.parametrize(
    "fine",
    [
        order(),
        order(expires=day(1)),
        order(expires=day(100)),
        order(approved_by=" ada  DEMO "),
        order(action="block"),
        order(recipient(block=False)),
    ],
)
def test_what_the_configuration_allows_is_not_refused(fine):
    require_allowed(fine, TODAY)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (order(kinds=()), "kinds= names nothing"),
        (order(recipient(kinds=["hashes"])), "may not get notice, only hashes"),
        (order(kinds=("hashes", "stix"), to=recipient(kinds=["hashes"])), "may not get stix"),
        (order(approved_by="Dan Demo"), "nobody who may approve"),
        (order(approved_by="  "), "nobody who may approve"),
        (order(recipient(approvers=["Ada Demo", " "]), approved_by="  "), "nobody who may approve"),
        (order(purpose="Removal"), "for the purpose 'Removal', only for removal"),
        (order(expires=TODAY), "is not after today"),
        (order(expires=day(-1)), "is not after today"),
        (order(expires=day(101)), f"give {day(100)} or a day before"),
        (order(recipient(block=False), action="block"), "may not be told to block"),
    ],
)
def test_each_fault_is_one_line_and_nothing_is_shared(one, said):
    with pytest.raises(InputError) as caught:
        check_items([item()], one, {}, TODAY)
    message = str(caught.value)
    assert said in message
    assert message.endswith("; nothing is shared")
    assert "\n" not in message
    assert "Demo" not in message


def test_a_faulty_order_is_refused_even_where_there_is_no_advert():
    with pytest.raises(InputError):
        check_items([], order(purpose="other"), {}, TODAY)
