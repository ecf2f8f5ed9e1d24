import PlumbModel

/// An arithmetic in which a layer's formula is computed: its numbers, and what each operation makes of them.
///
/// A layer is written once over it: in Float64 it is a plain engine, in error-tracking arithmetic the bound of every kernel
/// that computes the formula, in enclosures what the formula gives exactly. Operations on rows are the context's own, so
/// that their loops are concrete code.
package protocol ArithmeticContext: Sendable {
  associatedtype Number: Sendable

  // MARK: Numbers from without

  /// An element of a tensor, as a layer reads it; the exact one is `value` but for a `relativeError` of that.
  func read(_ value: Float, within relativeError: Double) -> Number

  /// An attribute of a layer, or a literal of its formula, as a kernel's parameter.
  func parameter(_ value: Double) -> Number

  /// The real number that lies within one step of `value`, the literal nearest to it, as a kernel's constant.
  func constant(_ value: Double) -> Number

  /// A real number, as a kernel's constant.
  func constant(_ real: RealConstant) -> Number

  /// A count or a position, which nothing rounds.
  func exact(_ value: Double) -> Number

  /// The element that stands where a mask lets nothing through.
  var hidden: Number { get }

  // MARK: Formulas

  /// Whether kernels that this stands for may compute a step by `formula`.
  func uses(_ formula: FormulaName) -> Bool

  /// The Σ of values by the softmax of their scores, of which `OnlineSoftmax` has the text, where the context knows more of it than the
  /// text's steps tell; otherwise `nil`.
  ///
  /// A `sink` is one score more, of values that are 0.
  func online(_ scores: ArraySlice<Number>, _ columns: [ArraySlice<Number>], sink: Number?) -> [Number]?

  /// The same arithmetic, which stores nothing between steps.
  var unstored: Self { get }

  /// The same arithmetic, in which products are of activations with weights.
  var ofWeights: Self { get }

  /// The same arithmetic, in which a layer's result is one of a greater formula's steps.
  var inside: Self { get }

  // MARK: Numbers between steps

  /// Whether a number that is stored between two steps may lose digits.
  var losesStored: Bool { get }

  /// Whether every operation of a formula may be stored, and digits be lost: only where somebody says so.
  var storesOperations: Bool { get }

  /// A number that may stand in memory between two steps.
  func stored(_ x: Number) -> Number

  /// An element of a table that is computed beforehand.
  func tabled(_ x: Number) -> Number

  /// The inputs of a product with weights, as a kernel that quantises them has them.
  func activations(_ x: Activation<Number>) -> Activation<Number>

  /// A factor of a matrix product.
  func factor(_ x: Number) -> Number

  /// A number of the output, rounded as the last step of the layer rounds it.
  func result(_ x: Number) -> Number

  /// The number rounded to `grid`, to the nearest; itself where a context has exact numbers.
  func onGrid(_ x: Number, _ grid: NumberGrid) -> Number

  /// The scales that `rule` may give as this arithmetic computes it, each without an error: first the exact one, then those in its place.
  func scales(of greatest: Number, _ rule: ScaleRule) -> [Number]

  /// The number `x`, or what is computed in its place, whose exact number is another.
  ///
  /// The first is computed where a context stands for one kernel.
  func replaceable(_ x: Number, by other: Number) -> Number

  /// `function` of x, where |x| < `limit` from a table: of the nearest number of binary16, rounded to binary16.
  func tabulated(_ x: Number, below limit: Double, _ function: (Number) -> Number) -> Number

  /// A number that one of two formulas gives, both of which are in use.
  ///
  /// The first is computed where a context stands for one kernel.
  func oneOf(_ first: Number, _ second: () -> Number) -> Number

  /// The same of each number of a row.
  func oneOf(_ first: ArraySlice<Number>, _ second: () -> ArraySlice<Number>) -> ArraySlice<Number>

  // MARK: Operations

  func negated(_ x: Number) -> Number
  func sum(_ a: Number, _ b: Number) -> Number
  func product(_ a: Number, _ b: Number) -> Number
  func quotient(_ a: Number, _ b: Number) -> Number
  /// The quotient, or the product of `a` with the rounded 1/`b`.
  func quotientOrReciprocal(_ a: Number, _ b: Number) -> Number
  /// `x` where `opening` is above 0, otherwise 0.
  func gated(_ x: Number, by opening: Number) -> Number
  /// The number, or 0 where it is negative.
  func rectified(_ x: Number) -> Number
  /// The number, or `limit` where it is greater.
  func kept(_ x: Number, upTo limit: Double) -> Number
  func squareRoot(_ x: Number) -> Number
  /// √squares, of a sum of squares, which no kernel computes below 0.
  func squareRoot(ofSquares squares: Number) -> Number
  func reciprocalSquareRoot(_ x: Number) -> Number
  /// 1/√(meanSquare + epsilon), of a mean of squares, which no kernel computes below 0.
  func reciprocalRoot(ofMeanSquare meanSquare: Number, plus epsilon: Number) -> Number
  /// 1/√count, exact where a kernel has it exactly.
  func reciprocalRoot(ofCount count: Int) -> Number
  func exponential(_ x: Number) -> Number
  func logarithm(_ x: Number) -> Number
  func power(_ base: Number, _ exponent: Number) -> Number
  func hyperbolicTangent(_ x: Number) -> Number
  func errorFunction(_ x: Number) -> Number
  /// 1 + tanh x.
  func onePlusHyperbolicTangent(_ x: Number) -> Number
  /// 1 + erf x.
  func onePlusErrorFunction(_ x: Number) -> Number
  func sine(_ x: Number) -> Number
  func cosine(_ x: Number) -> Number

  // MARK: Rows, of which one that has a single number goes with every number of another

  /// The numbers of `tensor` at `places`.
  func gathered(_ tensor: [Number], at places: [Int]) -> [Number]

  func each(_ row: ArraySlice<Number>, _ operation: (Number) -> Number) -> [Number]
  func read(_ values: ArraySlice<Float>, within relativeError: Double) -> [Number]
  func factors(_ row: ArraySlice<Number>) -> ArraySlice<Number>
  func stored(_ row: ArraySlice<Number>) -> ArraySlice<Number>
  func result(_ row: ArraySlice<Number>) -> ArraySlice<Number>
  func negated(_ row: ArraySlice<Number>) -> [Number]
  func sum(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>) -> [Number]
  func product(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>) -> [Number]
  func quotientOrReciprocal(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>) -> [Number]
  func exponential(_ row: ArraySlice<Number>) -> [Number]

  /// The sum of a row.
  func total(_ terms: ArraySlice<Number>) -> Number

  /// Σ aⱼ · bⱼ, and `bias` more where there is one.
  func dot(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>, bias: Number?) -> Number

  /// The same of rows of a matrix product.
  func matrixDot(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>, bias: Number?) -> Number

  /// Σ xⱼ · yⱼ / divisor, with the product of the rows' norms for divisor; or the factors are divided first.
  func dot(_ x: ArraySlice<Number>, _ y: ArraySlice<Number>, overNorms divisor: Number) -> Number

  /// The mean of a row.
  func mean(_ row: ArraySlice<Number>) -> Number

  /// The mean of a row as it is updated or merged part by part.
  func updatedMean(_ row: ArraySlice<Number>) -> Number

  /// Σ dⱼ² of the deviations d of the row x from its mean.
  func squares(
    ofDeviations deviations: ArraySlice<Number>, from mean: Number, of row: ArraySlice<Number>
  ) -> Number

  /// The same Σ, which is updated or merged with the mean, part by part.
  func updatedSquares(
    ofDeviations deviations: ArraySlice<Number>, from mean: Number, of row: ArraySlice<Number>
  ) -> Number

  /// The exponentials of differences from a row's greatest element, as a softmax takes them.
  func exponential(ofDifferences row: ArraySlice<Number>) -> [Number]

  /// log Σ of exponentials, of which the greatest is e⁰; the sum may be stored.
  func logarithmOfSum(_ exponentials: ArraySlice<Number>) -> Number

  /// Whether a row is wholly zero.
  func isZero(_ row: ArraySlice<Number>) -> Bool

  /// The greatest number; `nil` of none.
  ///
  /// It is for formulas that do not depend on which number it is, and may have no error of its own.
  func greatest(_ row: ArraySlice<Number>) -> Number?

  /// The greatest number as a result, with its error; `nil` of none.
  func maximum(_ row: ArraySlice<Number>) -> Number?

  /// Each element of a row less the greatest.
  ///
  /// Functions that do not depend on what is subtracted take no error from that.
  func lessGreatest(_ row: ArraySlice<Number>) -> [Number]

  /// `transform` of 0 ..< `count`, in order.
  func map<Element: Sendable>(_ count: Int, _ transform: @Sendable (Int) -> Element) -> [Element]
}

