"""What holds for a platform at its URL holds for a monolith at its own."""

# ruff: noqa: F401, F403 (these are tests, and what they need)
from rest_contract import *
from test_accounts import (
    account,
    mfuser,
    test_a_deactivated_person_is_out_until_reinstated,
    test_a_forgotten_password_is_replaced_by_a_link,
    test_an_invitation_is_a_link_to_register_with,
    test_nobody_is_called_so,
    test_people_are_listed_and_made_administrators,
)
from test_live_events import (
    clients,
    test_a_message_is_posted_on_the_open_connection,
    test_a_token_that_is_revoked_is_told_to_open_connections,
    test_a_user_is_online_until_the_last_connection_is_closed,
)
