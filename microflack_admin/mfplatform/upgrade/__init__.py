"""Upgrades: a trial, a roll, and the way back, without a lost request."""
