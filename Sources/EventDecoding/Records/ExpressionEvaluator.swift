import CEL

/// Evaluates an expression once, for people at a terminal.
package enum ExpressionEvaluator {
  package struct Failure: Error, Sendable, CustomStringConvertible {
    /// What went wrong, with line and column of the expression where there is a place.
    package let description: String
    /// The line of the expression and a caret under the place; nil if the expression is not at fault.
    package let caret: String?
  }

  /// The value of an expression as JSON text.
  /// - Parameter event: JSON text; without one, reading `event` fails as for a record without payload.
  /// - Parameter record: key, topic, partition, offset and timestamp; its payload and headers are not looked at.
  package static func json(
    _ source: String, event: String? = nil, headers: [(name: String, value: String)] = [], record: RecordView = RecordView(value: nil)
  ) throws(Failure) -> String {
    var plan = FieldPlan()
    let expression: Expression
    do throws(ExpressionError) {
      expression = try Expression(source, fields: &plan)
    } catch {
      throw Failure(description: error.description, caret: error.caret)
    }
    let list = HeaderList(headers.map { ($0.name, Array($0.value.utf8)) })
    var record = record
    record.headers = list.access
    let payload = event.map { Array($0.utf8) }
    let result: Result<Value, EvaluationFault>
    if let payload {
      result = try payload.withUnsafeBufferPointer { bytes throws(Failure) in
        guard let value = JSONValues.value(bytes) else { throw Failure(description: "the event is not valid JSON", caret: nil) }
        record.value = UnsafeRawBufferPointer(bytes)
        let fields = EventFields(plan, of: value)
        return withExtendedLifetime((fields, list)) {
          withUnsafePointer(to: record) { record in
            expression.evaluate(Activation(record: record, fields: fields.fields, containers: JSONPayload.containers(record)))
          }
        }
      }
    } else {
      record.value = nil
      result = withExtendedLifetime(list) {
        withUnsafePointer(to: record) { expression.evaluate(Activation(record: $0, eventFault: .noPayload)) }
      }
    }
    do throws(EvaluationFault) {
      return try result.get().json()
    } catch {
      throw Failure(description: expression.describe(error), caret: nil)
    }
  }
}
