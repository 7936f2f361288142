import Millrace
import Testing

@Suite struct ConfigurationSummaryTests {
  @Test func itSaysWhatWouldRun() throws {
    let configuration = try ConfigurationFixture.configuration(
      """
      event: {id: event.id}
      routes:
        - lane: urgent
          when: >
            event.amount >= 500.0 ||
            event.vip
        - {lane: bulk}
      lanes:
        urgent: {model: fraud, max_batch_size: 16, deadline: 50ms, kafka: {sasl.password: hunter2}}
        bulk: {model: fraud, max_batch_size: 256, max_delay: 20ms, workers: 2, topics: [transactions, refunds]}
      models:
        fraud:
          path: models/fraud
          version: 3
          inputs: [{name: input, features: [event.amount, {feature: event.b, name: b}, {vector: event.v, length: 8}]}]
          outputs: {score: "probabilities[1]"}
      publish: {topic: predictions, include: [event.card, {euros: event.amount / 100}]}
      kafka: {bootstrap.servers: embedded, linger.ms: 5}
      """.replacing("refunds]}", with: "refunds]}\n  "))
    #expect(
      configuration.summary().joined(separator: "\n") == """
        config/test.yaml: group fraud, json events, id event.id

        lanes
          lane    group         topics                model  batch  delay  deadline  workers  nice
          urgent  fraud.urgent  transactions          fraud  1-16   0ms    50ms      1        0
          bulk    fraud.bulk    transactions,refunds  fraud  1-256  20ms   -         2        10

        routes (the first that matches)
          1.  urgent  event.amount >= 500.0 || event.vip
          2.  bulk    everything else

        models
          fraud 3: config/models/fraud
            input input, 10 columns
              event.amount, b, event.v[8]
            output score = probabilities[1]

        output
          predictions   predictions       card = event.card, euros = event.amount / 100
          dead letters  transactions.dlq

        kafka
          bootstrap.servers=embedded
          linger.ms=5
          sasl.password=*** (lane urgent)

        operations
          127.0.0.1:9464, changes are refused: there is no token
        """)
  }
}
