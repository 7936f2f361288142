/// A route table, features or members that can't work together, found before any record is seen. Its words are made of its kind.
package struct DecodingProgramError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Kind: Equatable, Sendable {
    /// The last route has a condition, or there is none.
    case openRoutes
    /// A route, counted from 0, leads to a lane that is not among so many.
    case noSuchLane(route: Int, lane: Int, lanes: Int)
    /// Something was compiled before the routes, or with another plan.
    case routesNotFirst
    /// There are more or fewer columns than features.
    case columnCount(features: Int, columns: Int)
    /// With format tensor, an expression other than a feature's reads the event.
    case noEvent(expression: String)
    /// A feature doesn't fit its payload or its column.
    case feature(String, Misfit)
  }

  /// What a feature doesn't fit.
  package enum Misfit: Equatable, Sendable {
    /// A vector without elements.
    case emptyVector
    /// It has more or fewer elements than its column.
    case width(elements: Int, column: Int)
    /// A vector goes into a tensor that is not of numbers.
    case vectorType(FeatureType)
    /// Raw float32 goes into a tensor of other numbers.
    case rawType(FeatureType)
    /// What stands in for a missing value is none that the tensor can hold.
    case substitute(FeatureType)
    /// A column of strings has nothing to store them with.
    case noStore
    /// With format tensor, the feature is a part of the payload.
    case partOfTensor
    /// With format tensor, the feature says what stands in when it is missing.
    case missingInTensor
  }

  package let kind: Kind

  package init(_ kind: Kind) { self.kind = kind }

  /// The feature that is at fault, by its name; nil where it is none's.
  package var feature: String? {
    if case .feature(let name, _) = kind { name } else { nil }
  }

  package var description: String {
    switch kind {
    case .openRoutes: "the last route has to match every record: leave out its condition"
    case .noSuchLane(let route, let lane, let lanes): "route \(route + 1) leads to lane \(lane), and there are \(lanes)"
    case .routesNotFirst: "the routes have to be compiled before everything else, with the same plan"
    case .columnCount(let features, let columns): "there are \(features) features, and \(columns) columns for them"
    case .noEvent(let expression): "'\(expression)' reads the event, and with format tensor there is none: use headers or key"
    case .feature(let name, let misfit): "feature '\(name)'\(misfit.words)"
    }
  }
}

extension DecodingProgramError.Misfit {
  /// What follows the feature's name in a message.
  fileprivate var words: String {
    switch self {
    case .emptyVector: ": a vector has one element at least"
    case .width(let elements, let column): " has \(elements) elements, and its column takes \(column)"
    case .vectorType(let type): ": a vector of \(type.rawValue) is not possible; use numbers"
    case .rawType(let type): ": raw float32 does not fit a tensor of \(type.rawValue)"
    case .substitute(let type): ": what stands in when it is missing does not fit a tensor of \(type.rawValue)"
    case .noStore: ": a column of strings needs a store"
    case .partOfTensor: ": with format tensor the payload is read whole, as {vector: event, length: N}"
    case .missingInTensor: ": nothing of a tensor can be missing"
    }
  }
}
