"""What holds for a platform at its URL holds for a monolith at its own."""

# ruff: noqa: F401 (these are tests, and what they need)
from test_accounts import (
    account,
    mfuser,
    test_a_deactivated_person_is_out_until_reinstated,
    test_a_forgotten_password_is_replaced_by_a_link,
    test_an_invitation_is_a_link_to_register_with,
    test_nobody_is_called_so,
    test_people_are_listed_and_made_administrators,
)
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
from test_live_events import (
    clients,
    test_a_message_is_posted_on_the_open_connection,
    test_a_token_that_is_revoked_is_told_to_open_connections,
    test_a_user_is_online_until_the_last_connection_is_closed,
)
from test_rooms_api import (
    test_a_list_of_rooms_that_one_has_is_not_sent_again,
    test_another_nickname_is_in_the_list_of_rooms_soon,
    test_what_is_said_in_a_private_room_is_unread_for_its_members_only,
    test_who_has_just_registered_is_found_and_named,
)
