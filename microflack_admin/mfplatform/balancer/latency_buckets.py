"""The buckets in which HAProxy counts how long its servers take to answer.

HAProxy itself knows averages only. So its configuration counts each answer of a server
into one of these buckets, and tells the counts at /stats/times?server=SERVICE/INSTANCE,
for the password of /stats.
"""

# Upper ends in milliseconds; one more bucket takes all that is slower than the last.
BUCKETS_MS = (
    *(1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500),
    *(700, 1000, 2000, 5000, 10_000, 30_000),
)


def bucket_ranges() -> list[str]:
    """Return the buckets as HAProxy matches them, in microseconds: ``low:high``."""
    ends = [bucket * 1000 for bucket in BUCKETS_MS]
    begins = [0, *ends]
    return [f"{low}:{high - 1}" for low, high in zip(begins, ends, strict=False)] + [
        f"{ends[-1]}:"
    ]
