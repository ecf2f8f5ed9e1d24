/// The numbers of a row with the arithmetic that they are computed in.
package struct Row<Context: ArithmeticContext>: Sendable {
  package var numbers: ArraySlice<Context.Number>
  package let context: Context

  package init(_ numbers: ArraySlice<Context.Number>, _ context: Context) {
    self.numbers = numbers
    self.context = context
  }

  package var count: Int { numbers.count }

  package var first: Scalar<Context>? { numbers.first.map { Scalar($0, context) } }

  package subscript(_ index: Int) -> Scalar<Context> { Scalar(numbers[numbers.startIndex + index], context) }

  /// The elements at `places`, which count from 0.
  package subscript(_ places: Range<Int>) -> Self {
    Self(numbers[numbers.startIndex + places.lowerBound..<numbers.startIndex + places.upperBound], context)
  }

  /// The first `count` elements, or fewer.
  package func prefix(_ count: Int) -> Self { Self(numbers.prefix(count), context) }

  /// Each element through `transform`.
  package func map(_ transform: (Scalar<Context>) -> Scalar<Context>) -> Self {
    Self(numbers.map { transform(Scalar($0, context)).number }[...], context)
  }

  /// Each element with that of `other` at its place.
  package func map(with other: Self, _ transform: (Scalar<Context>, Scalar<Context>) -> Scalar<Context>) -> Self {
    let elements = zip(numbers, other.numbers).map { transform(Scalar($0, context), Scalar($1, context)).number }
    return Self(elements[...], context)
  }

  /// The sum.
  package var total: Scalar<Context> { Scalar(context.total(numbers), context) }

  /// Σ of the products with the elements of `other`, and `bias` more where there is one.
  package func dot(_ other: Self, bias: Scalar<Context>? = nil) -> Scalar<Context> {
    Scalar(context.dot(numbers, other.numbers, bias: bias?.number), context)
  }

  /// Σ of the products with the elements of `other` over `divisor`, the product of the norms of both.
  package func dot(_ other: Self, overNorms divisor: Scalar<Context>) -> Scalar<Context> {
    Scalar(context.dot(numbers, other.numbers, overNorms: divisor.number), context)
  }

  package var mean: Scalar<Context> { Scalar(context.mean(numbers), context) }

  /// log Σ of exponentials, of which the greatest is e⁰.
  package var logarithmOfSum: Scalar<Context> { Scalar(context.logarithmOfSum(numbers), context) }

  /// Whether it is wholly zero.
  package var isZero: Bool { context.isZero(numbers) }

  /// Each element less the greatest.
  package var lessGreatest: Self { Self(context.lessGreatest(numbers)[...], context) }

  /// The elements as factors of a matrix product.
  package var factors: Self { map(\.factor) }
}
