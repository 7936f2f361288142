import EventDecoding
import KafkaClient
import Millrace
import Testing

@Suite struct ConfigurationTests {
  private static let text = """
    group: fraud
    topics: [transactions, refunds]
    kafka:
      bootstrap.servers: localhost:9092
      linger.ms: 5
      enable.idempotence: true
    event: {format: json, id: event.id}
    routes:
      - {lane: urgent, when: 'event.amount >= 500.0 || headers["priority"] == "urgent"'}
      - lane: bulk
    lanes:
      urgent: {model: fraud, max_batch_size: 16, deadline: 50ms, nice: 3, kafka: {linger.ms: 0}}
      bulk:
        model: fraud
        max_batch_size: 256
        max_delay: 20ms
        workers: 2
        max_in_flight: 512
        commit_interval: 1.5s
        drain_timeout: 2m
        on_invalid_prediction: publish
    models:
      fraud:
        path: models/fraud
        version: 1.10
        inputs:
          - name: input
            features:
              - event.amount
              - {feature: event.risk, name: risk, missing: nan}
              - {feature: event.country, missing: "nan"}
              - {feature: event.trusted, missing: false}
              - {feature: event.age, missing: -1.5}
              - {vector: event.pixels, length: 784, encoding: base64}
        outputs:
          score: "probabilities[1]"
          all: probabilities
          odd: dense/BiasAdd:0
        intra_op_threads: 2
    publish:
      topic: predictions
      include: [event.card.number, key, {euros: event.amount / 100}]
    dead_letter: {topic: transactions.dlq}
    shutdown_timeout: 3m
    """

  private let configuration: Configuration

  init() throws {
    configuration = try Configuration.parse(Self.text, file: "config/fraud.yaml")
  }

  @Test func everyKeyReachesItsField() throws {
    #expect(configuration.file == "config/fraud.yaml")
    #expect(configuration.group.value == "fraud")
    #expect(configuration.topics.map(\.value) == ["transactions", "refunds"])
    #expect(configuration.kafka.values == ["bootstrap.servers": "localhost:9092", "linger.ms": "5", "enable.idempotence": "true"])
    #expect(configuration.event.format.value == .json)
    #expect(configuration.event.id?.value == "event.id")
    #expect(configuration.publish.topic.value == "predictions")
    #expect(configuration.deadLetter.topic.value == "transactions.dlq")
    #expect(configuration.shutdownTimeout.value == .seconds(180))
    #expect(configuration.routes.map(\.lane.value) == ["urgent", "bulk"])
    #expect(configuration.routes.map(\.when?.value) == [#"event.amount >= 500.0 || headers["priority"] == "urgent""#, nil])
  }

  @Test func lanesCarryTheirSettingsAndDefaults() throws {
    let urgent = try #require(configuration.lane(named: "urgent"))
    #expect(urgent.model.value == "fraud")
    #expect(urgent.maxBatchSize.value == 16)
    #expect(urgent.maxDelay.value == .zero)
    #expect(urgent.workers.value == 1)
    #expect(urgent.deadline?.value == .milliseconds(50))
    #expect(urgent.nice?.value == 3)
    #expect(urgent.threadNice == 3)
    #expect(urgent.maxInFlight.value == 16_384)
    #expect(urgent.commitInterval.value == .seconds(1))
    #expect(urgent.drainTimeout.value == .seconds(30))
    #expect(urgent.onInvalidPrediction.value == .deadLetter)

    let bulk = try #require(configuration.lane(named: "bulk"))
    #expect(bulk.maxBatchSize.value == 256)
    #expect(bulk.maxDelay.value == .milliseconds(20))
    #expect(bulk.workers.value == 2)
    #expect(bulk.deadline == nil)
    #expect(bulk.threadNice == 10)
    #expect(bulk.maxInFlight.value == 512)
    #expect(bulk.commitInterval.value == .milliseconds(1500))
    #expect(bulk.drainTimeout.value == .seconds(120))
    #expect(bulk.onInvalidPrediction.value == .publish)
  }

  @Test func aLaneIsAGroupOverTheTopicsWithItsOwnProperties() throws {
    let urgent = try #require(configuration.lane(named: "urgent"))
    #expect(configuration.groupID(of: urgent) == "fraud.urgent")
    #expect(configuration.topics(of: urgent).map(\.value) == ["transactions", "refunds"])
    #expect(configuration.kafkaSettings(of: urgent)["linger.ms"] == "0")
    #expect(configuration.kafkaSettings(of: urgent)["bootstrap.servers"] == "localhost:9092")
    #expect(configuration.kafka["linger.ms"] == "5")
  }

