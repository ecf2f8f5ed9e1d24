import PlumbModel

/// y[i] = e^x[i] / Σⱼ e^x[j], along the last axis, with the greatest element subtracted first.
struct PlainSoftmax<Number: PlainNumber>: PlainForm {
  typealias Enclosing = PlainSoftmax<Enclosed>
  static var layer: LayerKind { .softmax }

  var x: Activation<Number>
  /// Whether columns are normalised instead of rows.
  var isAlongColumns = false
  /// What is subtracted from each element of a row.
  var shift: @Sendable ([Number]) -> Number = { .greatest($0) ?? 0 }
  var exponential: @Sendable (Number) -> Number = { $0.exponential() }
  /// What the exponentials of a row are divided by.
  var divisor: @Sendable ([Number]) -> Number = { .sum($0) }
  var round: @Sendable (Number) -> Number = { $0.nearest() }

  init(reading input: PlainInput<Number>) { x = input.real("x") }

  func result() -> Activation<Number> {
    var result = x
    let (lines, count) = isAlongColumns ? (x.columns, x.rows) : (x.rows, x.columns)
    for line in 0..<lines {
      let places = (0..<count).map { isAlongColumns ? $0 * lines + line : line * count + $0 }
      let row = places.map { x.elements[$0] }
      let shift = shift(row)
      let exponentials = row.map { exponential($0 - shift) }
      let divisor = divisor(exponentials)
      for (place, exponential) in zip(places, exponentials) { result.elements[place] = round(exponential / divisor) }
    }
    return result
  }

  static var bugs: [Bug<Self>] {
    [
      mutant("no-maximum", "The greatest element is not subtracted, and Float32 overflows.") {
        $0.shift = { _ in 0 }
        $0.exponential = { $0.exponential().rounded(to: .float32) }
      },
      mutant("maximum-from-0", "The search for the greatest element starts at 0.") {
        $0.shift = { .greatest($0 + [0]) ?? 0 }
      },
      mutant("maximum-of-magnitudes", "The greatest magnitude is subtracted.") {
        $0.shift = { .greatest($0.map(\.magnitude)) ?? 0 }
      },
      mutant("least-subtracted", "The least element is subtracted.") { $0.shift = { .least($0) ?? 0 } },
      mutant("first-subtracted", "The first element is subtracted.") { $0.shift = { $0.first ?? 0 } },
      mutant("wrong-axis", "Columns are normalised instead of rows.") { $0.isAlongColumns = true },
      mutant("last-term-skipped", "The last exponential is left out of the sum.") {
        $0.divisor = { .sum($0.prefix(max($0.count - 1, 1))) }
      },
      mutant("vector-terms-only", "Exponentials that do not fill a vector of eight are left out of the sum.") {
        $0.divisor = { .sum($0.prefix($0.count > 8 ? $0.count / 8 * 8 : $0.count)) }
      },
      mutant("first-term-twice", "The first exponential is added twice.") {
        $0.divisor = { .sum($0, from: $0.first ?? 0) }
      },
      mutant("one-added", "1 is added to the sum.") { $0.divisor = { .sum($0, from: 1) } },
      mutant("sum-guarded", "1e-6 is added to the sum against a division by 0.") {
        $0.divisor = { .sum($0, from: 1e-6) }
      },
      mutant("divided-by-greatest", "Exponentials are divided by the greatest, not by their sum.") {
        $0.divisor = { .greatest($0) ?? 1 }
      },
      mutant("not-divided", "The division is forgotten.") { $0.divisor = { _ in 1 } },
      mutant("base-2", "Powers of 2 are taken instead of powers of e.") { $0.exponential = { $0.exponentialOfTwo() } },
      mutant("float32-log2e", "e^x is 2^(x·log₂e) with the product rounded to Float32.") {
        $0.exponential = { ($0.rounded(to: .float32) * Number(0x1.715476p0)).rounded(to: .float32).exponentialOfTwo() }
      },
      mutant("fast-exponential", "The exponential is read off the bits of a Float32, as Schraudolph's is.") {
        $0.exponential = { $0.fastExponential() }
      },
      mutant("exponential-cut-at-20", "Exponents below −20 count as −20.") {
        $0.exponential = { $0.rising { max($0, -20) }.exponential() }
      },
      mutant("exponentials-in-float32", "Exponentials and their sum are rounded to Float32.") {
        $0.exponential = { $0.exponential().rounded(to: .float32) }
        $0.divisor = { .sum($0, in: .float32) }
      },
      mutant("exponentials-in-bf16", "Exponentials are kept in bfloat16.") {
        $0.exponential = { $0.exponential().rounded(to: .bfloat16) }
      },
      mutant("sum-in-float16", "The sum is kept in binary16.") {
        $0.divisor = { .sum($0, in: .float16) }
      },
      mutant("result-in-float16", "The result goes through binary16.") { $0.round = { $0.rounded(to: .float16) } },
      mutant("logarithm-given", "The logarithm of the result is given.") { $0.round = { $0.logarithm().nearest() } },
      mutant("truncated", "The result is cut off instead of rounded.") { $0.round = { $0.truncated() } },
      mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = { $0.flushed() } },
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}

extension PlainSoftmax: PlainLayer where Number == Double {}
