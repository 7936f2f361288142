/// Name, element type and shape of one input or output of a model. The first dimension counts rows (records).
public struct TensorSpec: Sendable, Hashable {
  /// The name that the model gives it.
  public let name: String
  /// The type of each element.
  public let elementType: ElementType
  /// The size of each dimension, the rows' first; nil is one that is only known when the model runs.
  public let shape: [Int?]
  /// The model's own names for its dynamic dimensions, by dimension; empty where it has none. For messages only.
  public let dimensionNames: [String]

  /// A tensor of this shape, whose first dimension counts rows; nil is a dimension that is only known when the model runs.
  public init(name: String, elementType: ElementType, shape: [Int?], dimensionNames: [String] = []) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.dimensionNames = dimensionNames
  }

  /// Elements of one row: the product of all dimensions but the first; `nil` if one of them is dynamic.
  public var width: Int? {
    var product = 1
    for dimension in shape.dropFirst() {
      guard let dimension else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      product = next
    }
    return product
  }

  /// The same tensor with rows of `width` elements: fills in the one dynamic dimension after the first.
  /// `nil` if no shape fits: the width is another one, does not divide, or several dimensions are open.
  public func withWidth(_ width: Int) -> TensorSpec? {
    if let known = self.width { return known == width ? self : nil }
    let open = shape.indices.dropFirst().filter { shape[$0] == nil }
    let rest = shape.dropFirst().reduce(1) { $0 * ($1 ?? 1) }
    guard open.count == 1, rest > 0, width > 0, width.isMultiple(of: rest) else { return nil }
    var known = shape
    known[open[0]] = width / rest
    return TensorSpec(name: name, elementType: elementType, shape: known, dimensionNames: dimensionNames)
  }

  /// The type and shape as messages show them: `float32[N, 30]`.
  package var typeAndShape: String {
    let dimensions = shape.enumerated().map { index, dimension in
      if let dimension { return String(dimension) }
      let name = index < dimensionNames.count ? dimensionNames[index] : ""
      return name.isEmpty ? (index == 0 ? "N" : "?") : name
    }
    return "\(elementType.rawValue)[\(dimensions.joined(separator: ", "))]"
  }
}

extension TensorSpec: CustomStringConvertible {
  public var description: String { "\(name): \(typeAndShape)" }
}
