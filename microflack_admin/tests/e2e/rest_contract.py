"""What holds at a chat's URL, whatever is behind it: its tests, for other places."""

# ruff: noqa: F401 (who takes all of them has tests)
from test_api import (
    test_a_mebibyte_is_refused_with_an_answer,
    test_a_post_that_is_sent_twice_at_once_is_stored_once,
    test_every_api_describes_itself,
    test_every_error_is_json,
    test_history_is_paged_back_to_its_beginning,
    test_nicknames_are_compared_without_case_in_the_real_database,
    test_one_nickname_registered_by_many_at_once_is_given_once,
    test_text_of_every_script_survives_the_databases,
    test_the_whole_way_from_registration_to_a_message,
)
from test_rooms_api import (
    test_a_list_of_rooms_that_one_has_is_not_sent_again,
    test_another_nickname_is_in_the_list_of_rooms_soon,
    test_what_is_said_in_a_private_room_is_unread_for_its_members_only,
    test_who_has_just_registered_is_found_and_named,
)
