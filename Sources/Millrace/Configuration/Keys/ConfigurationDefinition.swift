extension Configuration {
  /// The declaration of the whole file: its keys and sections.
  static let definition: ConfigurationSection<Self> = ConfigurationSection(
    path: "",
    summary: "The top level of the file. Keys that begin with `x-` are passed over: a place for anchors.",
    example: """
      group: fraud
      topics: [transactions]
      kafka: {bootstrap.servers: localhost:9092}
      event: {format: json, id: event.id}
      routes:
        - {lane: urgent, when: 'event.amount >= 500.0'}
        - {lane: bulk}
      lanes:
        urgent: {model: fraud, max_batch_size: 16, deadline: 50ms}
        bulk: {model: fraud, max_batch_size: 256, max_delay: 20ms}
      models:
        fraud:
          path: models/fraud
          inputs: [{name: input, features: [event.amount]}]
          outputs: {score: "probabilities[1]"}
      publish: {topic: predictions, include: [event.card]}
      dead_letter: {topic: transactions.dlq}
      """,
    make: { Configuration() },
    keys: [
      .required(
        "group", \.group, .groupName, example: "fraud",
        "The prefix of the lanes' consumer groups: lane `bulk` of group `fraud` is the group `fraud.bulk`."),
      .optionalPart(
        "topics", \.writtenTopics, .topics, without: "required, unless each lane has its own", example: "[transactions]",
        "The topics that every lane reads, unless it names its own."),
      .part("kafka", \.kafka, KafkaSettings.type, example: "{bootstrap.servers: localhost:9092}", "How to reach Kafka."),
      .part(
        "event", \.event, Event.definition.type, isRequired: false, without: "JSON", example: "{format: json, id: event.id}",
        "How a payload is read."),
      .part(
        "routes", \.writtenRoutes, Route.list, isRequired: false, without: "required where two lanes read a topic",
        example: "[{lane: bulk}]",
        "Which lane a record takes."),
      .part("lanes", \.lanes, Lane.definition.named(.laneName, \.name), example: "{bulk: {model: fraud}}", "The lanes, by name."),
      .part(
        "models", \.models, Model.definition.named(.name, \.name), example: "{fraud: {path: models/fraud, …}}", "The models, by name."),
      .part("publish", \.publish, Publish.definition.type, example: "{topic: predictions}", "Where predictions go."),
      .part("dead_letter", \.deadLetter, DeadLetter.definition.type, example: "{topic: transactions.dlq}", "Where failed records go."),
      .defaulted(
        "shutdown_timeout", \.shutdownTimeout, .duration(.milliseconds(1) ... .seconds(86_400)), example: "60s",
        """
        How long the process may take to drain its lanes on SIGTERM or SIGINT before it ends anyway. At least the lanes' \
        `drain_timeout`.
        """),
      .defaulted(
        "stall_timeout", \.stallTimeout, .duration(.seconds(5) ... .seconds(86_400)), example: "60s",
        """
        How long a partition that has work may stand still before its lane counts as unhealthy, and the log says what it waits for.
        """),
      .part(
        "operations", \.operations, Operations.definition.type, isRequired: false, without: "on 127.0.0.1, read only",
        example: "{address: 127.0.0.1:9464}", "Metrics, health, steering and the dashboard, over HTTP."),
      .part(
        "logging", \.logging, Logging.definition.type, isRequired: false, without: "level `info`, as text",
        example: "{level: info, format: json}", "What the process says on standard error."),
      .optionalPart(
        "tests", \.writtenTests, TestCase.definition.type.list("cases"), without: "none",
        example: "[{name: large payments are urgent, event: {amount: 900.0}, lane: urgent}]",
        "Cases for `millrace test`: events, and what must become of them."),
    ],
    ignoredPrefix: "x-",
    check: { configuration, place, reader in configuration.check(place, &reader) })
}
