"""Fetch a bundle that a registry names, such as ``models:/adverts-text@champion``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import InputError
from adverts.tracking.build import local_store_lacks, require_mlflow, tracking_uri

if TYPE_CHECKING:
    from adverts.config import TrackingConfig

_NAME = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))")


def resolve_model(uri: str, config: TrackingConfig, folder: Path) -> Path:
    """Copy the bundle of a registered model into ``folder`` and return its path there.

    Args:
        uri: ``models:/name@alias``, or ``models:/name/version``.
        config: Which tracking server or store has the registry.
        folder: Where the copy goes.

    Raises:
        InputError: It is no such URI, the registry does not know it or does not answer, or the
            model holds no bundle.
        MissingExtraError: MLflow is not installed.
    """
    found = _NAME.fullmatch(uri)
    if found is None:
        raise InputError(
            f"{uri!r} names no registered model; write models:/name@alias or models:/name/version"
        )
    require_mlflow()
    if local_store_lacks(config.uri, config.store):
        raise InputError(
            f"{uri} cannot be looked up, for there is no tracking store at {config.store}; give "
            "tracking.uri or tracking.store, or the folder of a bundle instead"
        )
    from adverts.tracking.mlflow_models import download_bundle

    return download_bundle(
        tracking_uri(config.uri, config.store),
        found["name"],
        alias=found["alias"],
        version=found["version"],
        folder=folder,
    )
