/// Checks that each record of each topic has exactly one lane, and that that lane reads it: for every topic, from the file alone.
extension Configuration {
  mutating func checkRoutes(_ place: ConfigurationReader.Place, _ reader: inout ConfigurationReader) {
    guard !lanes.isEmpty else { return }
    var complete = true
    for lane in lanes where topics(of: lane).isEmpty {
      complete = false
      if lane.topics == nil, writtenTopics == nil {
        reader.report(
          "lane '\(lane.name.value)' has no topics", at: lane.name.location,
          help: "add topics at the top level, for example: topics: [transactions]")
      }
    }
    guard let written = writtenRoutes else {
      routes = lanes.map { lane in
        var route = Route()
        (route.location, route.lane) = (lane.name.location, lane.name)
        return route
      }
      if complete { checkImplied(place, &reader) }
      return
    }
    routes = written
    guard !written.isEmpty else { return }
    checkLanesOfRoutes(&reader)
    if complete { checkCoverage(&reader) }
  }

  /// Checks topics without `routes`: the topic's only lane takes all of it.
  private func checkImplied(_ place: ConfigurationReader.Place, _ reader: inout ConfigurationReader) {
    for topic in allTopics {
      let readers = lanes.filter { reads($0, topic) }.map(\.name.value)
      guard readers.count > 1 else { continue }
      reader.report(
        "missing key 'routes': lanes \(readers.joined(separator: ", ")) read the topic '\(topic)'", at: place.location,
        help: "say which one takes a record, and end with one that takes the rest: "
          + "routes: [{lane: \(readers[0]), when: …}, {lane: \(readers[1])}]")
      return
    }
  }

  private func checkLanesOfRoutes(_ reader: inout ConfigurationReader) {
    for route in routes where lane(named: route.lane.value) == nil {
      reader.report(
        "unknown lane \(route.lane.value.shown) in routes", at: route.lane.location,
        help: ConfigurationReader.suggestion(for: route.lane.value, among: lanes.map(\.name.value), words: "lanes"))
    }
    for lane in lanes where !routes.contains(where: { $0.lane.value == lane.name.value }) {
      // A misspelled route is one mistake, not two.
      if routes.contains(where: { self.lane(named: $0.lane.value) == nil }) { continue }
      reader.report(
        "no route leads to lane '\(lane.name.value)'", at: lane.name.location,
        help: "add {lane: \(lane.name.value), when: …} to routes, or remove the lane")
    }
  }

  private func checkCoverage(_ reader: inout ConfigurationReader) {
    guard routes.allSatisfy({ lane(named: $0.lane.value) != nil }) else { return }
    var reached: Set<Int> = []
    var closed: [Int: Int] = [:]
    var open: [Int: [String]] = [:]
    for topic in allTopics {
      let candidates = routes.indices.filter { index in lane(named: routes[index].lane.value).map { reads($0, topic) } ?? false }
      if let catchAll = candidates.first(where: { routes[$0].when == nil }) {
        reached.formUnion(candidates.prefix { $0 <= catchAll })
        for late in candidates where late > catchAll { closed[late] = catchAll }
      } else if let last = candidates.last {
        reached.formUnion(candidates)
        open[last, default: []].append(topic)
      }
    }
    for (index, catchAll) in closed.sorted(by: { $0.key < $1.key }) where !reached.contains(index) {
      reader.report(
        "this route is never reached: the one at line \(routes[catchAll].location.line) has no `when` and takes every record",
        at: routes[index].location, help: "move the route without `when` to the end, or give it a condition")
    }
    for (last, missed) in open.sorted(by: { $0.key < $1.key }) {
      let scope = missed.count == allTopics.count ? "" : " of topic '\(missed[0])'"
      let lane = lanes.last { reads($0, missed[0]) }?.name.value ?? ""
      reader.report(
        "a record\(scope) that matches no route would have no lane", at: routes[last].location,
        help: "end with a route without `when`, for example: - {lane: \(lane)}")
    }
  }
}