extension ArithmeticContext {
  /// An element of a tensor, as a layer reads it.
  package func read(_ value: Float) -> Number { read(value, within: 0) }

  /// A tensor, as a layer reads it; the exact one is `x` but for a `relativeError` of that.
  package func read(_ x: Activation<Float>, within relativeError: Double = 0) -> Activation<Number> {
    Activation(shape: x.shape, elements: read(x.elements[...], within: relativeError))
  }

  /// A tensor as factors of matrix products.
  package func factors(_ x: Activation<Number>) -> Activation<Number> {
    Activation(shape: x.shape, elements: Array(factors(x.elements[...])))
  }

  package func read(_ values: ArraySlice<Float>, within relativeError: Double) -> [Number] {
    values.map { read($0, within: relativeError) }
  }

  package func gathered(_ tensor: [Number], at places: [Int]) -> [Number] { places.map { tensor[$0] } }
  package func each(_ row: ArraySlice<Number>, _ operation: (Number) -> Number) -> [Number] { row.map(operation) }

  package func oneOf(_ first: ArraySlice<Number>, _ second: () -> ArraySlice<Number>) -> ArraySlice<Number> {
    zip(first, second()).map { first, second in oneOf(first) { second } }[...]
  }

  package func factors(_ row: ArraySlice<Number>) -> ArraySlice<Number> { row.map { factor($0) }[...] }
  package func stored(_ row: ArraySlice<Number>) -> ArraySlice<Number> { row.map { stored($0) }[...] }
  package func result(_ row: ArraySlice<Number>) -> ArraySlice<Number> { row.map { result($0) }[...] }
  package func negated(_ row: ArraySlice<Number>) -> [Number] { row.map { negated($0) } }
  package func sum(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>) -> [Number] { paired(a, b) { sum($0, $1) } }
  package func product(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>) -> [Number] {
    paired(a, b) { product($0, $1) }
  }
  package func exponential(_ row: ArraySlice<Number>) -> [Number] { row.map { exponential($0) } }

