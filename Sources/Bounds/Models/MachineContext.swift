import Foundation
import PlumbLayers
import PlumbModel
import PlumbTolerance

/// Float32 as one kernel that a model allows computes: an order of sums, fused or not, the one or the other of two formulas, steps stored
/// or kept.
///
/// Operations are rounded to nearest, and functions correctly but for what Float64 leaves, so that each is within the model's accuracy.
/// - Precondition: the model computes in Float32, without a unit, parts of sums or quantised inputs.
package struct MachineContext: ArithmeticContext {
  /// The order in which the terms of a sum are added.
  package enum Order: String, Sendable, CaseIterable {
    case forwards = "one after the other"
    case backwards = "from the last"
    case positiveFirst = "the positive terms first"
    case negativeFirst = "the negative terms first"
    case halves = "in halves"
  }

  package let model: ArithmeticModel
  package var order = Order.forwards
  /// Whether a product and the addition after it are rounded once.
  package var fuses = false
  /// Whether the other one is computed of two formulas.
  package var takesOthers = false
  /// Whether a step that may be stored is.
  package var stores = false
  private var isInside = false

  package init(_ model: ArithmeticModel) { self.model = model }

  /// All kernels of this kind that `model` allows; none where it is of another kind.
  package static func all(in model: ArithmeticModel) -> [MachineContext] {
    guard model.accumulation == .float32, model.sums == nil, model.splits == 1, model.matrixUnit == nil,
      model.activations == nil, model.order == .any || model.order == .lanes(1)
    else { return [] }
    let choices = [false, true]
    var all: [MachineContext] = []
    for order in model.order == .any ? Order.allCases : [.forwards] {
      for fuses in model.mayFuse ? choices : [false] {
        for takesOthers in choices {
          for stores in model.storage == .float32 || model.steps != .perhaps ? [false] : choices {
            var machine = MachineContext(model)
            (machine.order, machine.fuses, machine.takesOthers, machine.stores) = (order, fuses, takesOthers, stores)
            all.append(machine)
          }
        }
      }
    }
    return all
  }

  /// The choices of the machine, for people.
  package var summary: String {
    var words = ["sums added \(order.rawValue)", fuses ? "fused" : "not fused"]
    if takesOthers { words.append("the other formula where there are two") }
    if stores { words.append("each step stored") }
    return words.joined(separator: ", ")
  }

  package var inside: Self {
    var context = self
    context.isInside = true
    return context
  }

  package var unstored: Self {
    var model = model
    model.steps = .kept
    var context = MachineContext(model)
    (context.order, context.fuses, context.takesOthers, context.isInside) = (order, fuses, takesOthers, isInside)
    return context
  }

  private func rounded(_ x: Float, to format: FloatFormat) -> Float {
    format == .float32 ? x : Float(format.rounded(Double(x)))
  }

  private func function(_ x: Float, _ function: (Double) -> Double) -> Float { Float(function(Double(x))) }

  package func uses(_ formula: FormulaName) -> Bool { model.uses(formula) }
  package var losesStored: Bool { model.losesStored }
  package var storesOperations: Bool { model.storesOperations }

  package func read(_ value: Float, within relativeError: Double) -> Float { rounded(value, to: model.storage) }
  package func parameter(_ value: Double) -> Float { Float(value) }
  package func constant(_ value: Double) -> Float { Float(value) }
  package func exact(_ value: Double) -> Float { Float(value) }
  package var hidden: Float { -.infinity }

  package func stored(_ x: Float) -> Float {
    model.steps == .stored || stores ? rounded(x, to: model.storage) : x
  }
  package func tabled(_ x: Float) -> Float { rounded(x, to: model.tables) }
  package func factor(_ x: Float) -> Float { model.factors.map { rounded(x, to: $0) } ?? x }
  package func result(_ x: Float) -> Float { isInside ? stored(x) : rounded(x, to: model.storage) }
  package func oneOf(_ first: Float, _ second: () -> Float) -> Float { takesOthers ? second() : first }
  package func scales(of greatest: Float, _ rule: ScaleRule) -> [Float] { [Float(rule.scale(Double(greatest)))] }
  package func onGrid(_ x: Float, _ grid: NumberGrid) -> Float { rounded(x, to: FloatFormat(grid)) }
  package func tabulated(_ x: Float, below limit: Double, _ function: (Float) -> Float) -> Float {
    guard Double(x.magnitude) < limit else { return function(x) }
    return rounded(function(rounded(x, to: .float16)), to: .float16)
  }

  package func negated(_ x: Float) -> Float { -x }
  package func sum(_ a: Float, _ b: Float) -> Float { a + b }
  package func product(_ a: Float, _ b: Float) -> Float { a * b }
  package func quotient(_ a: Float, _ b: Float) -> Float { a / b }
  package func quotientOrReciprocal(_ a: Float, _ b: Float) -> Float { takesOthers ? a * (1 / b) : a / b }
  package func gated(_ x: Float, by opening: Float) -> Float { opening > 0 ? x : 0 }
  package func rectified(_ x: Float) -> Float { x < 0 ? 0 : x }
  package func kept(_ x: Float, upTo limit: Double) -> Float { Double(x) > limit ? Float(limit) : x }
  package func squareRoot(_ x: Float) -> Float { x.squareRoot() }
  package func squareRoot(ofSquares squares: Float) -> Float { squares.squareRoot() }
  package func reciprocalSquareRoot(_ x: Float) -> Float { 1 / x.squareRoot() }
  package func reciprocalRoot(ofMeanSquare meanSquare: Float, plus epsilon: Float) -> Float {
    1 / (meanSquare + epsilon).squareRoot()
  }
  package func reciprocalRoot(ofCount count: Int) -> Float { 1 / Float(count).squareRoot() }
  package func exponential(_ x: Float) -> Float { function(x, exp) }
  package func logarithm(_ x: Float) -> Float { function(x, log) }
  package func power(_ base: Float, _ exponent: Float) -> Float { Float(pow(Double(base), Double(exponent))) }
  package func hyperbolicTangent(_ x: Float) -> Float { function(x, tanh) }
  package func errorFunction(_ x: Float) -> Float { function(x, erf) }
  package func sine(_ x: Float) -> Float { function(x, sin) }
  package func cosine(_ x: Float) -> Float { function(x, cos) }

  package func total(_ terms: ArraySlice<Float>) -> Float { added(Array(terms), [], bias: nil) }

  package func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>, bias: Float?) -> Float {
    added(Array(a), Array(b), bias: bias)
  }

  package func exponential(ofDifferences row: ArraySlice<Float>) -> [Float] {
    guard takesOthers && uses(.exp2) || !uses(.exp) else { return exponential(row) }
    return row.map { function($0 * Float(M_LOG2E), exp2) }
  }

  package func greatest(_ row: ArraySlice<Float>) -> Float? { row.max() }

  package func lessGreatest(_ row: ArraySlice<Float>) -> [Float] {
    let greatest = row.max() ?? 0
    return row.map { $0 - greatest }
  }

  package func isZero(_ row: ArraySlice<Float>) -> Bool { row.allSatisfy { $0 == 0 } }

  /// The sum of the products of `a` and `b`, or of `a` where there is no `b`, in the order.
  private func added(_ a: [Float], _ b: [Float], bias: Float?) -> Float {
    func term(_ place: Int) -> Float { b.isEmpty ? a[place] : a[place] * b[place] }
    func add(_ sum: Float, _ place: Int) -> Float {
      fuses && !b.isEmpty ? sum.addingProduct(a[place], b[place]) : sum + term(place)
    }
    func halves(_ places: Range<Int>) -> Float {
      guard places.count > 1 else { return places.first.map(term) ?? 0 }
      let middle = places.lowerBound + places.count / 2
      return halves(places.lowerBound..<middle) + halves(middle..<places.upperBound)
    }
    let places = Array(a.indices)
    func inOrder(_ isFirst: (Int) -> Bool) -> [Int] { places.filter(isFirst) + places.filter { !isFirst($0) } }
    let start = bias ?? 0
    switch order {
    case .forwards: return places.reduce(start, add)
    case .backwards: return places.reversed().reduce(start, add)
    case .positiveFirst: return inOrder { term($0) > 0 }.reduce(start, add)
    case .negativeFirst: return inOrder { term($0) < 0 }.reduce(start, add)
    case .halves: return bias.map { halves(a.indices) + $0 } ?? halves(a.indices)
    }
  }
}
