/// Activations of one layer kind of one block, which are a line of a table.
enum ActivationGroups {
  /// The groups of `rows`, in the order of the pass; outside the blocks each activation is one.
  static func of<Row>(_ rows: [Row], _ place: (Row) -> (block: Int?, name: String, layer: String)) -> [[Row]] {
    var order: [String] = []
    var members: [String: [Row]] = [:]
    for row in rows {
      let (block, name, layer) = place(row)
      let key = block.map { "\($0) \(layer)" } ?? "- \(name)"
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(row)
    }
    return order.compactMap { members[$0] }
  }
}
