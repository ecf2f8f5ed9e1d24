import Foundation

/// Numbers by block and activation, darker where greater, each written in its cell.
struct HeatMap {
  /// Which number of an activation is shown, and on what scale.
  enum Measure {
    /// The local margin, from 0 to 1.
    case margin
    /// The accumulated drift relative to the greatest element, on a logarithmic scale.
    case accumulated
  }

  private let measure: Measure
  private let blocks: [Int]
  private let roles: [String]
  private let cells: [String: ActivationDrift]
  private let scale: ClosedRange<Double>

  /// The map of those of `activations` that stand in a block; `nil` where there are none.
  init?(_ activations: [ActivationDrift], _ measure: Measure) {
    var (blocks, roles): ([Int], [String]) = ([], [])
    var cells: [String: ActivationDrift] = [:]
    for activation in activations {
      guard let block = activation.block else { continue }
      let role = Self.role(of: activation)
      if blocks.last != block && !blocks.contains(block) { blocks.append(block) }
      if !roles.contains(role) { roles.append(role) }
      cells["\(block) \(role)"] = activation
    }
    guard !blocks.isEmpty else { return nil }
    let values = cells.values.map { Self.value(of: $0, measure) }.filter { $0 > 0 && $0.isFinite }
    (self.measure, self.blocks, self.roles, self.cells) = (measure, blocks, roles, cells)
    scale = measure == .margin ? 0...1 : (values.min() ?? 0)...(values.max() ?? 0)
  }

  /// `query` of `blocks.3.query`.
  private static func role(of activation: ActivationDrift) -> String {
    activation.name.split(separator: ".").last.map(String.init) ?? activation.name
  }

  private static func value(of activation: ActivationDrift, _ measure: Measure) -> Double {
    measure == .margin ? activation.local.margin : activation.accumulated.relative
  }

  private static let cell = (width: 48.0, height: 19.0, left: 34.0, top: 116.0)

  /// The drawing.
  var markup: Markup {
    let cell = Self.cell
    let width = max(cell.left + Double(roles.count) * cell.width + 84, 700)
    let bottom = cell.top + Double(blocks.count) * cell.height
    var content: [Markup] = []
    for (column, role) in roles.enumerated() {
      let x = cell.left + (Double(column) + 0.5) * cell.width
      content.append(Drawing.text(x - 4, cell.top - 8, role, class: "soft", turned: -45))
    }
    for (row, block) in blocks.enumerated() {
      let y = cell.top + Double(row) * cell.height
      content.append(Drawing.text(cell.left - 6, y + 14, "\(block)", anchor: "end", class: "soft"))
      for (column, role) in roles.enumerated() {
        guard let activation = cells["\(block) \(role)"] else { continue }
        content += draw(activation, x: cell.left + Double(column) * cell.width, y: y)
      }
    }
    content += legend(y: bottom + 14)
    return Drawing(
      name: measure == .margin ? "margins" : "accumulated",
      title: measure == .margin
        ? "Local margin by block and activation" : "Accumulated drift by block and activation",
      description: "A row for each block, a column for each activation, in the order of the pass. "
        + "Every number is in the table of all activations at the end of the page.",
      width: width, height: bottom + 44, leastWidth: min(width * 0.78, 760), content: content
    ).markup
  }

  private func draw(_ activation: ActivationDrift, x: Double, y: Double) -> [Markup] {
    let value = Self.value(of: activation, measure)
    let number = measure == .margin ? DriftTable.short(value) : DriftTable.scientific(value)
    let (verdict, step) = (activation.local.verdict, step(of: value))
    let (fill, ink, sign) =
      switch verdict {
      case .within: ("s\(step)", "t\(step)", "")
      case .outside: ("bad", "badt", "✗")
      case .outsideDomain: ("open", "opent", "–")
      }
    let title =
      "\(activation.name), \(activation.layer): \(verdict.rawValue), margin "
      + "\(DriftTable.short(activation.local.margin)), local \(DriftTable.short(activation.local.worstUlps)) ulps, "
      + "accumulated \(DriftTable.scientific(activation.accumulated.relative)) of the greatest element"
    return [
      Drawing.rectangle(x, y, Self.cell.width - 1, Self.cell.height - 1, class: fill, title: title),
      Drawing.text(
        x + (Self.cell.width - 1) / 2, y + 13, sign + number, anchor: "middle", class: ink, size: 10.5),
    ]
  }

  /// The step of the palette, from 0 to 8.
  private func step(of value: Double) -> Int {
    guard value > scale.lowerBound else { return 0 }
    guard value < scale.upperBound else { return 8 }
    let place =
      measure == .margin
      ? value
      : (log2(value) - log2(scale.lowerBound)) / (log2(scale.upperBound) - log2(scale.lowerBound))
    return min(8, max(0, Int(place * 9)))
  }

  private func legend(y: Double) -> [Markup] {
    let x = Self.cell.left + 60
    let (low, high) =
      measure == .margin
      ? ("0", "1, the bound") : (DriftTable.scientific(scale.lowerBound), DriftTable.scientific(scale.upperBound))
    return (0..<9).map { Drawing.rectangle(x + Double($0) * 22, y, 22, 12, class: "s\($0)") } + [
      Drawing.text(x - 6, y + 10, low, anchor: "end", class: "soft"),
      Drawing.text(x + 9 * 22 + 6, y + 10, high + (measure == .margin ? "" : " (log scale)"), class: "soft"),
      Drawing.rectangle(x + 330, y, 22, 12, class: "bad"),
      Drawing.text(x + 358, y + 10, "✗ outside", class: "soft"),
      Drawing.rectangle(x + 440, y, 22, 12, class: "open"),
      Drawing.text(x + 468, y + 10, "– nothing claimed", class: "soft"),
    ]
  }
}
