/// The kinds of text that several sections share.
extension ConfigurationType where Value == String {
  static let topic = text(
    "topic name", matching: "[A-Za-z0-9._-]{1,249}", rule: "1 to 249 of the characters A-Z a-z 0-9 . _ - (patterns are not supported)")

  static let groupName = text("name", matching: "[A-Za-z0-9._-]{1,200}", rule: "1 to 200 of the characters A-Z a-z 0-9 . _ -")

  /// A lane's name, which ends in consumer groups, metrics and addresses.
  static let laneName = text("name", matching: "[a-z0-9_-]{1,64}", rule: "1 to 64 of the characters a-z 0-9 _ -")

  /// A name of a model, or of a member of the output record.
  static let name = text("name", matching: "[A-Za-z0-9._-]{1,128}", rule: "1 to 128 of the characters A-Z a-z 0-9 . _ -")
}

extension ConfigurationType where Value == [Located<String>] {
  static let topics = ConfigurationType<String>.topic.located.list("topic names").unique
}

extension ConfigurationType where Value == [Located<String>] {
  /// A list of such texts whose items differ.
  var unique: ConfigurationType<[Located<String>]> {
    ConfigurationType(label: label, schema: schema.adding([.init(name: "uniqueItems", value: true)])) { node, place, reader in
      guard let items = read(node, place, &reader) else { return nil }
      var first: [String: SourceLocation] = [:]
      for item in items {
        if let earlier = first[item.value] {
          reader.report(
            "\(place.label) names \(item.value.shown) twice", at: item.location,
            help: "remove it here or at line \(earlier.line), column \(earlier.column)")
        } else {
          first[item.value] = item.location
        }
      }
      return items
    }
  }
}
