"""The search of `bench_search.py --ray` by Ray Tune; its interpreter needs ray[tune] and optuna.

Arguments: folder for the results, cards, trials, shortest trial in seconds, seed.
"""

import json
import os
import sys
import time

os.environ.update(TUNE_DISABLE_AUTO_CALLBACK_LOGGERS="1", RAY_USAGE_STATS_ENABLED="0")

import optuna
import ray
from ray import tune
from ray.tune.search.optuna import OptunaSearch

folder, cards, trials, shortest, seed = sys.argv[1], *(float(word) for word in sys.argv[2:])


def train(config):
    """A trial that uses its cards for its seconds."""
    begin = time.time()
    time.sleep(config["seconds"])
    tune.report({"value": config["seconds"], "span": [begin, time.time(), config["cards"]]})


def needs(config):
    """The cards of a trial."""
    return tune.PlacementGroupFactory([{"CPU": 0, "card": config["cards"]}])


ray.init(num_cpus=os.cpu_count(), resources={"card": cards}, include_dashboard=False, log_to_driver=False)
search = OptunaSearch(
    {"cards": tune.choice([1, 2, 4]), "seconds": tune.uniform(shortest, 10 * shortest)},
    metric="value",
    mode="min",
    sampler=optuna.samplers.RandomSampler(int(seed)),
)
tuner = tune.Tuner(
    tune.with_resources(train, needs),
    tune_config=tune.TuneConfig(search_alg=search, num_samples=int(trials)),
    run_config=tune.RunConfig(storage_path=folder, verbose=0),
)
spans = [result.metrics["span"] for result in tuner.fit()]
with open(os.path.join(folder, "spans.json"), "w") as file:
    json.dump(spans, file)
