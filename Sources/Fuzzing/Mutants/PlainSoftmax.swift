import Foundation
import PlumbDrift
import PlumbModel

/// y[i] = e^x[i] / Σⱼ e^x[j], along the last axis, with the greatest element subtracted first.
struct PlainSoftmax: PlainLayer {
  static let layer = LayerKind.softmax

  var x: Activation<Float>
  /// Whether columns are normalised instead of rows.
  var isAlongColumns = false
  /// What is subtracted from each element of a row.
  var shift: ([Double]) -> Double = { $0.max() ?? 0 }
  var exponential: (Double) -> Double = { exp($0) }
  /// What the exponentials of a row are divided by.
  var divisor: ([Double]) -> Double = { $0.reduce(0, +) }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) { x = input.real("x") }

  func output() -> Activation<Float> {
    var result = x
    let (lines, count) = isAlongColumns ? (x.columns, x.rows) : (x.rows, x.columns)
    for line in 0..<lines {
      let places = (0..<count).map { isAlongColumns ? $0 * lines + line : line * count + $0 }
      let row = places.map { Double(x.elements[$0]) }
      let shift = shift(row)
      let exponentials = row.map { exponential($0 - shift) }
      let divisor = divisor(exponentials)
      for (place, exponential) in zip(places, exponentials) { result.elements[place] = round(exponential / divisor) }
    }
    return result
  }

  static let mutants: [Mutant] = [
    mutant("no-maximum", "The greatest element is not subtracted, and Float32 overflows.") {
      $0.shift = { _ in 0 }
      $0.exponential = { Double(exp(Float($0))) }
    },
    mutant("maximum-from-0", "The search for the greatest element starts at 0.") {
      $0.shift = { max(0, $0.max() ?? 0) }
    },
    mutant("maximum-of-magnitudes", "The greatest magnitude is subtracted.") {
      $0.shift = { $0.map(\.magnitude).max() ?? 0 }
    },
    mutant("least-subtracted", "The least element is subtracted.") { $0.shift = { $0.min() ?? 0 } },
    mutant("first-subtracted", "The first element is subtracted.") { $0.shift = { $0.first ?? 0 } },
    mutant("wrong-axis", "Columns are normalised instead of rows.") { $0.isAlongColumns = true },
    mutant("last-term-skipped", "The last exponential is left out of the sum.") {
      $0.divisor = { $0.count > 1 ? $0.dropLast().reduce(0, +) : $0.reduce(0, +) }
    },
    mutant("vector-terms-only", "Exponentials that do not fill a vector of eight are left out of the sum.") {
      $0.divisor = { $0.count > 8 ? $0.prefix($0.count / 8 * 8).reduce(0, +) : $0.reduce(0, +) }
    },
    mutant("first-term-twice", "The first exponential is added twice.") {
      $0.divisor = { $0.reduce($0.first ?? 0, +) }
    },
    mutant("one-added", "1 is added to the sum.") { $0.divisor = { $0.reduce(1, +) } },
    mutant("sum-guarded", "1e-6 is added to the sum against a division by 0.") { $0.divisor = { $0.reduce(1e-6, +) } },
    mutant("divided-by-greatest", "Exponentials are divided by the greatest, not by their sum.") {
      $0.divisor = { $0.max() ?? 1 }
    },
    mutant("not-divided", "The division is forgotten.") { $0.divisor = { _ in 1 } },
    mutant("base-2", "Powers of 2 are taken instead of powers of e.") { $0.exponential = { exp2($0) } },
    mutant("float32-log2e", "e^x is 2^(x·log₂e) with the product rounded to Float32.") {
      $0.exponential = { exp2(Double(Float($0) * Float(1 / log(2.0)))) }
    },
    mutant("fast-exponential", "The exponential is read off the bits of a Float32, as Schraudolph's is.") {
      $0.exponential = { x in
        let bits = max(0, 0x1p23 * (x / log(2.0) + 127 - 0.0437))
        return Double(Float(bitPattern: UInt32(min(bits, 0x7F7F_FFFF))))
      }
    },
    mutant("exponential-cut-at-20", "Exponents below −20 count as −20.") { $0.exponential = { exp(max($0, -20)) } },
    mutant("exponentials-in-float32", "Exponentials and their sum are rounded to Float32.") {
      $0.exponential = { NarrowFormat.float32.rounded(exp($0)) }
      $0.divisor = { NarrowFormat.float32.rounded($0.reduce(0) { NarrowFormat.float32.rounded($0 + $1) }) }
    },
    mutant("exponentials-in-bf16", "Exponentials are kept in bfloat16.") {
      $0.exponential = { NarrowFormat.bfloat16.rounded(exp($0)) }
    },
    mutant("sum-in-float16", "The sum is kept in binary16.") {
      $0.divisor = { $0.reduce(0) { NarrowFormat.float16.rounded($0 + $1) } }
    },
    mutant("result-in-float16", "The result goes through binary16.") { $0.round = LastRounding.float16 },
    mutant("logarithm-given", "The logarithm of the result is given.") { $0.round = { Float(log($0)) } },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = LastRounding.flushed },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
