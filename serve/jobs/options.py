"""Training options that depend on each other: a client cannot set an option that a parent or a search decides."""

from genloss.model.scoring.bundle import Bundle
from genloss.serve.http.problems import RequestError
from genloss.serve.jobs.schemas import TrainingOptions

OF_NETWORK = ("aggregator", "dropout", "jitter")
OF_SEARCH = (*OF_NETWORK, "versions_per_batch", "blocks", "learning_rate")


def completed(training: TrainingOptions, parent: Bundle | None) -> TrainingOptions:
    """Fills options that the client did not state with those of the parent's network.

    Raises:
        RequestError: request_invalid, when options contradict each other or the parent.
    """
    stated = training.model_fields_set
    if training.search_trials:
        if training.parent is not None:
            raise RequestError("request_invalid", "a search looks for a network, a parent brings one; leave one of them out")
        if told := [name for name in OF_SEARCH if name in stated]:
            raise RequestError("request_invalid", f"the search decides about {', '.join(told)}; leave that out")
    if parent is None:
        return training
    network = parent.description.get("network", {})
    if "aggregator" in stated and training.aggregator != network.get("aggregator", training.aggregator):
        raise RequestError("request_invalid", f"the aggregator of the parent is {network['aggregator']}; leave it out")
    return training.model_copy(update={name: network[name] for name in OF_NETWORK if name not in stated and name in network})
