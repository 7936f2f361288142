/// A fault of a model or of the library that runs it.
public struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of a fault, which decides what becomes of the rows.
  public enum Kind: Sendable, Hashable {
    /// The library that runs models is missing or unusable: nothing can be predicted on this machine as it is.
    case runtimeMissing
    /// The model's file is missing, unreadable, damaged, or of a kind this runtime cannot run.
    case load
    /// The model loaded, but its inputs or outputs are not what was asked for.
    case signature
    /// One run failed. Transient: the same rows may well succeed later (memory ran out). Otherwise they will fail again.
    case run(transient: Bool)
    /// A run gave an output, by its index in the signature, that doesn't have a row for each of the run's. That is the model's fault
    /// whatever the rows were: which of them an element belongs to can't be told.
    case output(Int)
  }

  /// What kind of fault it is.
  public let kind: Kind
  /// What happened, to which model, and what to do about it.
  public let message: String

  /// A fault of this kind. The message says what happened, to which model, and what to do about it.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// Whether trying the same again can help.
  public var isTransient: Bool { kind == .run(transient: true) }

  public var description: String { message }

  /// For where the values of rows must not go. A run's own words may quote what it was given, unless the machine was at fault.
  package var shown: String {
    switch kind {
    case .run(transient: false): "the model rejects what it was given"
    case .runtimeMissing, .load, .signature, .output, .run(transient: true): message
    }
  }
}
