import Millrace

/// Metrics as Prometheus reads them: text format 0.0.4.
enum PrometheusText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  static func render(_ readings: [LaneReading], metrics: [Metric] = MetricCatalogue.all) -> String {
    var text = ""
    for metric in metrics {
      text += "# HELP \(metric.name) \(escaped(metric.help, quotes: false))\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
      for reading in readings {
        for sample in metric.read(reading) {
          let names = ["lane"] + metric.labels
          let labels = zip(names, [reading.lane.name] + sample.labels).map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
          append(metric.name, labels, sample.value, to: &text)
        }
      }
    }
    return text
  }

  private static func append(_ name: String, _ labels: String, _ value: Sample.Value, to text: inout String) {
    switch value {
    case .number(let number): text += "\(name){\(labels)} \(shown(number))\n"
    case .histogram(let buckets):
      for (bound, count) in zip(buckets.bounds, buckets.counts) {
        text += "\(name)_bucket{\(labels),le=\"\(shown(bound))\"} \(count)\n"
      }
      text += "\(name)_bucket{\(labels),le=\"+Inf\"} \(buckets.count)\n"
      text += "\(name)_sum{\(labels)} \(shown(buckets.sum))\n\(name)_count{\(labels)} \(buckets.count)\n"
    }
  }

  private static func shown(_ number: Double) -> String {
    Int64(exactly: number).map(String.init) ?? "\(number)"
  }

  static func escaped(_ text: String, quotes: Bool = true) -> String {
    let text = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    return quotes ? text.replacing("\"", with: "\\\"") : text
  }
}
