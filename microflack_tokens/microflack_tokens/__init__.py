"""Sign in: tokens for users who know their password."""
