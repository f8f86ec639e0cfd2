"""An engine for all tests of a run."""

from collections.abc import Iterator

import pytest
from base_images import make_base
from engines import Engine, NoEngine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Return a Docker engine that can build the platform's images."""
    engine = Engine()
    try:
        engine.start()
        make_base(engine)
        yield engine
    except NoEngine as reason:
        pytest.skip(f"no Docker engine here: {reason}")
    finally:
        engine.stop()
