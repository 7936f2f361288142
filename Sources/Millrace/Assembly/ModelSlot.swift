import Synchronization

/// Where a lane's workers find the model that answers. What is put here is taken by each worker between two batches. Any thread.
final class ModelSlot: Sendable {
  private let binding: Mutex<ModelBinding>
  private let changes = Atomic(0)

  init(_ binding: ModelBinding) { self.binding = Mutex(binding) }

  /// How often the model was replaced: what a worker compares before each batch.
  var generation: Int { changes.load(ordering: .acquiring) }

  var current: ModelBinding { binding.withLock { $0 } }

  /// From their next batch on the workers score with this one.
  func replace(with next: ModelBinding) {
    binding.withLock { $0 = next }
    changes.add(1, ordering: .acquiringAndReleasing)
  }
}
