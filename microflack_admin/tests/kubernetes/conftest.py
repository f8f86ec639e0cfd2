"""An engine that builds the images."""

pytest_plugins = ["engine_fixtures"]
