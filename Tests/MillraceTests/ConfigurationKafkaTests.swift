import KafkaClient
import Millrace
import Testing

@Suite struct ConfigurationKafkaTests {
  @Test func anyPropertyPassesVerbatim() throws {
    let configuration = try ConfigurationFixture.configuration(
      """
      kafka:
        bootstrap.servers: a:1,b:2
        linger.ms: 0x5
        client.id: 1e3
        client.rack: 'true'
        socket.keepalive.enable: TRUE
        enable.auto.commit: false
        acks: all
      """
    )
    #expect(
      configuration.kafka.values == [
        "bootstrap.servers": "a:1,b:2", "linger.ms": "0x5", "client.id": "1e3", "client.rack": "true", "socket.keepalive.enable": "TRUE",
        "enable.auto.commit": "false", "acks": "all",
      ])
  }

  @Test(arguments: [
    ConfigurationFault(
      "group.id: x",
      "'group.id' in kafka is refused: each lane has a group of its own | use `group` at the top level: lane bulk of group fraud is "
        + "fraud.bulk"),
    ConfigurationFault(
      "enable.auto.commit: true",
      "'enable.auto.commit' in kafka is refused: Millrace commits an offset only after its outputs are acknowledged | "
        + "remove it; see commit_interval of a lane"),
    ConfigurationFault(
      "enable.auto.offset.store: true",
      "'enable.auto.offset.store' in kafka is refused: Millrace commits an offset only after its outputs are "
        + "acknowledged | remove it"),
    ConfigurationFault(
      "transactional.id: x", "'transactional.id' in kafka is refused: each worker has its own, which Millrace sets | remove it"),
    ConfigurationFault(
      "acks: 1", "'acks' in kafka is refused: a prediction must not be lost with its broker | remove it: the default is all"),
    ConfigurationFault(
      "metadata.broker.list: x",
      "'metadata.broker.list' in kafka is refused: it is another name of bootstrap.servers | use bootstrap.servers"),
    ConfigurationFault(
      "test.mock.num.brokers: 3",
      "'test.mock.num.brokers' in kafka is refused: it gives each client a cluster of its own | use bootstrap.servers: "
        + "embedded"),
    ConfigurationFault(
      "delivery.report.only.error: true",
      "'delivery.report.only.error' in kafka is refused: Millrace counts on the delivery report of every "
        + "record | remove it"),
  ])
  func propertiesThatBreakTheGuaranteesAreRefusedWithTheReason(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults("kafka: {bootstrap.servers: h, \(fault.text)}") == ["1:31: \(fault.expected)"])
    #expect(
      ConfigurationFixture.faults("lanes: {bulk: {model: fraud, kafka: {\(fault.text)}}}")
        == ["1:38: \(fault.expected.replacing("in kafka is", with: "in lanes.bulk.kafka is"))"])
  }

  @Test(arguments: [
    ConfigurationFault(
      "kafka: {}",
      "1:1: missing key 'bootstrap.servers' in kafka | add it, for example: bootstrap.servers: localhost:9092, or embedded for a broker in "
        + "the process"),
    ConfigurationFault(
      "kafka: {bootstrap.servers: ' '}",
      "1:28: 'bootstrap.servers' in kafka is empty | for example: bootstrap.servers: localhost:9092, or embedded for "
        + "a broker in the process"),
    ConfigurationFault(
      "kafka: {bootstrap.servers: [a, b]}",
      "1:28: 'bootstrap.servers' in kafka must be a single value, not a list | write one value, with commas "
        + "between its parts"),
    ConfigurationFault(
      "kafka: {bootstrap.servers: h, linger: {ms: 5}}",
      "1:39: 'linger' in kafka must be a single value, not a mapping | write the property's full "
        + "name, with dots: linger.…"),
    ConfigurationFault(
      "kafka: {bootstrap.servers: h, linger.ms: }", "1:42: 'linger.ms' in kafka has no value | give it a single value, or remove it"),
    ConfigurationFault(
      "kafka: {bootstrap.servers: h, sasl.pasword: x}", "1:31: unknown property 'sasl.pasword' in kafka | did you mean 'sasl.password'?"),
    ConfigurationFault(
      "kafka: {bootstrap.servers: h, nothing.of.the.kind: x}",
      "1:31: unknown property 'nothing.of.the.kind' in kafka | librdkafka \(KafkaLibrary.version) has none of that name; "
        + "its CONFIGURATION.md lists them"),
    ConfigurationFault(
      "lanes: {bulk: {model: fraud, kafka: {fetch.min.bytes: many}}}",
      "1:55: 'fetch.min.bytes' in lanes.bulk.kafka is refused: Invalid value for configuration property \"fetch.min.bytes\" | "
        + "librdkafka \(KafkaLibrary.version) says so; its CONFIGURATION.md lists what a property takes"),
    ConfigurationFault(
      "kafka: h:9092", "1:8: 'kafka' must be a mapping, not the string 'h:9092' | write PROPERTY: VALUE, with librdkafka's names"),
    ConfigurationFault(
      "lanes: {bulk: {model: fraud, kafka: {bootstrap.servers: h}}}",
      "1:38: 'bootstrap.servers' in lanes.bulk.kafka is refused: all lanes of a file "
        + "use one cluster | set it in kafka at the top level"),
  ])
  func faultsOfTheSection(_ fault: ConfigurationFault) {
    #expect(ConfigurationFixture.faults(fault.text) == [fault.expected])
  }

  @Test func anExactlyOnceLaneReadsOnlyOffsetsThatAreSettled() {
    let lanes = { (delivery: String) in "lanes: {bulk: {model: fraud, delivery: \(delivery), kafka: {isolation.level: read_uncommitted}}}" }
    #expect(ConfigurationFixture.faults(lanes("at_least_once")).isEmpty)
    #expect(
      ConfigurationFixture.faults(lanes("exactly_once")).first?.contains(
        "'isolation.level' of lanes.bulk is read_uncommitted, which can't be with delivery: exactly_once") == true)
  }
}
