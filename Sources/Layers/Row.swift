import PlumbModel

/// The numbers of a row with the arithmetic that they are computed in; one number goes with every one of another row.
package struct Row<Context: ArithmeticContext>: Quantity {
  package var numbers: ArraySlice<Context.Number>
  package let context: Context

  package init(_ numbers: ArraySlice<Context.Number>, _ context: Context) {
    self.numbers = numbers
    self.context = context
  }

  package init(_ numbers: [Context.Number], _ context: Context) { self.init(numbers[...], context) }

  package var count: Int { numbers.count }

  package var first: Scalar<Context>? { numbers.first.map { Scalar($0, context) } }

  package subscript(_ index: Int) -> Scalar<Context> { Scalar(numbers[numbers.startIndex + index], context) }

  /// The elements at `places`, which count from 0.
  package subscript(_ places: Range<Int>) -> Self {
    Self(numbers[numbers.startIndex + places.lowerBound..<numbers.startIndex + places.upperBound], context)
  }

  /// The elements and one more.
  package func joining(_ number: Context.Number) -> Self { Self(Array(numbers) + [number], context) }

  /// The first `count` elements, or fewer.
  package func prefix(_ count: Int) -> Self { Self(numbers.prefix(count), context) }

  package func each(_ operation: (Context.Number) -> Context.Number) -> Self {
    Self(context.each(numbers, operation), context)
  }
  package func filled(with number: Context.Number) -> Self { Self([number], context) }

  package static prefix func - (x: Self) -> Self { Self(x.context.negated(x.numbers), x.context) }
  package static func + (a: Self, b: Self) -> Self { Self(a.context.sum(a.numbers, b.numbers), a.context) }
  package static func * (a: Self, b: Self) -> Self { Self(a.context.product(a.numbers, b.numbers), a.context) }
  package static func / (a: Self, b: Self) -> Self {
    Self(a.context.quotientOrReciprocal(a.numbers, b.numbers), a.context)
  }

  package static func + (a: Self, b: Scalar<Context>) -> Self { a + a.filled(with: b.number) }
  package static func - (a: Self, b: Scalar<Context>) -> Self { a + a.filled(with: (-b).number) }
  package static func * (a: Self, b: Scalar<Context>) -> Self { a * a.filled(with: b.number) }
  package static func * (a: Scalar<Context>, b: Self) -> Self { b.filled(with: a.number) * b }
  package static func / (a: Self, b: Scalar<Context>) -> Self { a / a.filled(with: b.number) }

  /// The quotients, by divisions.
  package func divided(by divisor: Self) -> Self {
    Self(context.paired(numbers, divisor.numbers, context.quotient), context)
  }

  /// The quotients, by divisions.
  package func divided(by divisor: Scalar<Context>) -> Self { divided(by: filled(with: divisor.number)) }

  package func or(_ other: @autoclosure () -> Self) -> Self {
    Self(context.oneOf(numbers) { other().numbers }, context)
  }

  package func exponential() -> Self { Self(context.exponential(numbers), context) }
  package var stored: Self { Self(context.stored(numbers), context) }

  /// The numbers as those of the output, rounded as the last step of the layer rounds them.
  package var result: Self { Self(context.result(numbers), context) }

  /// The elements as factors of a matrix product.
  package var factors: Self { Self(context.factors(numbers), context) }
}

extension Row {
  /// Each number where that of `opening` at its place is above 0, otherwise 0.
  package func gated(by opening: Self) -> Self {
    Self(context.paired(numbers, opening.numbers, context.gated), context)
  }

  /// The sum.
  package var total: Scalar<Context> { Scalar(context.total(numbers), context) }

  package var mean: Scalar<Context> { Scalar(context.mean(numbers), context) }

  /// The greatest number; 0 of none.
  package var greatest: Scalar<Context> {
    Scalar(context.greatest(numbers) ?? context.exact(0), context)
  }

  /// The greatest number as a result, with its error; 0 of none.
  package var maximum: Scalar<Context> { Scalar(context.maximum(numbers) ?? context.exact(0), context) }

  /// The greatest magnitude, with its error; 0 of none.
  package var greatestMagnitude: Scalar<Context> { Row(numbers + (-self).numbers, context).maximum }

  /// The exponentials of differences from a row's greatest element, as a softmax takes them.
  package var exponentialsOfDifferences: Self { Self(context.exponential(ofDifferences: numbers), context) }

  /// The logarithm of the sum of the exponentials, by the greatest number.
  package var logarithmOfExponentials: Scalar<Context> {
    greatest + lessGreatest.exponentialsOfDifferences.logarithmOfSum
  }

  /// Σ of the products with the elements of `other`, and `bias` more where there is one.
  package func dot(_ other: Self, bias: Scalar<Context>? = nil) -> Scalar<Context> {
    Scalar(context.dot(numbers, other.numbers, bias: bias?.number), context)
  }

  /// The same of rows of a matrix product.
  package func matrixDot(_ other: Self, bias: Scalar<Context>? = nil) -> Scalar<Context> {
    Scalar(context.matrixDot(numbers, other.numbers, bias: bias?.number), context)
  }

  /// Σ of the products with the elements of `other` over `divisor`, the product of the norms of both.
  package func dot(_ other: Self, overNorms divisor: Scalar<Context>) -> Scalar<Context> {
    Scalar(context.dot(numbers, other.numbers, overNorms: divisor.number), context)
  }

  /// log Σ of exponentials, of which the greatest is e⁰.
  package var logarithmOfSum: Scalar<Context> { Scalar(context.logarithmOfSum(numbers), context) }

  /// Each element less the greatest.
  package var lessGreatest: Self { Self(context.lessGreatest(numbers), context) }

  /// Whether it is wholly zero.
  package var isZero: Bool { context.isZero(numbers) }

  /// The rows, one after the other, as a tensor of `shape`.
  package static func tensor(_ rows: [Self], shape: [Int]) -> Activation<Context.Number> {
    Activation(shape: shape, elements: rows.map(\.numbers).flattened)
  }
}

extension Array where Element: RangeReplaceableCollection {
  /// The elements of all, one after the other.
  ///
  /// Whole runs are copied, where a joined sequence is read element by element.
  var flattened: [Element.Element] {
    var all: [Element.Element] = []
    for part in self { all.append(contentsOf: part) }
    return all
  }
}

/// A part of a formula: what becomes of a row.
package typealias RowFunction<Context: ArithmeticContext> = @Sendable (Row<Context>) -> Row<Context>
