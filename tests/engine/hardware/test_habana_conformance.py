"""Training on two pretended Gaudi cards with Habana's real wheel and strategy, through the real train.py and mpirun.

`tests/habana_standin/sitecustomize.py` describes what replaces the cards. Python 3.10 alone: `make test-habana`.
"""

import ast
import importlib.metadata
import importlib.util
import inspect
import json
from pathlib import Path

import numpy as np
import pytest
from gaudi_files import write_machine
from programs import REPOSITORY, Run
from small_runs import SMALL_DETECTOR, SMALL_UNET

from engine.hardware import gaudi
from engine.runs.run_folder import read_metadata

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("habana_frameworks") is None, reason="habana-tensorflow is for Python 3.10 alone"
)

STEPS = ("trainer.train_steps=4", "trainer.validation_interval=4", "hardware.dtype=float32", "run_dir=run")
OVERRIDES = {
    "cleaner": ("task=cleaner", *SMALL_UNET, *STEPS),
    "detector": (*SMALL_DETECTOR, "dataset.pages=8", "dataset.held_out_pages=2", "trainer.image_summaries=1", *STEPS),
}
RESULTS = {"cleaner": ("ink_f1", "psnr", "ssim", "loss"), "detector": ("loss",)}
CARD, PROCESSOR = "CPU:1", "CPU:0"


