"""The registry in a real store: who is champion, who was before, who moved it meanwhile."""

import pytest

from adverts.advert import LabelSchema, Task
from adverts.config import TrackingConfig
from adverts.errors import InputError
from adverts.inputs.pixels import ImageLimits
from adverts.inputs.spec import InputSpec
from adverts.runtime.manifest import BundleManifest
from adverts.tracking import open_registry
from adverts.tracking.events import LoggedBundle
from adverts.tracking.registry import promotion_tags

MANIFEST = BundleManifest(
    name="tiny",
    files={},
    label_schema=LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer"),
    input_spec=InputSpec(
        inputs=("text",),
        tokens=None,
        hashing=None,
        image=None,
        ocr_quality=False,
        masking_version=2,
        folding_version=2,
    ),
    image_limits=ImageLimits(1, 1),
    precision="fp32",
    batching="padded",
    opset=18,
    runs_on={"onnxruntime": ">=1.20"},
    ocr=None,
    dataset={},
    training={},
    weights=(),
    parity={},
    created_by={},
)


def tracking(store, **changes):
    values = {"kind": "mlflow", "uri": None, "store": store, "experiment": "e"}
    return TrackingConfig.model_validate({**values, "log_checkpoint": False} | changes)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("registry")


@pytest.fixture
def registry(store):
    return open_registry(tracking(store))


@pytest.fixture
def add(registry, tmp_path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "manifest.json").write_text(MANIFEST.to_json())
    bundle = LoggedBundle(str(tmp_path / "bundle"), tmp_path.name)

    def call(model, previous=None, run_id=None):
        tags = promotion_tags(
            "champion", previous, approved_by="A. Person", reason="why", told={"gate_sha256": "a"}
        )
        return registry.add(
            model,
            bundle,
            tags=tags,
            experiment="e",
            run_id=run_id,
            description="* Gate first: **passed**",
            figures={"gate.precise": 0.71234},
        )

    return call


@pytest.mark.slow
def test_a_version_tells_who_why_and_what_it_followed(registry, add):
    assert registry.named("told", "champion") is None
    first = add("told")
    registry.move("champion", first, known=None)
    second = add("told", first, run_id="f" * 32)  # no run of this store
    registry.move("champion", second, known=first)
    assert add("told", second, run_id="of another server").number == "3"
    found = registry.named("told", "champion")
    assert found == second
    assert (first.number, second.number) == ("1", "2")
    assert found.tags["approved_by"] == "A. Person"
    assert found.tags["reason"] == "why"
    assert found.tags["gate_sha256"] == "a"
    assert found.tags["gate.precise"] == "0.7123"
    known = registry._client.get_model_version("told", found.number)
    assert known.description == "* Gate first: **passed**"
    assert "adverts promote" in registry._client.get_registered_model("told").description
    assert found.previous("champion") == "1"
    assert found.previous("trial") is None
    assert first.previous("champion") is None
    registry.note(first, {"rolled_back_by": "B. Person"})
    assert registry.version("told", "1").tags["rolled_back_by"] == "B. Person"


@pytest.mark.slow
def test_an_alias_that_somebody_moved_meanwhile_stays_where_they_put_it(registry, add):
    first = add("moved")
    registry.move("champion", first, known=None)
    theirs = add("moved", first)
    ours = add("moved", first)
    registry.move("champion", theirs, known=first)
    with pytest.raises(InputError, match="it names version 2, but version 1 was expected"):
        registry.move("champion", ours, known=first)
    assert registry.named("moved", "champion") == theirs
    for one in (theirs, ours):
        registry.withdraw(one)
    assert registry.named("moved", "champion") == theirs
    with pytest.raises(InputError):
        registry.version("moved", ours.number)


@pytest.mark.slow
def test_the_files_of_a_version_hold_the_bundle(store, registry, add):
    from mlflow import MlflowClient

    version = add("files")
    client = MlflowClient(f"sqlite:///{store}/mlflow.db")
    source = client.get_model_version("files", version.number).source
    model_id = source.removeprefix("models:/")
    listed = {
        item.path for item in client.list_logged_model_artifacts(model_id, "artifacts/bundle")
    }
    assert listed == {"artifacts/bundle/manifest.json"}
    assert client.get_logged_model(model_id).source_run_id is None


@pytest.mark.slow
def test_a_copy_that_was_not_registered_before_the_kill_is_registered(
    store, registry, add, monkeypatch, tmp_path
):
    import mlflow
    from mlflow import MlflowClient

    def killed(*_, **__):
        raise KeyboardInterrupt

    client = MlflowClient(f"sqlite:///{store}/mlflow.db")
    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, "create_model_version", killed)
        with pytest.raises(KeyboardInterrupt):
            add("killed")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/of_a_new_process.db")
    mlflow.set_registry_uri(None)
    assert add("killed").number == "1"
    assert not (tmp_path / "of_a_new_process.db").exists()
    [experiment] = client.search_experiments(filter_string="name = 'e'")
    copies = client.search_logged_models([experiment.experiment_id])
    assert [one.tags.get("promoted_manifest_sha256") for one in copies].count(tmp_path.name) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "told"), [("a/b", "Names cannot contain"), ("absent", "not found")]
)
def test_what_the_registry_refuses_is_one_line(registry, model, told):
    with pytest.raises(InputError, match=f"{model}: the registry says: .*{told}") as caught:
        registry.version(model, "1")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_one_line_without_credentials(store):
    dead = open_registry(tracking(store, uri="http://me:hunter2@127.0.0.1:9"))
    with pytest.raises(InputError, match="m: the registry says: ") as caught:
        dead.named("m", "champion")
    assert "hunter2" not in str(caught.value)


def test_without_a_server_there_is_no_champion(store):
    with pytest.raises(InputError, match="tracking=none has none"):
        open_registry(tracking(store, kind="none"))
