import PlumbLayers
import PlumbModel

extension Plantable where Self: QuantiserFormula {
  /// The bugs of the scale, which its numbers have, too.
  static var bugsOfScale: [Bug<Self>] {
    [
      mutant("range-of-one-more", "The greatest number is 1 more than it is.") { $0.rows.limit += 1 },
      mutant("range-doubled", "The scale is that of numbers without a sign.") { $0.rows.limit = 2 * $0.rows.limit + 1 },
      mutant("least-forgotten", "A small greatest magnitude is taken as it is.") { $0.rows.least = 0 },
      mutant("greatest-signed", "The scale is that of the greatest element, not of the greatest magnitude.") {
        $0.rows.greatest = { $0.map(\.maximum) }
      },
      mutant("greatest-of-row-before", "The scale is that of the row before.") {
        $0.rows.greatest = { $0.ofRowBefore() }
      },
      mutant("greatest-of-all-rows", "One scale is that of all rows.") { $0.rows.greatest = { $0.ofAllRows() } },
      mutant("greatest-without-tail", "The last element does not count for the scale.") {
        $0.rows.greatest = { $0.map { $0.prefix($0.count - 1).greatestMagnitude } }
      },
      mutant("sign-forgotten", "Every scale is positive.") {
        $0.rows.isNegative = $0.rows.isNegative.map { _ in false }
      },
      mutant("sign-of-scheme", "Every scale of a scheme with signs is negative.") {
        let isSigned = $0.rows.layer.scheme == .q8K
        $0.rows.isNegative = $0.rows.isNegative.map { _ in isSigned }
      },
      mutant("exponent-of-floor", "The logarithm of a scale is rounded down, whatever the rule.") {
        $0.rows.rule?.kind = .floor
      },
      mutant("exponent-of-nearest", "The logarithm of a scale is rounded to the nearest, whatever the rule.") {
        $0.rows.rule?.kind = .round
      },
      mutant("exponent-too-low", "The exponent of a scale that is a power of two is 1 too low.") {
        $0.rows.rule?.shift = -1
      },
      mutant("exponent-too-high", "The exponent of a scale that is a power of two is 1 too high.") {
        $0.rows.rule?.shift = 1
      },
      mutant("exponent-of-greatest", "A power of two is made of the greatest magnitude without the greatest number.") {
        $0.rows.rule?.greatest = 1
      },
      mutant("global-forgotten", "Scales are made without that of the tensor.") {
        if $0.rows.global != nil { $0.rows.rule?.global = 1 }
      },
      mutant("global-inverted", "Scales are made with the tensor's reciprocal.") {
        if let global = $0.rows.global { $0.rows.rule?.global = 1 / global }
      },
      mutant("global-halved", "The scale of the tensor is that of a greatest scale of 224.") {
        if let global = $0.rows.global { $0.rows.rule?.global = global / 2 }
      },
      mutant("exponent-unlimited", "The exponent of a scale is not kept from −127 up.") {
        $0.rows.rule?.leastExponent = -149
      },
    ]
  }
}

extension Array {
  /// The greatest magnitude of the row before each; of the last for the first.
  fileprivate func ofRowBefore<Context: ArithmeticContext>() -> [Scalar<Context>] where Element == Row<Context> {
    let own = map(\.greatestMagnitude)
    return own.suffix(1) + own.dropLast()
  }

  /// The greatest magnitude of all rows, for each.
  fileprivate func ofAllRows<Context: ArithmeticContext>() -> [Scalar<Context>] where Element == Row<Context> {
    guard let context = first?.context else { return [] }
    let numbers: [Context.Number] = flatMap { Array<Context.Number>($0.numbers) }
    let greatest = context.row(numbers).greatestMagnitude
    return map { _ in greatest }
  }
}
