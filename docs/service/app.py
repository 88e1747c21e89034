r"""A web service that scores adverts with a bundle: an example to copy and to change.

    ADVERTS_BUNDLE=runs/mine/bundle uvicorn --app-dir docs/service app:app --port 8080
    curl localhost:8080/score -H 'content-type: application/json' \
        -d '{"adverts": [{"text": "Boat for sale"}]}'

An advert and its answer are the objects of ``python -m adverts.runtime --schema request`` and
``--schema response``. An answer orders a queue for people; it decides nothing.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException, Request

from adverts.runtime import Classifier, Limits
from adverts.runtime.predict.requests import read_object
from adverts.runtime.stream.json_lines import answer_object, respond

MOST_ADVERTS, MOST_BYTES = 100, 64_000_000
"""What one call may hold. More adverts go through ``adverts score``, which needs no service."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the bundle once. A bundle that cannot be used stops the service before it listens."""
    public_key = os.environ.get("ADVERTS_PUBLIC_KEY")
    app.state.classifier = Classifier.load(
        os.environ["ADVERTS_BUNDLE"],
        threads=int(os.environ.get("ADVERTS_THREADS", "2")),
        public_key=Path(public_key) if public_key else None,
        require_gate=os.environ.get("ADVERTS_REQUIRE_GATE", "yes") == "yes",
        limits=Limits(max_seconds=20.0),
    )
    yield


app = FastAPI(title="adverts", lifespan=lifespan)


@app.middleware("http")
async def refuse_large(request: Request, call_next: Any) -> Any:  # noqa: ANN401 - of starlette
    """Refuse a body that states no length, or too much, before it is read."""
    stated = request.headers.get("content-length", "")
    if request.method == "POST" and not (stated.isdecimal() and int(stated) <= MOST_BYTES):
        from fastapi.responses import JSONResponse

        return JSONResponse(
            {"detail": f"send at most {MOST_BYTES:,} bytes, with their length"}, 413
        )
    return await call_next(request)


@app.get("/health")
def health(request: Request) -> dict[str, str]:
    """Say which model answers."""
    return {"bundle": request.app.state.classifier.manifest.identity()}


@app.post("/score")
def score(
    request: Request, adverts: Annotated[list[Mapping[str, Any]], Body(embed=True)]
) -> dict[str, list[dict[str, object]]]:
    """Return an answer to each advert, in order; one that cannot be scored has an ``error``."""
    if len(adverts) > MOST_ADVERTS:
        raise HTTPException(413, f"send at most {MOST_ADVERTS} adverts at once")
    requests = [read_object(one) for one in adverts]
    found = respond(request.app.state.classifier, requests)
    return {
        "answers": [
            answer_object(said, id=asked.id) for asked, said in zip(requests, found, strict=True)
        ]
    }
