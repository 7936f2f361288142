import Millrace
import Testing

/// Each record of each topic has exactly one lane, and that lane reads it.
@Suite struct ConfigurationRouteTests {
  private static let lanes = "lanes: {urgent: {model: fraud}, bulk: {model: fraud}}"

  @Test func aSingleLaneNeedsNoRoutes() throws {
    let configuration = try ConfigurationFixture.configuration("lanes: {bulk: {model: fraud}}")
    #expect(configuration.routes.map(\.lane.value) == ["bulk"])
    #expect(configuration.routes.map(\.when?.value) == [nil])
  }

  @Test(arguments: [
    ConfigurationFault(
      "",
      "1:1: missing key 'routes': lanes urgent, bulk read the topic 'transactions' | say which one takes a record, and end with one that "
        + "takes the rest: routes: [{lane: urgent, when: …}, {lane: bulk}]"),
    ConfigurationFault("routes: []", "2:9: 'routes' is empty | list one or more routes"),
    ConfigurationFault("routes: [{lane: urgent, when: a}, {lane: bluk}]", "2:42: unknown lane 'bluk' in routes | did you mean 'bulk'?"),
    ConfigurationFault("routes: [{lane: urgent, when: a}, {lane: zzz}]", "2:42: unknown lane 'zzz' in routes | lanes: urgent, bulk"),
    ConfigurationFault(
      "routes: [{lane: bulk}]", "1:9: no route leads to lane 'urgent' | add {lane: urgent, when: …} to routes, or remove the lane"),
    ConfigurationFault(
      "routes: [{lane: urgent, when: a}, {lane: bulk, when: b}]",
      "2:35: a record that matches no route would have no lane | end with a route "
        + "without `when`, for example: - {lane: bulk}"),
    ConfigurationFault(
      "routes:\n  - {lane: urgent}\n  - {lane: bulk, when: b}",
      "4:5: this route is never reached: the one at line 3 has no `when` and takes every "
        + "record | move the route without `when` to the end, or give it a condition"),
    ConfigurationFault(
      "routes: [{lane: urgent, when: }, {lane: bulk}]", "2:31: 'when' in routes[0] has no value | give it an expression, or remove it"),
    ConfigurationFault("routes: [{lane: urgent, wen: a}, {lane: bulk}]", "2:25: unknown key 'wen' in routes[0] | did you mean 'when'?"),
    ConfigurationFault(
      "routes: [{lane: urgent, when: '${NONE}'}, {lane: bulk}]",
      "2:32: environment variable 'NONE' is not set | set it, or write a default: "
        + "${NONE:-value}"),
    ConfigurationFault("routes: [{when: a}, {lane: bulk}]", "2:10: missing key 'lane' in routes[0] | add it, for example: lane: bulk"),
    ConfigurationFault("routes: [urgent, {lane: bulk}]", "2:10: routes[0] must be a mapping, not the string 'urgent' | keys: lane, when"),
    ConfigurationFault("routes: {lane: bulk}", "2:9: 'routes' must be a list, not a mapping | write [routes]"),
  ])
  func routesThatLeaveARecordWithoutALaneOrALaneWithoutRecords(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults("\(Self.lanes)\n\(fault.text)") == [fault.expected])
  }

  @Test func lanesOfTheirOwnTopicsNeedNoRoutes() throws {
    let configuration = try ConfigurationFixture.configuration(
      "lanes: {urgent: {model: fraud, topics: [fast]}, bulk: {model: fraud}}")
    #expect(configuration.allTopics == ["fast", "transactions"])
    #expect(configuration.routes(forTopic: "fast").map(\.lane.value) == ["urgent"])
    #expect(configuration.routes(forTopic: "transactions").map(\.lane.value) == ["bulk"])
  }

  @Test func aRouteIsPassedOverForTopicsThatItsLaneDoesNotRead() throws {
    let configuration = try ConfigurationFixture.configuration(
      """
      topics: [a, b]
      routes: [{lane: urgent, when: 'event.x'}, {lane: slow, when: 'event.y'}, {lane: bulk}]
      lanes:
        urgent: {model: fraud}
        slow: {model: fraud, topics: [b]}
        bulk: {model: fraud}
      """)
    #expect(configuration.routes(forTopic: "a").map(\.lane.value) == ["urgent", "bulk"])
    #expect(configuration.routes(forTopic: "b").map(\.lane.value) == ["urgent", "slow", "bulk"])
    #expect(configuration.routes(forTopic: "c").isEmpty)
  }

  @Test func coverageIsCheckedForEachTopic() {
    let faults = ConfigurationFixture.faults(
      """
      topics: [a]
      routes: [{lane: urgent, when: 'event.x'}, {lane: bulk}]
      lanes: {urgent: {model: fraud, topics: [a, b]}, bulk: {model: fraud}}
      """)
    #expect(
      faults == [
        "2:10: a record of topic 'b' that matches no route would have no lane | "
          + "end with a route without `when`, for example: - {lane: urgent}"
      ])
  }

  @Test func twoCatchAllsOfDifferentTopicsAreBothReached() {
    let faults = ConfigurationFixture.faults(
      """
      routes: [{lane: urgent}, {lane: bulk}]
      lanes: {urgent: {model: fraud, topics: [b]}, bulk: {model: fraud}}
      """)
    #expect(faults.isEmpty)
  }

  @Test func aLaneWithoutTopicsIsReported() {
    let text = ConfigurationFixture.text("lanes: {bulk: {model: fraud}}").replacing("topics: [transactions]\n", with: "")
    #expect(
      ConfigurationFixture.faults(ofFile: text) == [
        "1:9: lane 'bulk' has no topics | add topics at the top level, for example: topics: [transactions]"
      ])
  }
}
