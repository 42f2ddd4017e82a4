"""Put on PYTHONPATH, stands in for what Habana's software needs of a machine, and for nothing else.

The processes that the tests start are real: train.py, launcher, mpirun, HPUStrategy of the installed wheel. Without a
card three things of the wheel cannot run, and are put out as each module is imported: loading its device library, the
handshake of the cards, and the device `HPU:0`, in whose place is this machine's `CPU:0`. The card itself is a tree of
files, `STANDIN_ROOT`. At the end of its training each rank reports in `STANDIN_REPORTS` what it had.
"""

import hashlib
import importlib.abc
import importlib.util
import json
import os
import sys
from pathlib import Path

CARD = "CPU:1"


def machine(module):
    module.ROOT = Path(os.environ["STANDIN_ROOT"])


def library_loader(module):
    def load_habana_module():
        import tensorflow as tf

        (processor,) = tf.config.list_physical_devices("CPU")
        # Fails, as it should, once anything has touched a device.
        tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)

    module.load_habana_module = load_habana_module


def hpu_strategy(module):
    module.comm_init = lambda replicas: None
    module.install_allcompare = lambda: None

    def local_devices(self, cluster_resolver, worker_device):
        return (f"{worker_device}/device:{CARD}",), "CPU"

    module.HabanaCollectiveAllReduceExtended._initialize_local_devices = local_devices


def training_loop(module):
    class Placements(module.Callback):
        """Notes which operations of evaluations and pictures were placed where."""

        def __init__(self, part, placed):
            self._part, self._placed = part, placed

        def on_evaluation(self, state):
            from tensorflow.python.eager import context

            for function in context.context().export_run_metadata().function_graphs:
                for graph in function.partition_graphs:
                    found = {(node.op, node.device.rpartition("device:")[2]) for node in graph.node}
                    self._placed.setdefault(self._part, set()).update(found)

    class Reporting(module.TrainingLoop):
        def __init__(self, run, task, params, strategy, goal, checkpoint_interval, callbacks):
            self._strategy, self._placed = strategy, {}
            noted = [Placements("evaluation", self._placed), *callbacks, Placements("pictures", self._placed)]
            super().__init__(run, task, params, strategy, goal, checkpoint_interval, noted)

        def _evaluate(self):
            from tensorflow.python.eager import context

            context.context().enable_graph_collection()
            super()._evaluate()

        def run(self):
            outcome = super().run()
            weights = self.state.model.trainable_weights
            digest = hashlib.sha256(b"".join(weight.numpy().tobytes() for weight in weights))
            names = [name for name in os.environ if name.startswith(("HLS_", "HABANA_", "TF_HABANA_", "FORCE_HABANA_"))]
            report = {
                "replicas": self._strategy.num_replicas_in_sync,
                "strategy": type(self._strategy.extended).__name__,
                "weights": digest.hexdigest(),
                "environment": {name: os.environ[name] for name in names},
                "placed": {part: sorted(placed) for part, placed in self._placed.items()},
            }
            rank = os.environ["OMPI_COMM_WORLD_RANK"]
            Path(os.environ["STANDIN_REPORTS"], f"rank_{rank}.json").write_text(json.dumps(report))
            return outcome

    module.TrainingLoop = Reporting


AFTER_IMPORT = {
    "hydra_plugins.mpi_launcher._machine": machine,
    "habana_frameworks.tensorflow.library_loader": library_loader,
    "habana_frameworks.tensorflow.distribute._hpu_strategy": hpu_strategy,
    "engine.training.loop": training_loop,
}


class Finder(importlib.abc.MetaPathFinder):
    """Finds what the others find, and changes it once it is loaded."""

    def find_spec(self, name, path=None, target=None):
        change = AFTER_IMPORT.get(name)
        if change is None:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        load = spec.loader.exec_module

        def load_and_change(module):
            load(module)
            change(module)

        spec.loader.exec_module = load_and_change
        return spec


sys.meta_path.insert(0, Finder())
