import Millrace
import Testing

@testable import MillraceOperations

@Suite(.serialized, .timeLimit(.minutes(1))) struct DashboardTests {
  @Test func thePageAsksForNothingFromElsewhere() {
    let addresses = Dashboard.page.matches(of: /https?:\/\/[^"'\s]+/).map { String($0.0) }
    // The name of SVG's elements, which nobody fetches.
    #expect(addresses.allSatisfy { $0 == "http://www.w3.org/2000/svg" })
    #expect(!Dashboard.page.contains("@import") && !Dashboard.page.contains("src=\"") && !Dashboard.page.contains("innerHTML"))
  }

  @Test(.enabled(if: HeadlessBrowser.isInstalled, "chromium is not installed"))
  func itLoadsUpdatesAndShowsAPausedLaneAsPaused() async throws {
    let rig = try OperationsRig()
    try await rig.serving { port in
      let browser = try HeadlessBrowser("http://127.0.0.1:\(port)/")
      func badge(_ lane: String) -> String { "document.querySelector('[data-lane=\"\(lane)\"] .badge')?.textContent" }
      try browser.wait(for: badge("bulk"), toBe: "joining")
      try browser.wait(for: badge("urgent"), toBe: "joining")
      #expect(try browser.text("document.querySelectorAll('[data-lane] svg').length") == "8")
      #expect(try browser.text("document.querySelector('[data-model] h2').textContent") == "Scores of fraud")
      // It follows without being loaded again.
      rig.pipeline.setPaused(true, lane: "bulk")
      try browser.wait(for: badge("bulk"), toBe: "paused")
      #expect(try browser.text(badge("urgent")) == "joining")
      rig.pipeline.setPaused(false, lane: "bulk")
      try browser.wait(for: badge("bulk"), toBe: "joining")
      for (width, scheme) in [(1280, "light"), (390, "dark")] {
        try browser.show(width: width, height: 800, scheme: scheme)
        #expect(try browser.text("document.documentElement.scrollWidth <= \(width)") == "true", "wider than \(width) pixels")
        let background = try browser.text("getComputedStyle(document.body).backgroundColor")
        #expect(background == (scheme == "dark" ? "rgb(16, 22, 28)" : "rgb(246, 247, 248)"))
      }
    }
  }
}
