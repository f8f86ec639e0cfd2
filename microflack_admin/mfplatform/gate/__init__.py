"""What runs beside a gate of the registry where there are several."""
