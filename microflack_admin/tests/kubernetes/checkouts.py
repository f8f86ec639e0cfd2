"""What deploy reads of a checkout, with other versions in it."""

import json
import os
import shutil

from builds import CHECKOUT
from rendered import INSTALL, SERVICES


def checkout(folder, **versions):
    """Return a folder with a program deploy that rolls out some other versions."""
    for service in SERVICES:
        own = folder / f"microflack_{service}"
        own.mkdir(parents=True)
        for name in ("service.env", "VERSION"):
            shutil.copy(CHECKOUT / own.name / name, own)
        if service in versions:
            (own / "VERSION").write_text(versions[service])
    admin = folder / "microflack_admin" / "install"
    shutil.copytree(INSTALL, admin / "kubernetes")
    image = admin / "ecs" / "image"
    image.mkdir(parents=True)
    shutil.copy(INSTALL.parent / "ecs" / "image" / "VERSION", image)
    return admin / "kubernetes"


def overlay(folder, base, *patches):
    """Write somebody's own overlay: patches are pairs of target and operations."""
    folder.mkdir()
    text = {"resources": [os.path.relpath(base, folder)], "namespace": "microflack"}
    if patches:
        text["patches"] = [{"target": t, "patch": json.dumps(p)} for t, p in patches]
    (folder / "kustomization.yaml").write_text(json.dumps(text))
    return folder