  package func quotientOrReciprocal(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>) -> [Number] {
    paired(a, b) { quotientOrReciprocal($0, $1) }
  }

  /// Each number of `a` with that of `b` at its place.
  func paired(
    _ a: ArraySlice<Number>, _ b: ArraySlice<Number>, _ operation: (Number, Number) -> Number
  ) -> [Number] {
    if b.count == 1, a.count != 1, let b = b.first { return a.map { operation($0, b) } }
    if a.count == 1, b.count != 1, let a = a.first { return b.map { operation(a, $0) } }
    return zip(a, b).map(operation)
  }

  package func constant(_ real: RealConstant) -> Number { constant(real.nearest) }
  package func uses(_ formula: FormulaName) -> Bool { !formula.isByNameOnly }
  package var losesStored: Bool { false }
  package var storesOperations: Bool { false }
  package var ofWeights: Self { self }
  package var unstored: Self { self }
  package var inside: Self { self }
  package func online(
    _ scores: ArraySlice<Number>, _ columns: [ArraySlice<Number>], sink: Number?
  ) -> [Number]? { nil }
  package func matrixDot(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>, bias: Number?) -> Number {
    dot(a, b, bias: bias)
  }

  package func activations(_ x: Activation<Number>) -> Activation<Number> { x }
  package func onGrid(_ x: Number, _ grid: NumberGrid) -> Number { x }
  package func replaceable(_ x: Number, by other: Number) -> Number { x }
  package func tabulated(_ x: Number, below limit: Double, _ function: (Number) -> Number) -> Number { function(x) }

  package func maximum(_ row: ArraySlice<Number>) -> Number? { greatest(row) }

  package func updatedMean(_ row: ArraySlice<Number>) -> Number { mean(row) }

  package func updatedSquares(
    ofDeviations deviations: ArraySlice<Number>, from mean: Number, of row: ArraySlice<Number>
  ) -> Number {
    squares(ofDeviations: deviations, from: mean, of: row)
  }

  package func exponential(ofDifferences row: ArraySlice<Number>) -> [Number] { exponential(row) }

  package func onePlusHyperbolicTangent(_ x: Number) -> Number { sum(parameter(1), hyperbolicTangent(x)) }
  package func onePlusErrorFunction(_ x: Number) -> Number { sum(parameter(1), errorFunction(x)) }
  package func logarithmOfSum(_ exponentials: ArraySlice<Number>) -> Number {
    logarithm(stored(total(exponentials)))
  }

  package func mean(_ row: ArraySlice<Number>) -> Number {
    quotientOrReciprocal(total(row), exact(Double(row.count)))
  }

  package func dot(_ x: ArraySlice<Number>, _ y: ArraySlice<Number>, overNorms divisor: Number) -> Number {
    quotient(dot(x, y, bias: nil), divisor)
  }

  package func squares(
    ofDeviations deviations: ArraySlice<Number>, from mean: Number, of row: ArraySlice<Number>
  ) -> Number {
    dot(deviations, deviations, bias: nil)
  }

  package func map<Element: Sendable>(_ count: Int, _ transform: @Sendable (Int) -> Element) -> [Element] {
    (0..<count).map(transform)
  }

  /// `number`, of which formulas are written.
  package func scalar(_ number: Number) -> Scalar<Self> { Scalar(number, self) }

  /// The row `numbers`, of which formulas are written.
  package func row(_ numbers: ArraySlice<Number>) -> Row<Self> { Row(numbers, self) }

  /// The row `numbers`, of which formulas are written.
  package func row(_ numbers: [Number]) -> Row<Self> { Row(numbers[...], self) }
}
