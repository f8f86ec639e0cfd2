"""Hold manifests against the schemas of versions of Kubernetes.

    python validate.py FILE VERSION...

Prints what does not fit, a line each.
"""

import sys

import kubernetes_validate
import yaml


def main(file, *versions):
    """Print all that is wrong."""
    with open(file) as opened:
        objects = [one for one in yaml.safe_load_all(opened) if one]
    for version in versions:
        for one in objects:
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                name = f"{one['kind']}/{one['metadata']['name']}"
                print(f"{version} {name}: {error.message}")


if __name__ == "__main__":
    main(*sys.argv[1:])
