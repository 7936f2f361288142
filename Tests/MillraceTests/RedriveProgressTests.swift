import Testing

@testable import Millrace

/// What a redrive remembers, against a set of offsets.
@Suite struct RedriveProgressTests {
  @Test(arguments: 0..<200)
  func itIsASetThatFitsIntoMetadata(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let base = Int64.random(in: 0...5_000_000_000, using: &random)
    let span = Int64([20, 300, 3000].randomElement(using: &random) ?? 20)
    var progress = RedriveProgress(base: base)
    var model: Set<Int64> = []
    for _ in 0..<Int.random(in: 1...200, using: &random) {
      let start = base + Int64.random(in: -5..<span, using: &random)
      let range = start..<start + Int64.random(in: 0...4, using: &random)
      if let first = range.first, !progress.hasRoom(for: first) { continue }
      progress.mark(range)
      model.formUnion(range.filter { $0 >= base })
      if Int.random(in: 0..<10, using: &random) == 0 {
        // As the next run finds it.
        let metadata = try #require(progress.metadata)
        #expect(metadata.utf8.count <= RedriveProgress.metadataMax)
        let restored = RedriveProgress(base: progress.base, metadata: metadata)
        #expect(restored == progress, "seed \(seed)")
        progress = restored
      }
    }
    for offset in base - 3..<base + span + 10 {
      #expect(progress.contains(offset) == (offset < base || model.contains(offset)), "seed \(seed), offset \(offset - base)")
    }
    #expect(!progress.contains(progress.base))
  }

  @Test func whatLiesCloseTogetherFitsWhateverItsPattern() throws {
    var progress = RedriveProgress(base: 7)
    for offset in stride(from: Int64(8), to: 23_000, by: 2) {
      #expect(progress.hasRoom(for: offset))
      progress.mark(offset)
    }
    let metadata = try #require(progress.metadata)
    #expect(RedriveProgress(base: 7, metadata: metadata) == progress)
  }

  @Test func whatDoesNotFitIsRefusedBeforeItIsMarked() throws {
    var random = SeededGenerator(seed: 1)
    var progress = RedriveProgress(base: 0)
    var refused = 0
    for offset in Int64(1)..<200_000 where Int.random(in: 0..<3, using: &random) == 0 {
      if progress.hasRoom(for: offset) { progress.mark(offset) } else { refused += 1 }
      if refused > 100 { break }
    }
    #expect(refused > 0)
    #expect(try #require(progress.metadata).utf8.count <= RedriveProgress.metadataMax)
    #expect(progress.hasRoom(for: 0), "closing a gap always fits")
  }

  @Test(arguments: ["", "x", "redrive1r:", "redrive1r:!!", "redrive1b:AA", "redrive1r:////////////////", "offset from a tool"])
  func metadataOfOthersIsPassedOver(_ text: String) {
    let progress = RedriveProgress(base: 5, metadata: text)
    #expect(progress.base == 5)
    #expect(!progress.contains(5) && progress.contains(4))
  }
}
