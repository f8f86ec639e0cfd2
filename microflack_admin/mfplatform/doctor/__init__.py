"""What mfdoctor knows and how it judges: facts, checks of them, and the report.

Nothing here changes anything. All but what asks a platform that runs needs nothing but
Python itself, since it may be the tools that are missing.
"""
