import PlumbEngine
import PlumbModel

extension Filter {
  /// e^x is computed down to here; below, it counts as 0, to within 2⁻⁹⁹⁵.
  private static var least: Double { -690 }

  /// The softmax of each row.
  ///
  /// *Error bound*: with u = 2⁻⁵³, each exponential of the exact difference to the greatest element is off by 2 u, relative,
  /// their sum by that and 1.1 u of its own, the quotient by u: 6.1 u and products of errors. Elements that count as 0 change
  /// the sum by less than 2²⁰·2⁻⁹⁹⁵ of it, and are themselves below 2⁻⁹⁹⁵.
  static func softmax(_ x: Activation<Float>) -> FilteredExpectation? {
    let count = x.columns
    guard 1..<1 << 20 ~= count else { return nil }
    let declared = Engine.softmaxRelativeError(terms: count)
    var result = FilteredExpectation(capacity: x.elements.count)
    for row in 0..<x.rows {
      let (powers, sum, isLevel) = exponentials(x.row(row))
      let total = sum.rounded
      for power in powers {
        if isLevel {
          // 1/n: the only softmax that is rational (Lindemann), and so the only one whose bound may lack the declared error,
          // or be that of an exact value.
          let isFloat = count & (count - 1) == 0
          let exact = Near(1 / Double(count), error: isFloat ? 0 : 0x1p-53)
          let bound = NearBound.oneRounding(of: exact, relativeError: declared)
          result.append(
            exact,
            NearBound(
              lower: isFloat ? 0 : NearBound.oneRounding(of: exact, relativeError: 0).lower, upper: bound.upper))
        } else {
          let exact = Near(power / total, error: power / total * 0x1p-50 + 0x1p-990)
          result.append(exact, .oneRounding(of: exact, relativeError: declared))
        }
      }
    }
    return result
  }

  /// The exponentials of the differences to the greatest element of `row`, their sum, and whether all elements are equal.
  static func exponentials(_ row: ArraySlice<Float>) -> (powers: [Double], sum: KeptSum, isLevel: Bool) {
    var (greatest, smallest) = (-Float.infinity, Float.infinity)
    for element in row {
      greatest = max(greatest, element)
      smallest = min(smallest, element)
    }
    var sum = KeptSum()
    var powers: [Double] = []
    powers.reserveCapacity(row.count)
    for element in row {
      let (difference, rest) = ErrorFree.sum(Double(element), -Double(greatest))
      let power = difference < least ? 0 : exponential(difference, rest)
      powers.append(power)
      sum.add(power)
    }
    return (powers, sum, smallest == greatest)
  }

  /// The logarithm of the softmax of each row, by (x − m) − log(1 + s), s the sum of the others' exponentials.
  ///
  /// *Error bound*: s is off by 3.1 u, relative, which is at most as much of log(1 + s), as s/(1 + s) ≤ log(1 + s); that adds
  /// 12 u. The difference d to the greatest element is known exactly as two Float64s; the sum d − log(1 + s) keeps its first
  /// addition's loss and rounds that: 16 u·log(1 + s), and u of what is lost, which is less than u·|y|. The exponentials that
  /// count as 0 add less than 2⁻⁹⁷⁵.
  static func logSoftmax(_ x: Activation<Float>) -> FilteredExpectation? {
    let count = x.columns
    guard 1..<1 << 20 ~= count else { return nil }
    var result = FilteredExpectation(capacity: x.elements.count)
    for row in 0..<x.rows {
      for exact in logarithms(x.row(row)) { result.append(exact, logarithmBound(exact, count)) }
    }
    return result
  }

  /// The values of `logSoftmax` at the targets, with the opposite sign.
  static func crossEntropy(_ logits: Activation<Float>, targets: [Int]) -> FilteredExpectation? {
    let count = logits.columns
    guard 1..<1 << 20 ~= count else { return nil }
    var result = FilteredExpectation(capacity: targets.count)
    for (row, target) in targets.enumerated() {
      let exact = logarithms(logits.row(row))[target].negated
      result.append(exact, logarithmBound(exact, count))
    }
    return result
  }

  private static func logarithms(_ row: ArraySlice<Float>) -> [Near] {
    guard let place = row.indices.max(by: { row[$0] < row[$1] }), row.count > 1 else { return [Near(exactly: 0)] }
    var others = KeptSum()
    for index in row.indices where index != place {
      let (difference, rest) = ErrorFree.sum(Double(row[index]), -Double(row[place]))
      if difference >= least { others.add(exponential(difference, rest)) }
    }
    let logarithm = logarithmOfOnePlus(others.rounded)
    return row.map { element in
      let (difference, rest) = ErrorFree.sum(Double(element), -Double(row[place]))
      let (value, lost) = ErrorFree.sum(difference, -logarithm)
      let error = logarithm * (17 * 0x1p-53) + value.magnitude * 0x1p-104 + 0x1p-970
      return Near(value, rest + lost, error: error)
    }
  }

  /// A row of one element is exactly 0; otherwise the logarithm is irrational (Lindemann), and its bound takes in the
  /// declared error.
  private static func logarithmBound(_ exact: Near, _ count: Int) -> NearBound {
    count == 1
      ? .oneRounding(of: exact)
      : .oneRounding(
        of: exact, relativeError: Engine.logSoftmaxRelativeError(terms: count), absoluteError: 0x1p-1000)
  }
}
