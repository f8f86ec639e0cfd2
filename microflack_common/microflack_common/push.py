"""Publish changes to connected clients, through Redis, after they are committed.

Each says who may hear of it. Needs the extra ``microflack-common[events]``.

Redis keeps which changes were published: the last numbers of each counter, and for a
while the keys of changes that have no number. What a service that died has committed
and not published is found so, and published by another one or by the next start:
clients take what they have already seen without harm.
"""

from collections.abc import Collection
from typing import Any

from flask import Flask, current_app

from microflack_common import traces
from microflack_common.audience import Audience
from microflack_common.published_numbers import Number
from microflack_common.publisher import REMOVED, Publication, Publisher


def init_app(app: Flask) -> None:
    """Let ``app`` publish to the Redis that its setting REDIS names, if any."""
    address = app.config.get("REDIS")
    app.extensions["microflack_push"] = Publisher(address) if address else None


def updated_model(
    model_class: str,
    model: dict[str, Any],
    *,
    audience: Audience,
    key: str | None = None,
    number: Number | None = None,
    if_unpublished: bool = False,
) -> None:
    """Tell clients that a model is new or changed. Call it after the commit.

    It returns at once and never fails.

    :param model_class: such as ``User`` or ``Message``.
    :param model: what the API shows of it; it must not be changed any more.
    :param audience: who may read the model.
    :param key: a name of this very change, by which it is known for a while that it was
        published.
    :param number: the number of this change, by which that is known, too.
    :param if_unpublished: leave out a change whose key was published lately: for a
        service that starts, and may have died between a commit and its publication.
    """
    _publish(Publication(model_class, model, audience, key, number, if_unpublished))


def removed_model(
    model_class: str,
    model_id: int,
    *,
    audience: Audience,
    key: str | None = None,
    if_unpublished: bool = False,
) -> None:
    """Tell clients that they may not read a model any more. Call it after the commit.

    It returns at once and never fails. The parameters are those of ``updated_model``.
    """
    model = {"id": model_id}
    _publish(
        Publication(model_class, model, audience, key, None, if_unpublished, REMOVED)
    )


def unpublished(app: Flask, keys: Collection[str]) -> set[str]:
    """Return those of ``keys`` that were not published lately.

    None, if ``app`` publishes nothing; all of them while Redis is away.
    """
    publisher: Publisher | None = app.extensions["microflack_push"]
    return publisher.unpublished(keys) if publisher else set()


def unpublished_numbers(app: Flask, counter: str, last: int) -> list[int]:
    """Return which numbers of a counter up to ``last`` were committed, not published.

    None, if ``app`` publishes nothing or Redis is away.
    """
    publisher: Publisher | None = app.extensions["microflack_push"]
    return publisher.unpublished_numbers(counter, last) if publisher else []


def flush(app: Flask, timeout_seconds: float) -> None:
    """Wait until all changes of ``app`` so far are published, or the timeout."""
    publisher: Publisher | None = app.extensions["microflack_push"]
    if publisher:
        publisher.flush(timeout_seconds)


def answers(app: Flask) -> None:
    """Return if the Redis of ``app`` answers; raise what its client does otherwise."""
    publisher: Publisher | None = app.extensions["microflack_push"]
    if publisher:
        publisher.answers()


def _publish(publication: Publication) -> None:
    publisher: Publisher | None = current_app.extensions["microflack_push"]
    if publisher is None:
        return
    with traces.step(f"publish {publication.model_class}", traces.PRODUCER):
        if origin := traces.origin():
            publication = publication._replace(origin=origin)
        publisher.publish(publication)
