"""Field types for request bodies and query strings."""

import pytest
from marshmallow import ValidationError

from microflack_common.fields import (
    MAX_SAFE_INTEGER,
    Count,
    Flag,
    Number,
    OptionalBody,
    Text,
)


@pytest.mark.parametrize("text", ["0", "7", "007", str(MAX_SAFE_INTEGER)])
def test_a_count_is_a_whole_number(text):
    assert Count().deserialize(text) == int(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "1_0",
        " 1",
        "1\n",
        "1.0",
        "1e3",
        "0x1",
        "\u0661",
        "\uff11",
        "9" * 5000,
    ],
)
def test_a_count_is_nothing_that_only_python_takes_for_one(text):
    with pytest.raises(ValidationError):
        Count().deserialize(text)


class Party(OptionalBody):
    """What an invitation to a party says."""

    where = Text(required=True)
    guests = Number(1, 9, error="Must be 1 to 9.")
    loud = Flag(load_default=False)


def test_null_is_as_if_an_optional_field_were_left_out():
    sent = {"where": "here", "guests": None, "loud": None, "other": None}
    assert Party().load(sent) == {"where": "here", "loud": False}
    assert set(Party().validate({"where": None})) == {"where"}


@pytest.mark.parametrize("value", ["1", True, 1.5, [1], {}, float("nan")])
def test_a_number_is_a_json_number(value):
    assert set(Party().validate({"where": "here", "guests": value})) == {"guests"}


@pytest.mark.parametrize("value", [0, 10, 2**70])
def test_a_number_is_in_its_range(value):
    errors = Party().validate({"where": "here", "guests": value})
    assert errors == {"guests": ["Must be 1 to 9."]}
    assert Party().load({"where": "here", "guests": 1.0})["guests"] == 1


@pytest.mark.parametrize("value", ["true", 1, 0, "", []])
def test_a_flag_is_a_json_boolean(value):
    assert set(Party().validate({"where": "here", "loud": value})) == {"loud"}
    assert Party().load({"where": "here", "loud": True})["loud"] is True
