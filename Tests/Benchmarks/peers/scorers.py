"""Decoding and inference as all Python peers do it: orjson a record, one numpy.fromiter and one session run a batch."""

import sys
from itertools import chain
from operator import itemgetter

import numpy
import orjson

import common

# The best of those tried. Larger fraud batches fall out of the cache between decoding and the matrix; trees gain nothing from size.
BATCH = {"fraud": 256, "ffnn": 64, "transport": 1024}


class FraudScorer:
    def __init__(self, arguments):
        names = common.feature_names(arguments.features)
        self.output, self.column = common.score_output(arguments.score)
        self.session = common.session(arguments.model)
        self.input = self.session.get_inputs()[0].name
        self.width = len(names)
        self.features = itemgetter(*names)

    def decode(self, values):
        events = [orjson.loads(value) for value in values]
        matrix = numpy.fromiter(chain.from_iterable(map(self.features, events)), numpy.float32, len(events) * self.width)
        return events, matrix.reshape(-1, self.width)

    def predict(self, values):
        events, matrix = self.decode(values)
        scores = self.session.run((self.output,), {self.input: matrix})[0][:, self.column].tolist()
        return [orjson.dumps({"id": event["id"], "card": event["card"], "score": score}) for event, score in zip(events, scores)]


class NetworkScorer:
    def __init__(self, arguments):
        self.session = common.session(arguments.model)
        self.input = self.session.get_inputs()[0].name
        self.width = self.session.get_inputs()[0].shape[1]

    def predict(self, values):
        rows = numpy.fromiter(chain.from_iterable(map(orjson.loads, values)), numpy.float32, len(values) * self.width)
        output = self.session.run(None, {self.input: rows.reshape(-1, self.width)})[0]
        return [orjson.dumps({"probabilities": row}, option=orjson.OPT_SERIALIZE_NUMPY) for row in output]


class PassThrough:
    def __init__(self, _):
        pass

    def predict(self, values):
        return values


def choose_batch(arguments):
    if arguments.batch is None:
        arguments.batch = BATCH[arguments.workload]


def make(arguments):
    choose_batch(arguments)
    return {"fraud": FraudScorer, "ffnn": NetworkScorer, "transport": PassThrough}[arguments.workload](arguments)


class Rejections:
    """One bad record must not cost its batch: a batch that fails is done again record by record."""

    def __init__(self):
        self.count = 0

    def predict(self, scorer, messages, values):
        """The messages that have predictions, and those."""
        try:
            return messages, scorer.predict(values)
        except Exception:
            pass
        good, predictions = [], []
        for message, value in zip(messages, values):
            try:
                predictions += scorer.predict([value])
                good.append(message)
            except Exception as error:
                self.count += 1
                print(f"rejected {value!r:.80}: {error!r}", file=sys.stderr)
        return good, predictions
