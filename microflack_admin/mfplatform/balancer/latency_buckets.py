"""The steps in which HAProxy counts how long its servers take to answer.

HAProxy itself knows averages only. So its configuration counts each answer of a server
into one of these steps, and tells the counts at /stats/times?server=SERVICE/INSTANCE,
for the password of /stats.
"""

# Upper ends in milliseconds; one more step takes all that is slower than the last.
STEPS = (
    *(1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500),
    *(700, 1000, 2000, 5000, 10_000, 30_000),
)


def ranges() -> list[str]:
    """Return the steps as HAProxy matches them, in microseconds: ``low:high``."""
    ends = [step * 1000 for step in STEPS]
    begins = [0, *ends]
    return [f"{low}:{high - 1}" for low, high in zip(begins, ends, strict=False)] + [
        f"{ends[-1]}:"
    ]
