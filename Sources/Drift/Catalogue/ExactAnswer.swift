public import PlumbExact

/// What a case must give, element by element, with every Float32 decided.
public struct ExactAnswer: Sendable {
  /// One element that holds a value.
  public struct Element: Sendable {
    /// An enclosure of the exact value.
    public let exact: Ball
    /// The exact value, correctly rounded to nearest, ties to even: proved.
    public let nearest: Float
    /// The bound on |computed − exact|; `nil` outside the domain.
    public let bound: Rational?
  }

  /// The extents of the output, outermost first.
  public let shape: [Int]
  /// The elements; `nil` where one holds no value, as those that a mask excludes, or is not defined at all.
  public let elements: [Element?]
  /// The working precision that decided every element, in bits.
  public let precision: Int
}

extension Expectation {
  /// The elements with their Float32s, or `nil` where this precision does not decide one of them.
  func answer(precision: Int) -> ExactAnswer? {
    var elements: [ExactAnswer.Element?] = []
    elements.reserveCapacity(bounds.count)
    for index in bounds.indices {
      guard holdsValue?(index) ?? true else {
        elements.append(nil)
        continue
      }
      guard let nearest = exact.elements[index].rounded(to: Float.self, .toNearestOrEven) else { return nil }
      elements.append(
        ExactAnswer.Element(exact: exact.elements[index], nearest: nearest, bound: bounds[index]))
    }
    return ExactAnswer(shape: exact.shape, elements: elements, precision: precision)
  }
}

extension Catalogue {
  /// What `input` must give; `nil` where nothing is claimed: an input is not finite, or the layer is not defined there.
  ///
  /// - Throws: `DriftError.undecided` where an exact value stands between two Float32s more nearly than the greatest
  ///   precision can tell.
  public static func exactAnswer(of input: CheckedCase) throws(DriftError) -> ExactAnswer? {
    try decided(input) { $0.answer(precision: $1) }
  }

  /// What `attempt` makes of the expectation of `input` at the least precision at which it makes something of it; `nil`
  /// where no precision gives an expectation.
  static func decided<Answer>(
    _ input: CheckedCase, _ attempt: (Expectation, _ precision: Int) -> Answer?
  ) throws(DriftError) -> Answer? {
    var precision = 96
    while true {
      var isDefined = true
      do throws(EnclosureError) {
        guard let expectation = try expectation(of: input, precision: precision) else { return nil }
        if let answer = attempt(expectation, precision) { return answer }
      } catch {
        isDefined = false
      }
      guard precision < LocalMeasurement.greatestPrecision else {
        if isDefined { throw .undecided(activation: input.source.layer.rawValue, precision: precision) }
        return nil
      }
      precision = min(2 * precision, LocalMeasurement.greatestPrecision)
    }
  }
}
