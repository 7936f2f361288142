import Foundation

/// A plot in SVG: counts as steps or bars on a logarithmic scale, and curves. Colours come from the page's style.
struct ComparisonPlot {
  private let width = 640.0
  private let height = 250.0
  private let left = 56.0
  private let bottom = 34.0
  private let top = 12.0
  private let right = 12.0
  private var body = ""

  private var innerWidth: Double { width - left - right }
  private var innerHeight: Double { height - top - bottom }

  /// Plots how often each model gave which score.
  static func distribution(_ data: ComparisonReport.Distribution, threshold: Double, names: (a: String, b: String)) -> String {
    var plot = ComparisonPlot()
    let most = max(data.a.max() ?? 0, data.b.max() ?? 0)
    plot.drawCountAxis(most)
    plot.drawValueAxis(data.from, data.to)
    for (counts, name, style) in [(data.a, names.a, "a"), (data.b, names.b, "b")] {
      let share = counts.map { Self.level($0, most) }
      var path = "M\(plot.x(0)) \(plot.y(0))"
      for (bar, level) in share.enumerated() {
        let (start, end) = (Double(bar) / Double(share.count), Double(bar + 1) / Double(share.count))
        path += " L\(plot.x(start)) \(plot.y(level)) L\(plot.x(end)) \(plot.y(level))"
      }
      plot.body += "<path class=\"area \(style)\" d=\"\(path) L\(plot.x(1)) \(plot.y(0)) Z\"/>"
      plot.drawTips(counts, data.from, data.to, name)
    }
    if threshold > data.from && threshold < data.to {
      let place = plot.x((threshold - data.from) / (data.to - data.from))
      plot.body += "<line class=\"mark\" x1=\"\(place)\" x2=\"\(place)\" y1=\"\(plot.y(1))\" y2=\"\(plot.y(0))\"/>"
      plot.body += "<text class=\"note\" x=\"\(place)\" y=\"\(plot.top + 10)\" dx=\"5\">threshold \(number(threshold))</text>"
    }
    return plot.svg("How often each model gave which score")
  }

  /// Plots how far the second score lies from the first.
  static func differences(_ data: ComparisonReport.Differences) -> String {
    var plot = ComparisonPlot()
    let most = data.counts.max() ?? 0
    plot.drawCountAxis(most)
    plot.drawValueAxis(data.from, data.to)
    for (bar, count) in data.counts.enumerated() where count > 0 {
      let (start, end) = (Double(bar) / Double(data.counts.count), Double(bar + 1) / Double(data.counts.count))
      let y = plot.y(level(count, most))
      plot.body += "<rect class=\"bar\" x=\"\(plot.x(start))\" y=\"\(y)\" width=\"\(format((end - start) * plot.innerWidth - 1))\" "
      plot.body += "height=\"\(format(plot.top + plot.innerHeight - (Double(y) ?? 0)))\"/>"
    }
    plot.drawTips(data.counts, data.from, data.to, "records")
    return plot.svg("How far the second model's score lies from the first's")
  }

  /// Plots ROC curves: the share of positives found against the share of negatives taken for one.
  static func roc(_ a: [(falseRate: Double, trueRate: Double)], _ b: [(falseRate: Double, trueRate: Double)]) -> String {
    var plot = ComparisonPlot()
    plot.drawValueAxis(0, 1)
    for step in 0...4 {
      let level = Double(step) / 4
      plot.drawLevel(level, number(level))
    }
    plot.body += "<line class=\"chance\" x1=\"\(plot.x(0))\" y1=\"\(plot.y(0))\" x2=\"\(plot.x(1))\" y2=\"\(plot.y(1))\"/>"
    for (curve, style) in [(a, "a"), (b, "b")] {
      let points = curve.map { "\(plot.x($0.falseRate)),\(plot.y($0.trueRate))" }.joined(separator: " ")
      plot.body += "<polyline class=\"line \(style)\" points=\"\(points)\"/>"
    }
    return plot.svg("Positives found against negatives taken for positives")
  }

  private func svg(_ title: String) -> String {
    "<svg viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\" aria-label=\"\(title)\">\(body)</svg>"
  }

  private func x(_ share: Double) -> String { Self.format(left + share * innerWidth) }
  private func y(_ level: Double) -> String { Self.format(top + (1 - level) * innerHeight) }

  /// The height of a count: logarithmic, because a few high scores matter beside a million low ones.
  private static func level(_ count: Int64, _ most: Int64) -> Double {
    most == 0 ? 0 : log10(1 + Double(count)) / log10(1 + Double(most))
  }

  private mutating func drawCountAxis(_ most: Int64) {
    drawLevel(0, "0")
    var tick: Int64 = 1
    while tick <= max(1, most) {
      drawLevel(Self.level(tick, max(1, most)), Self.count(tick))
      if tick > Int64.max / 10 { break }
      tick *= 10
    }
  }

  private mutating func drawLevel(_ level: Double, _ text: String) {
    body += "<line class=\"grid\" x1=\"\(x(0))\" x2=\"\(x(1))\" y1=\"\(y(level))\" y2=\"\(y(level))\"/>"
    body += "<text class=\"tick\" text-anchor=\"end\" x=\"\(x(0))\" y=\"\(y(level))\" dx=\"-6\" dy=\"4\">\(text)</text>"
  }

  private mutating func drawValueAxis(_ from: Double, _ to: Double) {
    for step in 0...5 {
      let share = Double(step) / 5
      let anchor = step == 0 ? "start" : step == 5 ? "end" : "middle"
      body += "<text class=\"tick\" text-anchor=\"\(anchor)\" x=\"\(x(share))\" y=\"\(Self.format(height - bottom + 18))\">"
      body += Self.number(from + (to - from) * share) + "</text>"
    }
  }

  /// Draws what a pointer over a bar shows.
  private mutating func drawTips(_ counts: [Int64], _ from: Double, _ to: Double, _ name: String) {
    for (bar, count) in counts.enumerated() where count > 0 {
      let (start, end) = (Double(bar) / Double(counts.count), Double(bar + 1) / Double(counts.count))
      body += "<rect class=\"tip\" x=\"\(x(start))\" y=\"\(y(1))\" width=\"\(Self.format((end - start) * innerWidth))\" "
      body += "height=\"\(Self.format(innerHeight))\"><title>\(ComparisonPage.escape(name)): \(count) from "
      body += "\(Self.number(from + (to - from) * start)) to \(Self.number(from + (to - from) * end))</title></rect>"
    }
  }

  private static func format(_ value: Double) -> String { String(format: "%.1f", value) }

  /// A number with at most four significant digits.
  static func number(_ value: Double) -> String { String(format: "%.4g", value) }

  private static func count(_ value: Int64) -> String {
    value >= 1_000_000 ? "\(value / 1_000_000)M" : value >= 1000 ? "\(value / 1000)k" : "\(value)"
  }
}
