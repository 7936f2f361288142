import Testing

@testable import Millrace

@Suite struct EmbeddedBrokerTests {
  @Test func onlyAClusterOnThisMachineMayBeADevelopmentBroker() {
    for servers in ["127.0.0.1:9092", "localhost:9092,b:9092", "localhost", "[::1]:9092", "PLAINTEXT://127.0.0.1:1", "LOCALHOST:1"] {
      #expect(EmbeddedBroker.isLocal(servers), "\(servers)")
    }
    for servers in ["b:9092", "localhost.example.com:9092", "10.0.0.127:9092", "", "b:9092,localhost:9092", "SSL://b:1"] {
      #expect(!EmbeddedBroker.isLocal(servers), "\(servers)")
    }
  }

  @Test(.timeLimit(.minutes(1))) func anotherProcessesDevelopmentBrokerIsFetchedFromAsThisOnes() throws {
    let broker = try EmbeddedBroker()
    defer { broker.close() }
    let suited = EmbeddedBroker.suiting(try ConfigurationFixture.configuration("kafka: {bootstrap.servers: '\(broker.bootstrapServers)'}"))
    #expect(suited.kafka["fetch.wait.max.ms"] == "5")
    let other = EmbeddedBroker.suiting(try ConfigurationFixture.configuration("kafka: {bootstrap.servers: 'nowhere.invalid:9092'}"))
    #expect(other.kafka["fetch.wait.max.ms"] == nil)
  }
}
