import CoreMetrics
import Millrace

/// Hands the catalogue to whatever backend the process has given swift-metrics. One task uses it.
struct MetricsExport {
  /// How often the backend gets the figures.
  static let interval = Duration.seconds(5)
  private let factory: any MetricsFactory
  /// What the counters stood at when they were last handed over.
  private var totals: [String: Double] = [:]
  private var gauges: [String: Gauge] = [:]
  /// Which gauges this push has handed over.
  private var recorded: Set<String> = []

  /// - Returns: nil if the process has no backend.
  init?(to factory: any MetricsFactory = MetricsSystem.factory) {
    if factory is NOOPMetricsHandler { return nil }
    self.factory = factory
  }

  mutating func push(_ readings: [LaneReading]) {
    recorded.removeAll(keepingCapacity: true)
    for metric in MetricCatalogue.all {
      for reading in readings {
        for sample in metric.read(reading) {
          let dimensions = Array(zip(["lane"] + metric.labels, [reading.lane.name] + sample.labels))
          push(metric, sample.value, dimensions)
        }
      }
    }
    // Of partitions that another process has now: their last figures would stay for ever.
    for (key, gauge) in gauges where !recorded.contains(key) {
      gauge.destroy()
      gauges[key] = nil
    }
  }

  private mutating func push(_ metric: Metric, _ value: Sample.Value, _ dimensions: [(String, String)]) {
    switch value {
    case .number(let number) where metric.kind == .counter: add(metric.name, number, dimensions)
    case .number(let number): record(metric.name, number, dimensions)
    case .histogram(let buckets):
      add(metric.name + "_count", Double(buckets.count), dimensions)
      add(metric.name + "_sum", buckets.sum, dimensions)
      for quantile in [0.5, 0.99] {
        record(metric.name, buckets.quantile(quantile), dimensions + [("quantile", "\(quantile)")])
      }
    }
  }

  private mutating func record(_ name: String, _ value: Double, _ dimensions: [(String, String)]) {
    let key = Self.key(name, dimensions)
    let gauge = gauges[key] ?? Gauge(label: name, dimensions: dimensions, factory: factory)
    gauges[key] = gauge
    recorded.insert(key)
    gauge.record(value)
  }

  private static func key(_ name: String, _ dimensions: [(String, String)]) -> String {
    name + dimensions.map { "\u{0}\($0.1)" }.joined()
  }

  /// Hands over by how much a counter has grown: swift-metrics counts what is added.
  private mutating func add(_ name: String, _ total: Double, _ dimensions: [(String, String)]) {
    let key = Self.key(name, dimensions)
    let added = total - totals[key, default: 0]
    totals[key] = total
    if added > 0 { FloatingPointCounter(label: name, dimensions: dimensions, factory: factory).increment(by: added) }
  }
}

extension Buckets {
  /// The bound that at least this share of the values did not exceed; the last one for those beyond it.
  func quantile(_ share: Double) -> Double {
    let rank = Int64((Double(count) * share).rounded(.up))
    guard rank > 0, let index = counts.firstIndex(where: { $0 >= rank }) else { return 0 }
    return bounds[min(index, bounds.count - 1)]
  }
}
