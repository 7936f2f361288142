/// The tables of the page: both models, labels, segments and flips.
extension ComparisonPage {
  var models: String {
    let rows = [("a", report.a), ("b", report.b)].map { style, model in
      [name(model, style), Self.escape(model.output), number(model.mean), number(model.microsecondsPerRow)]
    }
    return "<h2>Models</h2>" + table(["model", "output", "mean score", "µs a row"], texts: 2, rows)
  }

  var labels: String {
    guard let label = report.label else { return "" }
    if report.labelled == 0 { return "<h2>Labels</h2><p>No record has a label: <code>\(Self.escape(label))</code> gave none.</p>" }
    let rows = [("a", report.a), ("b", report.b)].map { style, model in
      [name(model, style)] + [model.auc, model.precision, model.recall].map { $0.map(number) ?? "–" }
    }
    let plot =
      report.rocA.isEmpty
      ? ""
      : "<figure>\(ComparisonPlot.roc(report.rocA, report.rocB))<figcaption>Across: negatives taken for positives. "
        + "Up: positives found.</figcaption></figure>"
    return "<h2>Labels</h2><p><code>\(Self.escape(label))</code>: \(Self.grouped(report.labelled)) labelled, "
      + "\(Self.grouped(report.positives)) positive.</p>" + table(["model", "AUC", "precision", "recall"], texts: 1, rows) + plot
  }

  var segments: String {
    guard let by = report.by, !report.segments.isEmpty else { return "" }
    let rows = report.segments.map { segment in
      [Self.escape(segment.name), Self.grouped(segment.records), Self.percent(segment.agreement)]
        + [segment.flipsUp, segment.flipsDown].map(Self.grouped)
        + [segment.meanA, segment.meanB, segment.psi, segment.ksDistance].map(number)
    }
    let titles = ["segment", "records", "agreement", "up", "down", "mean, first", "mean, second", "PSI", "KS"]
    return "<h2>By <code>\(Self.escape(by))</code></h2><div class=\"wide\">" + table(titles, texts: 1, rows) + "</div>"
  }

  var flips: String {
    if report.flips.isEmpty { return "<h2>Flips</h2><p>No decision changes at the threshold.</p>" }
    let (shown, total) = (Int64(report.flips.count), report.flipsUp + report.flipsDown)
    let part = shown < total ? ", the first \(Self.grouped(shown)) of \(Self.grouped(total))" : ""
    let hasSegments = report.by != nil
    let rows = report.flips.map { flip in
      [flip.id, flip.source].map(Self.escape) + (hasSegments ? [Self.escape(flip.segment ?? "")] : []) + [flip.a, flip.b].map(number)
    }
    let titles = ["id", "record"] + (hasSegments ? ["segment"] : []) + [report.a.name, report.b.name].map(Self.escape)
    return "<h2>Flips</h2><details open><summary>Records whose decision changes\(part)</summary><div class=\"wide tall\">"
      + table(titles, texts: hasSegments ? 3 : 2, rows) + "</div></details>"
  }

  private func name(_ model: ComparisonReport.Model, _ style: String) -> String {
    "<span class=\"key \(style)\"></span>\(self.model(model))"
  }

  private func number(_ value: Double) -> String { ComparisonPlot.number(value) }

  /// A table in HTML.
  /// - Parameter texts: how many columns are text, the first ones; numbers stand to the right.
  private func table(_ titles: [String], texts: Int, _ rows: [[String]]) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      let cells = cells.enumerated().map { column, cell in "<\(tag)\(column < texts ? "" : " class=\"n\"")>\(cell)</\(tag)>" }
      return "<tr>\(cells.joined())</tr>"
    }
    return "<table><thead>\(row(titles, "th"))</thead><tbody>\(rows.map { row($0, "td") }.joined())</tbody></table>"
  }
}
