import Foundation
import PlumbModel
import PlumbVerdicts

/// Numbers by block and activation, darker where greater, each written in its cell.
struct HeatMap {
  /// The number of an activation that is shown, and its scale.
  enum Measure {
    /// The local margin, from 0 to 1.
    case margin
    /// The accumulated drift relative to the greatest element, on a logarithmic scale.
    case accumulated
  }

  /// An activation that a dump lacks.
  struct Bridge {
    /// Its name.
    let name: String
    /// The activations that it was checked as one with.
    var checkedIn: [String]
  }

  private let measure: Measure
  private let blocks: [Int]
  private let roles: [String]
  private let cells: [String: ActivationDrift]
  private let bridges: [String: Bridge]
  private let scale: ClosedRange<Double>
  /// The roles, the last ones, whose activations are rounded once: their margin is near 1 by nature, and has no shade.
  private let once: [String]

  /// The map of those of `activations` that stand in a block; `nil` where there is no number of one.
  init?(_ activations: [ActivationDrift], _ measure: Measure, bridges: [Bridge] = []) {
    var (blocks, roles) = (Set<Int>(), Set<String>())
    var cells: [String: ActivationDrift] = [:]
    var gaps: [String: Bridge] = [:]
    var values: [Double] = []
    for activation in activations {
      guard let place = Self.place(of: activation.name), let value = Self.value(of: activation, measure) else {
        continue
      }
      blocks.insert(place.block)
      roles.insert(place.role)
      cells["\(place.block) \(place.role)"] = activation
      values.append(value)
    }
    guard !blocks.isEmpty else { return nil }
    for bridge in bridges {
      guard let place = Self.place(of: bridge.name) else { continue }
      blocks.insert(place.block)
      roles.insert(place.role)
      gaps["\(place.block) \(place.role)"] = bridge
    }
    let drawn = values.filter { $0 > 0 && $0.isFinite }
    (self.measure, self.blocks, self.cells, self.bridges) = (measure, blocks.sorted(), cells, gaps)
    let inOrder = roles.sorted { (Self.order[$0] ?? .max, $0) < (Self.order[$1] ?? .max, $1) }
    let byRole = Dictionary(grouping: cells) { $0.key.split(separator: " ", maxSplits: 1).last.map(String.init) ?? "" }
    let once = inOrder.filter { role in
      guard measure == .margin, let found = byRole[role] else { return false }
      return found.allSatisfy { Self.isRoundedOnce($0.value.local) }
    }
    let others = inOrder.filter { !once.contains($0) }
    (self.roles, self.once) = (others + once, once)
    let greatest = others.flatMap { byRole[$0] ?? [] }.map(\.value.local).filter { $0.verdict == .within }.map(\.margin)
    let top = greatest.max() ?? 1
    scale = measure == .margin ? 0...(top > 0 ? top : 1) : (drawn.min() ?? 0)...(drawn.max() ?? 0)
  }

  private static func isRoundedOnce(_ local: LocalDrift) -> Bool {
    local.verdict == .within && local.worst?.isRoundedOnce(bound: local.bound) == true
  }

  /// The left edge of a column: what is rounded once stands apart.
  private func left(of column: Int) -> Double {
    let isApart = column >= roles.count - once.count && roles.count > once.count
    return Self.cell.left + Double(column) * Self.cell.width + (isApart ? 14 : 0)
  }

  /// The places of roles in a pass.
  private static let order = Dictionary(
    uniqueKeysWithValues: ActivationName.Role.allCases.enumerated().map { ($0.element.rawValue, $0.offset) })

  /// Block 3 and `query` of `blocks.3.query`; `nil` outside the blocks.
  private static func place(of name: String) -> (block: Int, role: String)? {
    let words = name.split(separator: ".", maxSplits: 2)
    guard words.count == 3, let block = Int(words[1]) else { return nil }
    return (block, String(words[2]))
  }

  private static func value(of activation: ActivationDrift, _ measure: Measure) -> Double? {
    measure == .margin ? activation.local.margin : activation.accumulated?.relative
  }

  private static let cell = (width: 48.0, height: 19.0, left: 34.0, top: 116.0)

