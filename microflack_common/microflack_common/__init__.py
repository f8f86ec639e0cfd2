"""What every MicroFlack service shares: mechanisms, never business rules."""
