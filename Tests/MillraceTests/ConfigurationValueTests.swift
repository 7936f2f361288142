import Testing

@testable import Millrace

/// Values and keys that are refused, each at its place.
@Suite struct ConfigurationValueTests {
  @Test(arguments: [
    ConfigurationFault("grup: fraud\ngroup: f", "1:1: unknown key 'grup' at the top level | did you mean 'group'?"),
    ConfigurationFault(
      "lanes: {bulk: {model: fraud, max_bach_size: 2}}",
      "1:30: unknown key 'max_bach_size' in lanes.bulk | did you mean 'max_batch_size'?"),
    ConfigurationFault(
      "lanes: {bulk: {model: fraud, maxDelay: 2ms}}", "1:30: unknown key 'maxDelay' in lanes.bulk | did you mean 'max_delay'?"),
    ConfigurationFault("max_delay: 20ms", "1:1: unknown key 'max_delay' at the top level | it belongs in lanes.NAME"),
    ConfigurationFault("publish: {topic: p, group: x}", "1:21: unknown key 'group' in publish | it belongs at the top level"),
    ConfigurationFault(
      "dead_letter: {topic: t, zzz: 1}",
      "1:25: unknown key 'zzz' in dead_letter"
        + " | keys: topic, payload, max_consecutive, max_ratio"),
  ])
  func unknownKeys(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults(fault.text) == [fault.expected])
  }

  @Test(arguments: [
    ConfigurationFault("group: 12", "1:8: 'group' must be a string, not the integer 12 | quote it: \"12\""),
    ConfigurationFault("group: true", "1:8: 'group' must be a string, not the boolean true | quote it: \"true\""),
    ConfigurationFault("group: [a]", "1:8: 'group' must be a string, not a list | write 1 to 200 of the characters A-Z a-z 0-9 . _ -"),
    ConfigurationFault("group:", "1:7: 'group' has no value | give it a string, or remove it"),
    ConfigurationFault(
      "group: two words", "1:8: 'group' cannot be the string 'two words' | write 1 to 200 of the characters A-Z a-z 0-9 . _ -"),
    ConfigurationFault("topics: transactions", "1:9: 'topics' must be a list, not the string 'transactions' | write [topic names]"),
    ConfigurationFault("topics: []", "1:9: 'topics' is empty | list one or more topic names"),
    ConfigurationFault("topics: [a, a]", "1:13: 'topics' names 'a' twice | remove it here or at line 1, column 10"),
    ConfigurationFault(
      "topics: [^a.*]",
      "1:10: topics[0] cannot be the string '^a.*' | write 1 to 249 of the characters A-Z a-z 0-9 . _ - (patterns are not supported)"
    ),
    ConfigurationFault("event: json", "1:8: 'event' must be a mapping, not the string 'json' | keys: format, id, mask"),
    ConfigurationFault(
      "event: {format: jsn}", "1:17: 'format' in event cannot be the string 'jsn' | did you mean 'json'? allowed: json, tensor"),
    ConfigurationFault("event: {format: avro}", "1:17: 'format' in event cannot be the string 'avro' | allowed: json, tensor"),
    ConfigurationFault("event: {id: ''}", "1:13: 'id' in event is empty | write an expression, for example event.amount"),
    ConfigurationFault(
      "event: {id: [a]}", "1:13: 'id' in event must be an expression, not a list | write an expression, for example event.amount"),
  ])
  func wrongTypes(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults(fault.text) == [fault.expected])
  }

  @Test(arguments: [
    ConfigurationFault("workers: two", "1:39: 'workers' in lanes.bulk must be an integer, not the string 'two' | allowed: 1 to 256"),
    ConfigurationFault("workers: \"2\"", "1:39: 'workers' in lanes.bulk must be an integer, not the string '2' | allowed: 1 to 256"),
    ConfigurationFault("workers: 2.0", "1:39: 'workers' in lanes.bulk must be an integer, not the number 2.0 | allowed: 1 to 256"),
    ConfigurationFault("workers: 0x2", "1:39: 'workers' in lanes.bulk must be an integer, not the integer 0x2 | allowed: 1 to 256"),
    ConfigurationFault("workers: 0", "1:39: 'workers' in lanes.bulk is out of range: 0 | allowed: 1 to 256"),
    ConfigurationFault(
      "workers: 99999999999999999999", "1:39: 'workers' in lanes.bulk is out of range: 99999999999999999999 | allowed: 1 to 256"),
    ConfigurationFault("max_delay: 20", "1:41: 'max_delay' in lanes.bulk has no unit: 20 | write 20ms; units: us, ms, s, m, h"),
    ConfigurationFault("max_delay: 20sec", "1:41: 'max_delay' in lanes.bulk has the unknown unit 'sec' | units: us, ms, s, m, h"),
    ConfigurationFault(
      "max_delay: 20mss", "1:41: 'max_delay' in lanes.bulk has the unknown unit 'mss' | did you mean 'ms'? units: us, ms, s, m, h"),
    ConfigurationFault(
      "max_delay: -1s",
      "1:41: 'max_delay' in lanes.bulk must be a duration, not the string '-1s' | write a number and a unit: us, ms, s, m, h"),
    ConfigurationFault("max_delay: 2h", "1:41: 'max_delay' in lanes.bulk is out of range: 2h | allowed: 0ms to 1h"),
    ConfigurationFault("max_delay: 0.5us", "1:41: 'max_delay' in lanes.bulk is finer than 1us: the string '0.5us' | allowed: 0ms to 1h"),
    ConfigurationFault(
      "max_delay: 99999999999999h", "1:41: 'max_delay' in lanes.bulk is out of range: the string '99999999999999h' | allowed: 0ms to 1h"),
    ConfigurationFault(
      "on_invalid_prediction: drop",
      "1:53: 'on_invalid_prediction' in lanes.bulk cannot be the string 'drop' | allowed: dead_letter, publish"),
    ConfigurationFault(
      "max_in_flight: 32",
      "1:45: 'max_in_flight' in lanes.bulk is less than max_batch_size: 32 < 64 | a full batch must fit: "
        + "raise max_in_flight or lower max_batch_size"),
    ConfigurationFault(
      "drain_timeout: 2m",
      "1:45: 'drain_timeout' in lanes.bulk is longer than shutdown_timeout: 2m > 1m | "
        + "raise shutdown_timeout at the top level, or lower drain_timeout"),
  ])
  func valuesOfLanes(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults("lanes: {bulk: {model: fraud, \(fault.text)}}") == [fault.expected])
  }

  @Test(arguments: [
    ConfigurationFault("models: {}", "1:9: 'models' is empty | write NAME: {…}"),
    ConfigurationFault("lanes: {}", "1:8: 'lanes' is empty | write NAME: {…}"),
    ConfigurationFault(
      "lanes: {Bulk: {model: fraud}}",
      "1:9: the name of lanes.Bulk cannot be the string 'Bulk' | write 1 to 64 of the characters a-z 0-9 _ -"),
    ConfigurationFault("lanes: {bulk: {}}", "1:9: missing key 'model' in lanes.bulk | add it, for example: model: fraud"),
    ConfigurationFault(
      "lanes: {bulk: fraud}",
      "1:15: 'bulk' in lanes must be a mapping, not the string 'fraud' | keys: model, topics, max_batch_size, "
        + "max_delay, batching, workers, deadline, active, nice, max_in_flight, commit_interval, delivery, transaction_interval, "
        + "drain_timeout, on_invalid_prediction, on_deadline, retry, breaker, fallback, kafka"),
    ConfigurationFault("lanes: {bulk: {model: fruad}}", "1:23: unknown model 'fruad' in lanes.bulk | did you mean 'fraud'?"),
    ConfigurationFault("lanes: {bulk: {model: zebra}}", "1:23: unknown model 'zebra' in lanes.bulk | models: fraud"),
    ConfigurationFault(
      "publish: {topic: transactions}",
      "1:18: 'topic' in publish is a topic that lane 'bulk' reads: transactions | choose another, or "
        + "the lane would read its own output for ever"),
    ConfigurationFault(
      "dead_letter: {topic: predictions}",
      "1:22: 'topic' in dead_letter is also the topic of the predictions: predictions | "
        + "choose another: their readers expect different records"),
    ConfigurationFault(
      "publish: {topic: p, include: [event.a + 1]}",
      "1:31: publish.include[0] needs a name: it is more than a path | write NAME: event.a + 1"),
    ConfigurationFault(
      "publish: {topic: p, include: [event.id]}",
      "1:31: predictions have a member 'id' of their own | give it another name: - NAME: EXPRESSION"),
    ConfigurationFault(
      "publish: {topic: p, include: [event.a, event.b.a]}",
      "1:40: 'include' in publish names 'a' twice | give it another name; the other is at line 1"),
    ConfigurationFault(
      "publish: {topic: p, include: [{a: x, b: y}]}",
      "1:31: publish.include[0] must have one name and its expression | "
        + "write - NAME: EXPRESSION, one item each"),
  ])
  func sections(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults(fault.text) == [fault.expected])
  }

  @Test func missingSectionsAreNamedWithAnExample() {
    #expect(
      ConfigurationFixture.faults(ofFile: "group: fraud\n") == [
        "1:1: missing key 'kafka' | add it, for example: kafka: {bootstrap.servers: localhost:9092}",
        "1:1: missing key 'lanes' | add it, for example: lanes: {bulk: {model: fraud}}",
        "1:1: missing key 'models' | add it, for example: models: {fraud: {path: models/fraud, …}}",
        "1:1: missing key 'publish' | add it, for example: publish: {topic: predictions}",
        "1:1: missing key 'dead_letter' | add it, for example: dead_letter: {topic: transactions.dlq}",
      ])
  }

  @Test(arguments: [
    ConfigurationFault(
      "path: m, inputs: [{name: i, features: [event.a]}]",
      "1:10: missing key 'outputs' in models.fraud | add it, for example: "
        + "outputs: {score: \"probabilities[1]\"}"),
    ConfigurationFault(
      "path: m, outputs: {score: s}",
      "1:10: missing key 'inputs' in models.fraud | add it, for example: "
        + "inputs: [{name: input, features: [event.amount]}]"),
    ConfigurationFault(
      "path: m, outputs: {score: s}, inputs: [{name: i}]",
      "1:64: missing key 'features' in models.fraud.inputs[0] | add it, for "
        + "example: features: [event.amount]"),
    ConfigurationFault(
      "path: m, outputs: {score: s}, inputs: [{name: i, features: []}]",
      "1:77: 'features' in models.fraud.inputs[0] is empty | list one "
        + "or more features"),
    ConfigurationFault(
      "path: m, outputs: {score: 's[x]'}, inputs: [{name: i, features: [event.a]}]",
      "1:44: 'score' in models.fraud.outputs has the "
        + "index 'x' | write NAME: TENSOR or NAME: TENSOR[INDEX]; indices count from 0"),
    ConfigurationFault(
      "path: m, outputs: {lane: s}, inputs: [{name: i, features: [event.a]}]",
      "1:37: predictions have a member 'lane' of their own | give "
        + "it another name"),
    ConfigurationFault(
      "path: m, outputs: {s: s}, inputs: [{name: i, features: [{feature: event.a, missing: eror}]}]",
      "1:102: 'missing' in "
        + "models.fraud.inputs[0].features[0] cannot be the string 'eror' | did you mean 'error'? allowed: error, nan, a number, true, "
        + "false, or a string in quotes"),
    ConfigurationFault(
      "path: m, outputs: {s: s}, inputs: [{name: i, features: [{vector: event.a}]}]",
      "1:74: missing key 'length' in "
        + "models.fraud.inputs[0].features[0] | add it, for example: length: 784"),
    ConfigurationFault(
      "path: m, outputs: {s: s}, inputs: [{name: i, features: [{feature: event.a, length: 3}]}]",
      "1:93: unknown key 'length' in "
        + "models.fraud.inputs[0].features[0] | it belongs in models.NAME.inputs[].features[] with `vector`"),
    ConfigurationFault(
      "path: m, outputs: {s: s}, inputs: [{name: i, features: [[a]]}]",
      "1:74: models.fraud.inputs[0].features[0] must be an expression, "
        + "not a list | write an expression, for example event.amount"),
  ])
  func valuesOfModels(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults("models: {fraud: {\(fault.text)}}") == [fault.expected])
  }

  @Test(arguments: [
    ConfigurationFault(
      "[{name: a}, {name: b}]",
      "2:57: models.fraud has 2 inputs, but event.format is tensor | a tensor payload fills one input: keep one, "
        + "or use event.format json"),
    ConfigurationFault(
      "[{name: a, features: [event.x]}]",
      "2:60: models.fraud.inputs[0] has features, but event.format is tensor | the payload is the "
        + "input's row as it stands: remove features, or use event.format json"),
  ])
  func aTensorPayloadHasOneInputWithoutFeatures(_ fault: ConfigurationFault) {
    let text = "event: {format: tensor}\nmodels: {fraud: {path: m, outputs: {s: s}, inputs: \(fault.text)}}"
    #expect(ConfigurationFixture.faults(text).count == 1)
    #expect(ConfigurationFixture.faults(text).first?.contains(fault.expected.dropFirst(5)) == true)
  }

  @Test func everyFaultOfAFileComesInOneGoInItsOrder() {
    let faults = ConfigurationFixture.faults(
      """
      group: 1
      topics: [a b]
      lanes:
        bulk: {model: fruad, workers: 0, max_delay: 3}
      shutdown_timeout: 1
      """)
    #expect(faults.map { $0.prefix { $0 != " " } } == ["1:8:", "2:10:", "4:17:", "4:33:", "4:47:", "5:19:"])
  }

  @Test func sizesCarryUnits() throws {
    let size = ConfigurationType<Int>.size(1024...(1 << 30))
    func read(_ text: String) -> (Int?, [String]) {
      var reader = ConfigurationReader(SourceText(file: "f", text: text))
      let node = ConfigurationNode(
        location: .init(file: "f", line: 1, column: 1), content: .scalar(.init(text: text, isQuoted: false, origin: .literal)))
      let value = size.read(node, .init(path: "limit", label: "'limit'", location: node.location), &reader)
      return (value, reader.diagnostics.map { "\($0.message) | \($0.help ?? "")" })
    }
    #expect(read("64MiB").0 == 64 << 20)
    #expect(read("1.5KiB").0 == 1536)
    #expect(read("64").1 == ["'limit' has no unit: 64 | write 64MiB; units: B, KiB, MiB, GiB"])
    #expect(read("64MB").1 == ["'limit' has the unknown unit 'MB' | did you mean 'MiB'? units: B, KiB, MiB, GiB"])
    #expect(read("2GiB").1 == ["'limit' is out of range: 2GiB | allowed: 1KiB to 1GiB"])
  }
}
