"""Accounts and presence."""
