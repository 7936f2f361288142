import ArgumentParser
import Foundation
import Millrace

/// The options of `replay --against`, and what it prints.
struct ComparisonArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Score every record with this model too, publish nothing, and report what would change.", valueName: "model"))
  var against: String?
  @Option(help: "Scores at or above it are the positive decision.") var threshold = 0.5
  @Option(help: ArgumentHelp("Report by the values of this expression, too, for example event.country.", valueName: "expression"))
  var by: String?
  @Option(help: ArgumentHelp("What was right, for example event.is_fraud: gives AUC, precision and recall.", valueName: "expression"))
  var label: String?
  @Option(help: ArgumentHelp("The output that is compared, where the models have several.", valueName: "output")) var score: String?
  @Option(help: ArgumentHelp("Write the report as a page with plots, too.", valueName: "file")) var html: String?

  var options: ComparisonOptions? {
    guard let against else { return nil }
    var options = ComparisonOptions(against: against)
    options.threshold = threshold
    options.by = by
    options.label = label
    options.score = score
    return options
  }

  func validate(output: String?, intoLive: Bool, pace: Bool, restart: Bool) throws {
    guard against != nil else {
      let given = [("--by", by), ("--label", label), ("--score", score), ("--html", html)].first { $0.1 != nil }
      if let given { throw ValidationError("\(given.0) is for a comparison: add --against MODEL") }
      return
    }
    if !threshold.isFinite { throw ValidationError("--threshold must be a number") }
    if output != nil || intoLive { throw ValidationError("--against publishes nothing: replay without it to write predictions") }
    if pace { throw ValidationError("--against has no use for --pace; --rate limits it") }
    if restart { throw ValidationError("--against keeps no progress: it always begins at the beginning") }
  }

  func write(_ report: ComparisonReport, asJSON: Bool) throws {
    if let html {
      do {
        try ComparisonPage(report).html.write(toFile: html, atomically: true, encoding: .utf8)
      } catch {
        printError("error: can't write \(html): \(error.localizedDescription)")
        throw ExitCode.runtimeFault
      }
    }
    if asJSON { return printReport(ComparisonRunReport(report)) }
    print(
      """
      \(report.compared) records scored by \(report.a.name) and \(report.b.name); by one only: \(report.onlyA + report.onlyB)
      agreement at \(report.threshold): \(String(format: "%.4f", report.agreement)), \(report.flipsUp) up, \(report.flipsDown) down
      PSI \(String(format: "%.4f", report.psi)), KS distance \(String(format: "%.4f", report.ksDistance)), \
      mean difference \(String(format: "%+.6f", report.meanDifference)), largest \(String(format: "%+.6f", report.largestDifference))
      """)
    fflush(nil)
  }
}
