"""Field types for request bodies and query strings."""

import pytest
from marshmallow import ValidationError

from microflack_common.fields import MAX_SAFE_INTEGER, Count


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
