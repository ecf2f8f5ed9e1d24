import PlumbModel

/// The axes of a formula's parts, and those along which numbers meet.
struct FormulaShape {
  /// The axes of the result, outermost first.
  private(set) var axes: [String] = []
  /// The axes along which an element of the result depends on more than its own index.
  private(set) var coupled: Set<String> = []
  private var known: [String: [String]] = [:]
  private let extents: [String: Int]?

  /// The most numbers that all steps together may have: in an exact arithmetic each takes some hundred bytes.
  private static let mostNumbers = 1 << 22
  private var numbers = 0

  /// Finds the axes of `formula`, and checks a case of `extents`, where given, before anything of it is computed.
  ///
  /// - Throws: `FormulaError` where axes do not fit, a layer is no part of a formula or does not take the extents, or a part
  ///   has too many numbers to be computed exactly.
  init(_ formula: CustomFormula, extents: [String: Int]? = nil) throws(FormulaError) {
    self.extents = extents
    for input in formula.inputs { known[input.name] = input.axes }
    for part in formula.parts { known[part.name] = try axes(of: part.expression) }
    axes = try axes(of: formula.result)
    guard !axes.isEmpty else { throw FormulaError("the result has no axis; keep one, or give an input one of 1") }
  }

  private mutating func axes(of expression: FormulaExpression) throws(FormulaError) -> [String] {
    let axes = try joinedAxes(of: expression)
    if let extents {
      var count = 1
      for axis in axes {
        let (product, overflow) = count.multipliedReportingOverflow(by: max(extents[axis] ?? 1, 1))
        guard !overflow, product <= Self.mostNumbers - numbers else {
          let sizes = axes.map { extents[$0] ?? 1 }
          throw FormulaError(
            "the steps are too large to be computed exactly, among them \(Self.text(axes)) of \(sizes)")
        }
        count = product
      }
      numbers += count
    }
    return axes
  }

  private mutating func joinedAxes(of expression: FormulaExpression) throws(FormulaError) -> [String] {
    switch expression {
    case .number: return []
    case .name(let name): return known[name] ?? []
    case .negated(let x), .function(_, let x): return try axes(of: x)
    case .pair(_, let a, let b): return Self.joined(try axes(of: a), try axes(of: b))
    case .reduction(let reduction, let x, let along):
      let axes = try axes(of: x)
      try expect(along, in: axes, reduction.rawValue)
      coupled.formUnion(along)
      if reduction != .sum, let empty = along.first(where: { extents?[$0] == 0 }) {
        throw FormulaError("\(reduction.rawValue) along '\(empty)', which has no index, is no number")
      }
      return axes.filter { !along.contains($0) }
    case .dot(let a, let b, let along):
      let (first, second) = (try axes(of: a), try axes(of: b))
      try expect(along, in: first, "dot")
      try expect(along, in: second, "dot")
      coupled.formUnion(along)
      return Self.joined(first, second, appending: true).filter { !along.contains($0) }
    case .permuted(let x, let order):
      let axes = try axes(of: x)
      guard Set(order) == Set(axes) else {
        throw FormulaError("permute has \(Self.text(order)) of a tensor \(Self.text(axes))")
      }
      return order
    case .layer(let layer, let arguments, let attributes):
      var shapes: [(String?, [String])] = []
      for argument in arguments { shapes.append((argument.name, try axes(of: argument.expression))) }
      let call = try LayerCall(layer, shapes, attributes)
      coupled.formUnion(call.coupled)
      if let extents {
        do {
          _ = try call.input(extents)
        } catch {
          throw FormulaError("\(error.layer.rawValue): \(error.problem)")
        }
      }
      return call.output
    }
  }

  private func expect(_ along: [String], in axes: [String], _ name: String) throws(FormulaError) {
    guard let missing = along.first(where: { !axes.contains($0) }) else { return }
    throw FormulaError("\(name) goes along '\(missing)', but its tensor has the axes \(Self.text(axes))")
  }

  /// The axes of what two tensors make: those of the one that has all of the other's, else the first's and then the second's.
  static func joined(_ a: [String], _ b: [String], appending: Bool = false) -> [String] {
    if !appending, b.count > a.count, a.allSatisfy(b.contains) { return b }
    return a + b.filter { !a.contains($0) }
  }

  static func text(_ axes: [String]) -> String { "[\(axes.joined(separator: ","))]" }
}