  @Test func modelsCarryFeaturesAndOutputsInOrder() throws {
    let model = try #require(configuration.model(named: "fraud"))
    #expect(model.path.value == "models/fraud")
    #expect(model.resolvedPath == "config/models/fraud")
    #expect(model.version?.value == "1.10")
    #expect(model.intraOpThreads.value == 2)
    let features = try #require(model.inputs.first).features
    #expect(
      features.map(\.expression.value) == ["event.amount", "event.risk", "event.country", "event.trusted", "event.age", "event.pixels"])
    #expect(features.map(\.name.value) == ["event.amount", "risk", "event.country", "event.trusted", "event.age", "event.pixels"])
    #expect(features.map(\.missing.value) == [.error, .nan, .string("nan"), .bool(false), .number(-1.5), .error])
    #expect(features.map(\.width) == [1, 1, 1, 1, 1, 784])
    #expect(features.last?.vector?.encoding.value == .base64)
    #expect(model.outputs.map(\.name.value) == ["score", "all", "odd"])
    #expect(model.outputs.map(\.tensor) == ["probabilities", "probabilities", "dense/BiasAdd:0"])
    #expect(model.outputs.map(\.index) == [1, nil, nil])
  }

  @Test func inclusionsAreNamedAfterTheirPaths() {
    #expect(configuration.publish.include.map(\.name.value) == ["number", "key", "euros"])
    #expect(configuration.publish.include.map(\.expression.value) == ["event.card.number", "key", "event.amount / 100"])
  }

  @Test func valuesKnowTheirPlacesAndDefaultsStandAtTheirSections() throws {
    let bulk = try #require(configuration.lane(named: "bulk"))
    #expect(bulk.maxDelay.location == SourceLocation(file: "config/fraud.yaml", line: 16, column: 16))
    #expect("\(bulk.name.location)" == "config/fraud.yaml:13:3")
    let urgent = try #require(configuration.lane(named: "urgent"))
    #expect("\(urgent.maxDelay.location)" == "config/fraud.yaml:12:3")
    #expect(configuration.kafka.property(named: "linger.ms")?.value.location.line == 5)
    #expect(configuration.routes.map(\.location.line) == [9, 10])
  }

  @Test func absolutePathsStayAndRelativeOnesCountFromTheFile() throws {
    func path(_ path: String, in file: String) throws -> String? {
      let models = "models: {fraud: {path: \(path), inputs: [{name: input, features: [event.a]}], outputs: {score: s}}}"
      return try Configuration.parse(ConfigurationFixture.text(models), file: file).models.first?.resolvedPath
    }
    #expect(try path("/models/fraud", in: "config/a.yaml") == "/models/fraud")
    #expect(try path("models/fraud", in: "a.yaml") == "models/fraud")
    #expect(try path("../fraud", in: "/etc/millrace/a.yaml") == "/etc/millrace/../fraud")
  }

  @Test func aTensorPayloadNeedsNoFeatures() throws {
    let configuration = try ConfigurationFixture.configuration(
      """
      event: {format: tensor}
      models: {fraud: {path: m, outputs: {score: s}}}
      """)
    #expect(configuration.event.format.value == .tensor)
    #expect(configuration.models.first?.inputs.isEmpty == true)
  }

  @Test func anUnknownLaneOfTheCommandLineGetsASuggestion() {
    #expect(configuration.lane(named: "urgnet") == nil)
    #expect(configuration.suggestion(forLane: "urgnet") == "did you mean 'urgent'?")
    #expect(configuration.suggestion(forLane: "x") == "lanes: urgent, bulk")
  }

  @Test func aPropertyCanBeSetForABrokerThatWasStarted() throws {
    let configuration = try ConfigurationFixture.configuration("kafka: {bootstrap.servers: embedded}")
    #expect(configuration.usesEmbeddedBroker)
    let started = configuration.setting(kafka: "bootstrap.servers", to: "127.0.0.1:4242")
    #expect(started.kafka["bootstrap.servers"] == "127.0.0.1:4242")
    #expect(!started.usesEmbeddedBroker)
  }
}
