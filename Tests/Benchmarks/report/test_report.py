"""`python3 -m unittest discover Tests/Benchmarks/report`"""

import pathlib
import tempfile
import unittest
import xml.etree.ElementTree

import aims
from report import Report
from results import Results, ResultsError, figures, ratio
from scales import figure, linear_ticks, log_ticks


def run(peer, round_, rate, **members):
    return {
        "kind": "throughput", "workload": "fraud", "peer": peer, "round": round_, "records_per_s": rate,
        "cpu_us_per_record": 1e6 / rate, "max_rss_mib": 100, **members,
    }


def results(*runs):
    return Results({"format": 1, "runs": list(runs)})


class ResultsTests(unittest.TestCase):
    def test_ratios_are_taken_within_a_round(self):
        # The machine is half as fast in the second round; the ratio does not notice.
        runs = [run("Millrace", 1, 200), run("C++ loop", 1, 220), run("Millrace", 2, 100), run("C++ loop", 2, 110)]
        self.assertAlmostEqual(ratio(runs, "records_per_s", "C++ loop", "Millrace"), 1.1)

    def test_a_peer_without_common_rounds_has_no_ratio(self):
        runs = [run("Millrace", 1, 200), run("C++ loop", 2, 110)]
        self.assertIsNone(ratio(runs, "records_per_s", "C++ loop", "Millrace"))

    def test_variants_are_peers_of_their_own(self):
        runs = [run("Millrace", 1, 200), run("Millrace", 1, 100, variant="one lane")]
        self.assertEqual({peer: spread.median for peer, spread in figures(runs, "records_per_s").items()},
                         {"Millrace": 200, "Millrace, one lane": 100})

    def test_a_run_that_lacks_a_member_is_named(self):
        with self.assertRaisesRegex(ResultsError, r"runs\[1\] lacks round"):
            results(run("Millrace", 1, 200), {"kind": "throughput", "workload": "fraud", "peer": "Millrace"})

    def test_another_format_is_refused(self):
        with self.assertRaisesRegex(ResultsError, "format 2"):
            Results({"format": 2, "runs": []})


class AimTests(unittest.TestCase):
    def reached(self, *runs):
        return {aim.what.split(":")[0] + aim.aim: aim for aim in aims.aims(results(*runs))}

    def test_what_was_not_measured_is_neither_met_nor_missed(self):
        self.assertEqual({aim.met for aim in self.reached().values()}, {None})

    def test_an_aim_that_was_missed_says_so(self):
        by_aim = self.reached(run("Millrace", 1, 160), run("Python loop, 1 process", 1, 100))
        self.assertEqual((by_aim["fraud≥ 1.7x"].met, by_aim["fraud≥ 1.7x"].reached), (False, "1.60x"))

    def test_an_aim_that_was_reached_says_so(self):
        by_aim = self.reached(run("Millrace", 1, 100), run("C++ loop", 1, 110))
        self.assertEqual((by_aim["fraud≤ 1.15x"].met, by_aim["fraud≤ 1.15x"].reached), (True, "1.10x"))

    def test_a_replay_is_held_against_the_bulk_lane(self):
        runs = [run("Millrace", 1, rate, workload="replay", variant=variant) for variant, rate in (("bulk lane", 100), ("replay", 98))]
        by_aim = self.reached(*runs)
        self.assertEqual((by_aim["replay≥ 1.0x"].met, by_aim["replay≥ 1.0x"].reached), (False, "0.98x"))

    def test_memory_is_flat_if_the_largest_takes_about_as_much_as_the_smallest(self):
        runs = [
            run("Millrace", 1, 1, kind="scaling", by="replayed", x=x, max_rss_mib=peak) for x, peak in ((10, 100), (100, 250), (1_000, 105))
        ]
        by_aim = self.reached(*runs)
        self.assertEqual((by_aim["replay≤ 1.25x"].met, by_aim["replay≤ 1.25x"].reached), (True, "1.05x"))
        self.assertIsNone(self.reached(runs[0])["replay≤ 1.25x"].met)


class ScaleTests(unittest.TestCase):
    def test_linear_ticks_are_round_and_reach_the_highest(self):
        self.assertEqual(linear_ticks(262_000), [0, 100_000, 200_000, 300_000])
        self.assertEqual(linear_ticks(0), [0, 1])

    def test_log_ticks_lie_within(self):
        self.assertEqual(log_ticks(1.6, 13_000), [10, 100, 1000, 10_000])
        self.assertEqual(log_ticks(1.6, 26), [2, 5, 10, 20])

    def test_figures_keep_three_digits(self):
        self.assertEqual([figure(value) for value in (171_234.5, 512.4, 45.67, 6.943)], ["171,234", "512", "45.7", "6.94"])


class ReportTests(unittest.TestCase):
    def write(self, *runs):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        docs = pathlib.Path(folder.name)
        Report(results(*runs), docs).write()
        return docs

    def test_every_image_exists_and_is_xml(self):
        percentiles = {"p50": 1.0, "p99": 3.0, "p999": 9.0, "max": 12.0}
        docs = self.write(
            run("Millrace", 1, 200, stages_cpu_us_per_record={"decode": 1, "infer": 4}), run("C++ <loop> & co", 1, 220),
            run("Millrace", 1, 10, kind="latency", workload="mixed", latency_ms=percentiles),
            *(run("Millrace", 1, 200 * x, kind="scaling", by="workers", x=x) for x in (1, 2)),
            *(run("Millrace", 1, 200, kind="scaling", by="backlog", x=x) for x in (1000, 1_000_000)),
            run("Millrace", 1, 10, kind="batching", variant="learned"),
            {"kind": "start", "workload": "fraud", "peer": "Millrace", "round": 1, "start_s": 0.3, "first_prediction_s": 0.004},
        )
        text = (docs / "benchmarks.md").read_text()
        images = sorted(docs.glob("images/*.svg"))
        self.assertEqual(len(images), text.count("](images/"))
        for image in images:
            self.assertIn(f"](images/{image.name})", text)
            xml.etree.ElementTree.parse(image)

    def test_plots_without_runs_go_away(self):
        docs = self.write(run("Millrace", 1, 200), run("C++ loop", 1, 220))
        self.assertTrue(list(docs.glob("images/bench-fraud-*.svg")))
        Report(results(), docs).write()
        self.assertFalse(list(docs.glob("images/*.svg")))


if __name__ == "__main__":
    unittest.main()