@pytest.fixture(scope="module", params=OVERRIDES)
def task(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def on_cards(task: str, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("hpu2")
    machine = write_machine(cwd / "machine", 2)
    standin = {
        "PYTHONPATH": str(REPOSITORY / "tests/habana_standin"),
        "STANDIN_ROOT": str(machine),
        "STANDIN_REPORTS": str(cwd),
        "LD_LIBRARY_PATH": str(machine / "lib"),
    }
    done = run(*OVERRIDES[task], "hardware=hpu2", cwd=cwd, **standin)
    assert done.returncode == 0, done.stderr + done.stdout
    (cwd / "console.txt").write_text(done.stdout)
    return cwd


@pytest.fixture(scope="module")
def on_cores(task: str, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("cpu2")
    done = run(*OVERRIDES[task], "hardware=cpu2", cwd=cwd)
    assert done.returncode == 0, done.stderr + done.stdout
    return cwd


def reports(folder: Path) -> list[dict]:
    return [json.loads((folder / f"rank_{rank}.json").read_text()) for rank in (0, 1)]


@pytest.mark.slow
def test_two_ranks_are_one_training_under_habanas_strategy(on_cards: Path):
    first, second = reports(on_cards)
    for report in (first, second):
        assert report["strategy"] == "HabanaCollectiveAllReduceExtended"
        assert report["replicas"] == 2
    assert first["weights"] == second["weights"]


@pytest.mark.slow
def test_it_ends_like_two_ranks_on_the_processor(task: str, on_cards: Path, on_cores: Path):
    import tensorflow as tf

    ours, theirs = (tf.train.load_checkpoint(str(folder / "run/checkpoints/ckpt-4")) for folder in (on_cards, on_cores))
    names = [name for name, dtype in theirs.get_variable_to_dtype_map().items() if dtype == tf.float32]
    assert len(names) > 10  # weights, and the optimizer's momenta
    for name in names:
        np.testing.assert_allclose(ours.get_tensor(name), theirs.get_tensor(name), rtol=1e-4, atol=1e-5, err_msg=name)
    last, expected = (read_metadata(folder / "run")["history"][-1] for folder in (on_cards, on_cores))
    for name in RESULTS[task]:
        assert last[name] == pytest.approx(expected[name], rel=1e-4)


@pytest.mark.slow
def test_it_leaves_a_model_without_a_trace_of_the_card(on_cards: Path):
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel()
    model.ParseFromString((on_cards / "run/export/saved_model.pb").read_bytes())
    functions = [function for graph in model.meta_graphs for function in graph.graph_def.library.function]
    nodes = [node for function in functions for node in function.node_def]
    nodes += [node for graph in model.meta_graphs for node in graph.graph_def.node]
    devices = {node.device for node in nodes}
    assert not any(CARD in device or "HPU" in device or "job:" in device for device in devices), devices
    metadata = read_metadata(on_cards / "run")
    assert metadata["status"] == "done"
    assert metadata["hardware"]["card"] == "GAUDI"
    assert (on_cards / "run/samples.png").is_file()


@pytest.mark.slow
def test_each_rank_has_its_card_and_habanas_settings(on_cards: Path):
    for rank, report in enumerate(reports(on_cards)):
        assert report["environment"] == {
            "HABANA_VISIBLE_MODULES": "0,1",
            "HLS_MODULE_ID": str(rank),
            "TF_HABANA_COLLECTIVE_REDUCE_SYNC": "1",
            "FORCE_HABANA_IMAGENET_LOADER_FALLBACK": "1",
        }


@pytest.mark.slow
def test_the_network_is_on_the_card_and_suppression_and_pictures_are_not(task: str, on_cards: Path):
    placed = reports(on_cards)[0]["placed"]

    def devices(part: str, op: str) -> set[str]:
        return {device for name, device in placed[part] if op in name}

    refiner = {PROCESSOR} if task == "detector" else set()  # on the host, as suppression, by the number of boxes
    assert devices("evaluation", "Conv2D") == {CARD} | refiner
    assert devices("evaluation", "NonMaxSuppression") == ({PROCESSOR} if task == "detector" else set())
    assert devices("pictures", "EncodePng") == {PROCESSOR}
    assert devices("pictures", "Conv2D") <= {PROCESSOR}


@pytest.mark.slow
def test_the_shapes_are_fixed_and_listed(on_cards: Path):
    shapes = [line for line in (on_cards / "console.txt").read_text().splitlines() if line.startswith("shapes")]
    assert len(shapes) == 2
    assert not any("?" in line for line in shapes)
    assert "eval batches of each rank: " in (on_cards / "run/train.log").read_text()


def test_the_wheel_is_the_one_that_the_check_asks_for():
    from habana_frameworks.tensorflow import sysconfig

    assert importlib.metadata.version("habana-tensorflow") == gaudi.PACKAGE
    assert sysconfig._supported_tf_versions == [gaudi.TENSORFLOW_CPU]
    assert sysconfig.version_dict["VERSION"].startswith(gaudi.DRIVER)


def test_every_name_that_is_used_is_in_the_wheel():
    from habana_frameworks import tensorflow as habana
    from habana_frameworks.tensorflow import distribute

    used = set()
    for package in ("engine", "models", "data", "launchers"):
        for file in (REPOSITORY / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("habana_frameworks"):
                    used |= {f"{node.module}.{alias.name}" for alias in node.names}
                elif isinstance(node, ast.Import):
                    used |= {alias.name for alias in node.names if alias.name.startswith("habana_frameworks")}
    assert used == {
        "habana_frameworks.tensorflow.load_habana_module",
        "habana_frameworks.tensorflow.distribute.HPUStrategy",
    }
    for called in (habana.load_habana_module, distribute.HPUStrategy):
        inspect.signature(called).bind()  # both are called without arguments


def test_every_variable_that_is_set_is_read_by_the_wheel():
    folder = Path(importlib.util.find_spec("habana_frameworks").submodule_search_locations[0])
    files = [*folder.rglob("*.py"), *folder.rglob("*.so*")]
    content = b"".join(file.read_bytes() for file in files)
    names = {
        *gaudi.module_variables(2, "GAUDI"),
        "HLS_MODULE_ID",
        "HABANA_VISIBLE_MODULES",
        "OMPI_COMM_WORLD_LOCAL_RANK",
    }
    assert [name for name in names if name.encode() not in content] == []


@pytest.mark.parametrize(
    ("model", "processes", "waits"), [("GAUDI", 2, True), ("GAUDI", 1, False), ("GAUDI2", 8, False)]
)
def test_ranks_wait_for_each_other_on_the_first_generation_alone(model: str, processes: int, waits: bool):
    assert ("TF_HABANA_COLLECTIVE_REDUCE_SYNC" in gaudi.module_variables(processes, model)) == waits
