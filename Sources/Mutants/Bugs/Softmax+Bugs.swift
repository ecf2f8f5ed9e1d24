import PlumbLayers
import PlumbModel

extension Softmax: Plantable where Context: BugContext {
  static var layer: LayerKind { .softmax }

  static var bugs: [Bug<Self>] {
    [
      mutant("no-maximum", "The greatest element is not subtracted, and Float32 overflows.") {
        $0.shifted = { $0 }
        $0.exponential = { $0.exponential().rounded(to: .float32) }
      },
      mutant("maximum-from-0", "The search for the greatest element starts at 0.") {
        $0.shifted = { $0 - $0.appending($0.number(0)).greatest }
      },
      mutant("maximum-of-magnitudes", "The greatest magnitude is subtracted.") {
        $0.shifted = { $0 - $0.magnitude.greatest }
      },
      mutant("least-subtracted", "The least element is subtracted.") { $0.shifted = { $0 - $0.least } },
      mutant("first-subtracted", "The first element is subtracted.") {
        $0.shifted = { $0 - ($0.first ?? $0.number(0)) }
      },
      mutant("wrong-axis", "Columns are normalised instead of rows.") { $0.isAlongColumns = true },
      mutant("last-term-skipped", "The last exponential is left out of the sum.") {
        $0.divisor = { $0.prefix(max($0.count - 1, 1)).total }
      },
      mutant("vector-terms-only", "Exponentials that do not fill a vector of eight are left out of the sum.") {
        $0.divisor = { $0.prefix($0.count > 8 ? $0.count / 8 * 8 : $0.count).total }
      },
      mutant("first-term-twice", "The first exponential is added twice.") {
        $0.divisor = { $0.appending($0.first ?? $0.number(0)).total }
      },
      mutant("one-added", "1 is added to the sum.") { $0.divisor = { $0.appending($0.number(1)).total } },
      mutant("sum-guarded", "1e-6 is added to the sum against a division by 0.") {
        $0.divisor = { $0.appending($0.number(1e-6)).total }
      },
      mutant("divided-by-greatest", "Exponentials are divided by the greatest, not by their sum.") {
        $0.divisor = { $0.greatest }
      },
      mutant("not-divided", "The division is forgotten.") { $0.divisor = { $0.number(1) } },
      mutant("base-2", "Powers of 2 are taken instead of powers of e.") { $0.exponential = { $0.exponentialOfTwo() } },
      mutant("float32-log2e", "e^x is 2^(x·log₂e) with the product rounded to Float32.") {
        $0.exponential = { ($0.rounded(to: .float32) * 0x1.715476p0).rounded(to: .float32).exponentialOfTwo() }
      },
      mutant("fast-exponential", "The exponential is read off the bits of a Float32, as Schraudolph's is.") {
        $0.exponential = { $0.fastExponential() }
      },
      mutant("exponential-cut-at-20", "Exponents below −20 count as −20.") {
        $0.exponential = { $0.rising { max($0, -20) }.exponential() }
      },
      mutant("exponentials-in-float32", "Exponentials and their sum are rounded to Float32.") {
        $0.exponential = { $0.exponential().rounded(to: .float32) }
        $0.divisor = { $0.total(in: .float32) }
      },
      mutant("exponentials-in-bf16", "Exponentials are kept in bfloat16.") {
        $0.exponential = { $0.exponential().rounded(to: .bfloat16) }
      },
      mutant("sum-in-float16", "The sum is kept in binary16.") {
        $0.divisor = { $0.total(in: .float16) }
      },
      resultInFloat16,
      mutant("logarithm-given", "The logarithm of the result is given.") { $0.round = { $0.logarithm().result } },
      truncated,
      flushed,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
