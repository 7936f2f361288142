/// One step of a compiled expression. Trivial, so that reading it costs no reference counting; what `a` to `d` and `bits` mean is written
/// at each operation.
struct Node {
  enum Operation: UInt8 {
    // MARK: Values

    /// `a`: constant
    case constant
    /// `a`: slot of the event
    case slot
    /// `a`: slot, `b`: first child, `c`: number of children: slots of what holds it, from the outermost that may be missing, each with
    /// the kind of field that it has to be
    case optionalSlot
    /// `a`: node of an optional slot, `b`: value if it is missing
    case slotOr
    /// `a`: local variable
    case local
    /// `a`: index of a variable that is given as a value
    case given
    /// `a`: place of a variable that is read in place
    case variable
    /// The map of texts.
    case texts
    /// `detail`: 1 if optional, `a`: name of an entry of the map of texts
    case entry
    /// `detail`: 1 if optional, `a`: value of the name
    case entryNamed
    /// `detail`: 1 if optional, `a`: operand, `b`: constant with the field's name
    case select, has
    /// `a`: slot, `b`: slot of what holds it, or -1 for the event itself
    case hasSlot
    /// `a`: name of an entry
    case hasEntry
    /// `a`: value of the name
    case hasEntryNamed
    /// `detail`: 1 if optional, `a`: operand, `b`: index
    case index
    /// `detail`: function, `a`: first argument, `b`: second argument
    case call1, call2
    /// `detail`: function, `a`: first child, `b`: number of children
    case call
    /// `a`: text, `b`: pattern
    case matches
    /// `detail`: function, `a`: timestamp, `b`: zone
    case zoned
    /// `a`: first child, `b`: number of children; of a map keys and values in turn. `detail`: 1 if some are optional; then `c`: first of as
    /// many flags among the children
    case list, map
    /// `a`: operand
    case negate, not
    /// `detail`: operator, `a`: left, `b`: right
    case arithmetic
    /// `detail`: relation, `a`: left, `b`: right
    case relation
    /// `a`: element, `b`: container
    case isIn
    /// `detail`: and/or, `a`: first child, `b`: number of children
    case logical
    /// `a`: condition as truth, `b`: value if it holds, `c`: value if not, `d`: condition as value
    case conditional
    /// `a`: comprehension
    case comprehension
    /// `a`: value, `b`: body, `c`: local variable
    case bind
    /// `detail`: 1 if flat, `a`: operand, `b`: body, `c`: local variable
    case optionalMap

    // MARK: Truths: no value is made, nothing allocated

    /// `detail`: 1 if true
    case certain
    /// `a`: first child, `b`: number of children
    case allOf, anyOf
    /// `a`: operand
    case inverse
    /// `a`: condition, `b`: truth if it holds, `c`: truth if not
    case choice
    /// `a`: slot
    case slotIsTrue
    /// `detail`: 0 `==`, 1 `!=`; `a`: slot, `b`: kind of field
    case slotIsKind
    /// `detail`: relation, `a`: number source, `b`: kind of the number in `bits`
    case numberRelation
    /// `a`: number source, `b`: first child, `c`: number of children, each a node of the form of `numberRelation`
    case numberIn
    /// `detail`: relation, `a`: slot, `b`: slot, `c`: the same as a value
    case slotRelation
    /// `detail`: relation, `a`: text source, `b`: its index, `c`: text
    case textRelation
    /// `detail`: function, `a`: text source, `b`: its index, `c`: text
    case textTest
    /// `a`: text source, `b`: its index, `c`: pattern
    case textMatches
    /// `a`: text source, `b`: its index, `c`: first text, `d`: number of texts
    case textIn
    /// `a`: slot, `b`: slot of what holds it, or -1 for the event itself
    case slotIsThere
    /// `a`: name of an entry
    case entryIsThere
    /// `a`: a value
    case general
  }

  var operation: Operation
  var detail: UInt8 = 0
  var position: Int32
  var a: Int32 = 0
  var b: Int32 = 0
  var c: Int32 = 0
  var d: Int32 = 0
  var bits: UInt64 = 0
}

/// Where a truth reads text from.
enum TextSource: Int32 {
  case slot, entry, variable
}

/// Where a truth reads a number from: a slot, or below zero a variable that is read in place.
enum NumberSource {
  static func variable(_ place: VariablePlace) -> Int32 { -1 - place.code }
  @inline(__always) static func place(_ source: Int32) -> VariablePlace { VariablePlace(code: -1 - source) }
}

/// The parts of a comprehension.
struct Iteration {
  var kind: ComprehensionKind
  var range: Int32
  var firstLocal: Int32
  var hasTwoVariables: Bool
  /// A value, or -1.
  var condition: Int32
  /// A value, or -1.
  var result: Int32
  /// Steps of one round.
  var weight: Int
}
