import Foundation
import PlumbModel
import PlumbVerdicts

/// y[i] = x[i] − log Σⱼ e^x[j], along the last axis, with the greatest element subtracted first.
struct PlainLogSoftmax: PlainLayer {
  static let layer = LayerKind.logSoftmax

  let x: Activation<Float>
  var exponential: (Double) -> Double = { exp($0) }
  /// The logarithm of 1 and the exponentials of the other elements.
  var logarithm: ([Double]) -> Double = { log1p($0.reduce(0, +)) }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) { x = input.real("x") }

  func output() -> Activation<Float> {
    var result: [Float] = []
    for index in 0..<x.rows {
      let row = x.row(index).map(Double.init)
      guard let greatest = row.indices.max(by: { row[$0] < row[$1] }) else { continue }
      let others = row.indices.filter { $0 != greatest }.map { exponential(row[$0] - row[greatest]) }
      let logarithm = logarithm(others)
      result += row.map { round(($0 - row[greatest]) - logarithm) }
    }
    return Activation(shape: x.shape, elements: result)
  }

  static let mutants: [Mutant] = [
    mutant("greatest-not-counted", "The greatest element is left out of the sum.") {
      $0.logarithm = { $0.isEmpty ? 0 : log($0.reduce(0, +)) }
    },
    mutant("small-sum-lost", "The logarithm is taken of the sum in Float32, where small terms are lost.") {
      $0.logarithm = { Double(log(Float(1 + $0.reduce(0, +)))) }
    },
    mutant("base-2-logarithm", "The logarithm is to base 2.") { $0.logarithm = { log2(1 + $0.reduce(0, +)) } },
    mutant("base-2-exponential", "Powers of 2 are taken instead of powers of e.") { $0.exponential = { exp2($0) } },
    mutant("logarithm-forgotten", "The sum's logarithm is not subtracted.") { $0.logarithm = { _ in 0 } },
    mutant("logarithm-added", "The sum's logarithm is added.") { $0.logarithm = { -log1p($0.reduce(0, +)) } },
    mutant("last-term-skipped", "The last of the other exponentials is left out of the sum.") {
      $0.logarithm = { log1p($0.dropLast().reduce(0, +)) }
    },
    mutant("exponentials-in-bf16", "Exponentials are kept in bfloat16.") {
      $0.exponential = { NarrowFormat.bfloat16.rounded(exp($0)) }
    },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
