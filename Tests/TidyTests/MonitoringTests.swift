import Foundation
import Testing
import Yams

/// Prometheus' and Grafana's files: what they ask for exists.
@Suite struct MonitoringTests {
  private let tree = Tree.current
  private let dashboard = "config/grafana/dashboards/millrace.json"

  private func expressions() throws -> [String] {
    let object = try JSONSerialization.jsonObject(with: Data(try tree.text(of: dashboard).utf8)) as? [String: Any]
    let panels = try #require(object?["panels"] as? [[String: Any]])
    return panels.flatMap { ($0["targets"] as? [[String: Any]] ?? []).compactMap { $0["expr"] as? String } }
  }

  private func alerts() throws -> [Node] { try Manifest("config/prometheus/alerts.yml").root.list("groups.0.rules") }

  /// Names without what Prometheus adds to a histogram's.
  private func metrics(in text: String) -> Set<String> {
    Set(text.matches(of: /\bmillrace_[a-z0-9_]+/).map { String($0.0).replacing(/_(bucket|sum|count)$/, with: "") })
  }

  @Test func dashboardAndAlertsNameOnlyMetricsThatThereAre() throws {
    let used = try metrics(in: expressions().joined(separator: "\n") + tree.text(of: "config/prometheus/alerts.yml"))
    #expect(used.count > 10)
    let reference = "docs/reference/metrics.md"
    guard tree.files.contains(reference) else { return }
    #expect(used.subtracting(metrics(in: try tree.text(of: reference))).isEmpty)
  }

  @Test func theDashboardAsksTheDataSourceThatIsProvisioned() throws {
    let source = try Manifest("config/grafana/provisioning/datasources/prometheus.yml").root
    let asked = Set(try tree.text(of: dashboard).matches(of: /"uid": "([^"]+)"/).map { String($0.1) })
    #expect(asked == ["millrace", source.text("datasources.0.uid") ?? ""])
    let provider = try Manifest("config/grafana/provisioning/dashboards/millrace.yml").root
    let mounts = try Manifest("docker-compose.yml").root.texts("services.grafana.volumes")
    #expect(mounts.contains("./config/grafana/dashboards:\(provider.text("providers.0.options.path") ?? ""):ro"))
  }

  @Test func everyAlertIsExplained() throws {
    let page = try tree.text(of: "docs/how-to/recover.md")
    for alert in try alerts() {
      let name = try #require(alert.text("alert"))
      #expect(page.contains("\n## \(name)"), "docs/how-to/recover.md doesn't say what to do about \(name)")
    }
  }

  @Test(.enabled(if: Tool("promtool") != nil, "promtool, of Debian's package prometheus, is not installed"))
  func promtoolReadsAllOfIt() throws {
    let promtool = try #require(Tool("promtool"))
    let complaint = try promtool.complaint(["check", "config", "config/prometheus/prometheus.yml"])
    #expect(complaint == nil)
    // It checks no dashboards, so their expressions become rules; Grafana fills in what begins with $.
    let rules = try expressions().enumerated().map { index, expression in
      let filled = expression.replacing("$__rate_interval", with: "1m").replacing("$lane", with: ".*")
      return ["record": "panel:\(index)", "expr": filled]
    }
    let file = FileManager.default.temporaryDirectory.appending(path: "millrace-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    let groups = ["groups": [["name": "dashboard", "rules": rules] as [String: Any]]]
    try JSONSerialization.data(withJSONObject: groups, options: .withoutEscapingSlashes).write(to: file)
    let dashboardComplaint = try promtool.complaint(["check", "rules", file.path])
    #expect(dashboardComplaint == nil)
  }
}
