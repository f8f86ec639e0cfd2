"""Two people in two browsers, with one process between them."""

# ruff: noqa: F401 (these are tests)
from test_chat import (
    test_a_reload_shows_the_same_conversation,
    test_a_session_that_one_window_ends_signs_the_other_out,
    test_an_edit_in_one_browser_shows_in_the_other,
    test_two_browsers_chat_with_each_other,
)
