import Foundation

/// The page of a comparison, in HTML that needs no network: style and plots are inside, and nothing runs.
package struct ComparisonPage {
  let report: ComparisonReport

  package init(_ report: ComparisonReport) { self.report = report }

  package var html: String {
    let title = "\(report.a.name) against \(report.b.name)"
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(Self.escape(title)): \(Self.escape(report.name))</title>
      <style>\(Self.style)</style>
      </head>
      <body>
      <header>
      <h1><span class="key a"></span>\(model(report.a)) against <span class="key b"></span>\(model(report.b))</h1>
      <p>\(Self.escape(subtitle))</p>
      </header>
      \(report.finished ? "" : "<p class=\"warning\">The comparison was stopped before the end of its range.</p>")
      <section class="tiles">\(tiles)</section>
      <h2>Scores</h2>
      <figure>\(ComparisonPlot.distribution(report.distribution, threshold: report.threshold, names: (report.a.name, report.b.name)))
      <figcaption>How many records got which score; the scale of the counts is logarithmic.</figcaption></figure>
      <h2>Differences</h2>
      <figure>\(ComparisonPlot.differences(report.differences))
      <figcaption>The score of \(Self.escape(report.b.name)) less that of \(Self.escape(report.a.name)).</figcaption></figure>
      \(models)
      \(labels)
      \(segments)
      \(flips)
      <footer>Scores closer than \(ComparisonPlot.number(report.resolution)) may count as equal in PSI, KS distance and AUC.</footer>
      </body>
      </html>

      """
  }

  func model(_ model: ComparisonReport.Model) -> String {
    "\(Self.escape(model.name)) <small>\(Self.escape(model.version))</small>"
  }

  private var subtitle: String {
    var text = "Replay \(report.name): \(report.range.topics.joined(separator: ", ")) from \(report.range.from) to \(report.range.to)"
    text += ", lanes \(report.range.lanes.joined(separator: ", "))"
    if let filter = report.range.filter { text += ", where \(filter)" }
    return text
  }

  private var tiles: String {
    let unscored = report.onlyA + report.onlyB + report.neither
    let cells: [(String, String, String)] = [
      (
        "records", Self.grouped(report.compared), unscored == 0 ? "all scored by both" : "\(Self.grouped(unscored)) more without two scores"
      ),
      (
        "agreement", Self.percent(report.agreement),
        "at \(ComparisonPlot.number(report.threshold)): \(Self.grouped(report.flipsUp)) up, \(Self.grouped(report.flipsDown)) down"
      ),
      ("PSI", ComparisonPlot.number(report.psi), Self.stability(report.psi)),
      ("KS distance", ComparisonPlot.number(report.ksDistance), "of the two distributions"),
      ("mean difference", Self.signed(report.meanDifference), "\(ComparisonPlot.number(report.meanAbsoluteDifference)) without signs"),
      ("largest difference", Self.signed(report.largestDifference), "\(Self.grouped(report.equal)) scores are equal"),
    ]
    return cells.map { "<div><b>\($0.1)</b><span>\($0.0)</span><small>\($0.2)</small></div>" }.joined()
  }

  static func escape(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  static func grouped(_ count: Int64) -> String {
    var digits = String(count)
    var place = digits.count - 3
    while place > 0 {
      digits.insert("\u{202F}", at: digits.index(digits.startIndex, offsetBy: place))
      place -= 3
    }
    return digits
  }

  /// A share in percent, rounded down: 100% means all.
  static func percent(_ share: Double) -> String { String(format: "%.2f%%", (share * 10_000).rounded(.down) / 100) }
  private static func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + ComparisonPlot.number(value) }

  /// A stability index in words, by the limits that are in common use.
  private static func stability(_ psi: Double) -> String {
    psi < 0.1 ? "under 0.1: the same population" : psi < 0.25 ? "0.1 to 0.25: a shift worth a look" : "over 0.25: another population"
  }

  private static let style = """
    :root{color-scheme:light dark;--page:#fcfcfb;--text:#1d1f23;--soft:#667;--line:#dcdde2;--a:#2f6fde;--b:#d9770a;--bad:#b42318}\
    @media(prefers-color-scheme:dark){:root{--page:#15171b;--text:#e6e7ea;--soft:#9aa0ab;--line:#33363e;\
    --a:#6ea2ff;--b:#ffa53d;--bad:#ff8a7a}}\
    body{margin:2rem auto;max-width:60rem;padding:0 1.25rem;background:var(--page);color:var(--text);\
    font:15px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}\
    h1{font-size:1.5rem;margin:0}h1 small,td small{color:var(--soft);font-weight:400}h2{font-size:1.05rem;margin:2rem 0 .5rem}\
    header p,figcaption,footer,summary{color:var(--soft)}header p{margin:.25rem 0 1.5rem}footer{margin-top:2.5rem;font-size:.85rem}\
    .warning{color:var(--bad)}.key{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.35em}\
    .key.a{background:var(--a)}.key.b{background:var(--b)}\
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.2rem,1fr));gap:.75rem}\
    .tiles div{border:1px solid var(--line);border-radius:8px;padding:.7rem .8rem}.tiles b{display:block;font-size:1.3rem}\
    .tiles span{display:block}.tiles small{color:var(--soft)}\
    figure{margin:0}svg{width:100%;height:auto;display:block}figcaption{font-size:.85rem}\
    .grid{stroke:var(--line)}.tick,.note{fill:var(--soft);font-size:11px}.mark{stroke:var(--text);stroke-dasharray:4 3}\
    .area{fill-opacity:.22;stroke-width:1.5}.area.a{fill:var(--a);stroke:var(--a)}.area.b{fill:var(--b);stroke:var(--b)}\
    .bar{fill:var(--soft)}.tip{fill:transparent}.tip:hover{fill:var(--text);fill-opacity:.08}\
    .line{fill:none;stroke-width:2}.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.chance{stroke:var(--line);stroke-dasharray:3 3}\
    table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;text-align:left;border-bottom:1px solid var(--line)}\
    th{font-weight:600;color:var(--soft)}.n{text-align:right}.wide{overflow-x:auto}.tall{max-height:28rem;overflow-y:auto}\
    code{font-size:.95em}
    """
}
