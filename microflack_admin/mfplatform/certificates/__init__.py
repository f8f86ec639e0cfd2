"""Certificates for TLS: where they come from, and that HAProxy has the newest one."""
