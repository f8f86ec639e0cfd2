"""The UI service: the page of MicroFlack and its code."""
