extension NameTable {
  /// The name of `names` that `text` is a misspelling of; `nil` where none is as near as a third of it.
  package static func meant(by text: String, among names: [String]) -> String? {
    let text = text.lowercased()
    guard let nearest = names.map({ (distance: distance(text, $0), name: $0) }).min(by: { $0.distance < $1.distance })
    else { return nil }
    return 3 * nearest.distance <= max(text.utf8.count, 3) ? nearest.name : nil
  }
}
