"""Figures of the platform for Prometheus: what to ask, rules, a dashboard."""