  /// The drawing.
  var markup: Markup {
    let cell = Self.cell
    let width = max(left(of: roles.count) + 84, 700)
    let bottom = cell.top + Double(blocks.count) * cell.height
    var content: [Markup] = []
    for (column, role) in roles.enumerated() {
      let x = left(of: column) + 0.5 * cell.width
      content.append(Drawing.text(x - 4, cell.top - 8, role, class: "soft", turned: -45))
    }
    for (row, block) in blocks.enumerated() {
      let y = cell.top + Double(row) * cell.height
      content.append(Drawing.text(cell.left - 6, y + 14, "\(block)", anchor: "end", class: "soft"))
      for (column, role) in roles.enumerated() {
        let x = left(of: column)
        if let activation = cells["\(block) \(role)"] {
          content += draw(activation, isShaded: !once.contains(role), x: x, y: y)
        } else if let bridge = bridges["\(block) \(role)"] {
          content += draw(bridge, x: x, y: y)
        }
      }
    }
    content += legend(y: bottom + 14)
    return Drawing(
      name: measure == .margin ? "margins" : "accumulated",
      title: measure == .margin
        ? "Local margin by block and activation" : "Accumulated drift by block and activation",
      description: "A row for each block, a column for each activation, in the order of the pass. "
        + "Every number is in the table of all activations at the end of the page.",
      width: width, height: bottom + (bridges.isEmpty && once.isEmpty ? 44 : 64), leastWidth: min(width * 0.78, 760),
      content: content
    ).markup
  }

  private func draw(_ activation: ActivationDrift, isShaded: Bool, x: Double, y: Double) -> [Markup] {
    let value = Self.value(of: activation, measure) ?? 0
    let number = measure == .margin ? ReportText.short(value) : ReportText.scientific(value)
    let (verdict, step) = (activation.local.verdict, step(of: value))
    let (fill, ink, sign) =
      switch verdict {
      case .within: isShaded ? ("s\(step)", "t\(step)", "") : ("once", "oncet", "")
      case .outside, .anotherExpert: ("bad", "badt", "✗")
      case .undecided, .outsideDomain: ("open", "opent", "?")
      }
    let accumulated = activation.accumulated.map {
      ", accumulated \(ReportText.scientific($0.relative)) of the greatest element"
    }
    let title =
      "\(activation.name), \(activation.layer): \(verdict.rawValue), margin "
      + "\(ReportText.short(activation.local.margin)), local \(ReportText.short(activation.local.worstUlps)) ulps"
      + (accumulated ?? "")
    return [
      Drawing.rectangle(x, y, Self.cell.width - 1, Self.cell.height - 1, class: fill, title: title),
      Drawing.text(
        x + (Self.cell.width - 1) / 2, y + 13, sign + number, anchor: "middle", class: ink, size: 10.5),
    ]
  }

  private func draw(_ bridge: Bridge, x: Double, y: Double) -> [Markup] {
    let title = "\(bridge.name): not in the dump; checked as one with \(bridge.checkedIn.joined(separator: ", "))"
    return [
      Drawing.rectangle(x + 0.5, y + 0.5, Self.cell.width - 2, Self.cell.height - 2, class: "gap", title: title),
      Drawing.text(x + (Self.cell.width - 1) / 2, y + 13, "→", anchor: "middle", class: "soft", size: 10.5),
    ]
  }

  /// The step of the palette, from 0 to 8.
  private func step(of value: Double) -> Int {
    guard value > scale.lowerBound else { return 0 }
    guard value < scale.upperBound else { return 8 }
    let place =
      measure == .margin
      ? value / scale.upperBound
      : (log2(value) - log2(scale.lowerBound)) / (log2(scale.upperBound) - log2(scale.lowerBound))
    return min(8, max(0, Int(place * 9)))
  }

  private func legend(y: Double) -> [Markup] {
    let x = Self.cell.left + 60
    let (low, high) =
      measure == .margin
      ? ("0", "\(ReportText.short(scale.upperBound)); bound: 1")
      : (ReportText.scientific(scale.lowerBound), ReportText.scientific(scale.upperBound))
    let steps = (0..<9).map { Drawing.rectangle(x + Double($0) * 22, y, 22, 12, class: "s\($0)") }
    let signs: [Markup] = [
      Drawing.text(x - 6, y + 10, low, anchor: "end", class: "soft"),
      Drawing.text(x + 9 * 22 + 6, y + 10, high + (measure == .margin ? "" : " (log scale)"), class: "soft"),
      Drawing.rectangle(x + 330, y, 22, 12, class: "bad"),
      Drawing.text(x + 358, y + 10, "✗ outside", class: "soft"),
      Drawing.rectangle(x + 440, y, 22, 12, class: "open"),
      Drawing.text(x + 468, y + 10, "? nothing claimed", class: "soft"),
    ]
    let apart: [Markup] =
      once.isEmpty
      ? []
      : [
        Drawing.rectangle(x + 330, y + 20, 22, 12, class: "once"),
        Drawing.text(x + 358, y + 30, "rounded once: near its bound by nature", class: "soft"),
      ]
    guard !bridges.isEmpty else { return steps + signs + apart }
    return steps + signs + apart + [
      Drawing.rectangle(x + 0.5, y + 20.5, 21, 11, class: "gap"),
      Drawing.text(x + 28, y + 30, "→ not in the dump: checked with what follows", class: "soft"),
    ]
  }
}
