import PlumbBounds
import PlumbExact
import PlumbModel

// Gradients of matrix products, whose outputs are as large as the weights: surveyed run by run, without an expectation of each
// element.
extension Filter {
  /// Whether the filter has the layer of `input` run by run.
  static func hasRuns(_ input: CheckedCase) -> Bool {
    switch input.source.layer {
    case .linearBackward, .linearWeightBackward, .embeddingBackward: true
    case .unembeddingBackward: input.nonZero("softCap") == nil
    default: false
    }
  }

  /// Puts every element of the output of `input` into `survey`.
  ///
  /// - Returns: false where nothing is known, for instance because an input is not finite.
  static func survey(_ survey: inout LocalSurvey, backward input: CheckedCase) -> Bool {
    guard hasFiniteTensors(input) else { return false }
    switch input.source.layer {
    case .linearBackward, .unembeddingBackward:
      let (gradient, weight) = (input.real("gradient"), input.real("weight"))
      return surveySums(&survey, gradient, along: false, weight, rows: gradient.rows)
    case .linearWeightBackward:
      let (gradient, x) = (input.real("gradient"), input.real("x"))
      return surveySums(&survey, gradient, along: true, x, rows: gradient.columns)
    case .embeddingBackward:
      return surveyRows(&survey, input.integers("tokens"), input.real("gradient"), before: input.real("before"))
    default: return false
    }
  }

  /// The sums Σₖ factor(r, k)·b[k, j], rounded once, where the factors of row r are row r of `a`, or, `along` its columns, column r.
  ///
  /// *Error bound*: products of two Float32s are exact in Float64. With S = Σ|factor·b| and u = 2⁻⁵³, n terms in blocks of 256 are off by
  /// less than (257 + n/256)·u·S, and by the formula in the engine's arithmetic by less than (n + 1)·u·S. Of few terms S is at most
  /// ‖factors of r‖·‖column j‖ by Cauchy and Schwarz; of many it is added up too, as they may be of very different sizes. Norms and
  /// sums are off by a relative (n + 3)·u: 2⁻¹⁸ more covers that for n < 2³⁰.
  private static func surveySums(
    _ survey: inout LocalSurvey, _ a: Activation<Float>, along isTransposed: Bool, _ b: Activation<Float>, rows: Int
  ) -> Bool {
    let (terms, columns, block) = (b.rows, b.columns, 256)
    guard terms < 1 << 30, columns > 0, rows > 0 else { return false }
    let numbers = b.elements.map(Double.init)
    let isLong = terms > 1 << 12
    let magnitudes = isLong ? numbers.map(\.magnitude) : []
    let norms = isLong ? [] : columnNorms(numbers, terms: terms, columns: columns)
    let unit = 0x1p-53 * (1 + 0x1p-18)
    let (own, allowed) = (Double(block + 1 + terms / block) * unit, Double(terms + 1) * unit)
    var run = NearRun(count: columns, known: true)
    // Apart from the run, so that the loop knows that nobody else has them.
    let zeros = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      var (sums, sizes, squares) = (zeros, zeros, 0.0)
      for start in stride(from: 0, to: terms, by: block) {
        var part = zeros
        for term in start..<min(start + block, terms) {
          let factor = Double(a.elements[isTransposed ? term * rows + row : row * terms + term])
          guard factor != 0 else { continue }
          squares += factor * factor
          add(factor, numbers, from: term * columns, to: &part)
          if isLong { add(factor.magnitude, magnitudes, from: term * columns, to: &sizes) }
        }
        for column in 0..<columns { sums[column] += part[column] }
      }
      let norm = squares.squareRoot()
      for column in 0..<columns {
        let size = isLong ? sizes[column] : norm * norms[column]
        run.values[column] = sums[column]
        // Products that are all 0 are made known again below.
        run.errors[column] = max(size * own, 0x1p-900)
        run.lower[column] = 0
        run.upper[column] = max(size * allowed, 0x1p-900)
      }
      run.boundRoundings(relativeError: 0)
      // The formula may not round at all in a column whose exact value may be a Float32, and a number that is less than half of the least
      // Float32 moves by no more than itself.
      for column in 0..<columns {
        let value = run.values[column]
        let isTiny = value.magnitude <= 0x1p-149
        if isTiny || (value - Double(Float(value))).magnitude <= run.errors[column] { run.lower[column] = 0 }
        if run.errors[column] == 0x1p-900 { (run.errors[column], run.upper[column]) = (0, 0) }
      }
      survey.add(0..<columns, of: run, at: row * columns)
    }
    return true
  }

  /// sums[j] += `factor` · numbers[start + j].
  private static func add(_ factor: Double, _ numbers: [Double], from start: Int, to sums: inout [Double]) {
    precondition(start >= 0 && start + sums.count <= numbers.count, "a row beyond \(numbers.count) numbers")
    // Sound: the row lies within the numbers.
    unsafe numbers.withUnsafeBufferPointer { numbers in
      unsafe sums.withUnsafeMutableBufferPointer { sums in
        for column in 0..<sums.count { unsafe sums[column] += factor * numbers[start &+ column] }
      }
    }
  }

  private static func columnNorms(_ numbers: [Double], terms: Int, columns: Int) -> [Double] {
    var squares = [Double](repeating: 0, count: columns)
    for term in 0..<terms {
      for column in 0..<columns {
        squares[column] += numbers[term * columns + column] * numbers[term * columns + column]
      }
    }
    return squares.map { $0.squareRoot() }
  }

  /// Rows of a table and what is added to some of them, rounded once.
  ///
  /// *Error bound*: n numbers are added with an error below (n + 1)·u·Σ|number| here and in the engine; one alone is a Float32.
  private static func surveyRows(
    _ survey: inout LocalSurvey, _ tokens: [Int], _ gradient: Activation<Float>, before: Activation<Float>
  ) -> Bool {
    let columns = before.columns
    guard columns > 0 else { return false }
    let places = Dictionary(grouping: tokens.indices) { tokens[$0] }
    var run = NearRun(count: columns, known: true)
    for row in 0..<before.rows {
      let own = places[row] ?? []
      let unit = own.isEmpty ? 0 : Double(2 * own.count + 4) * 0x1p-53
      for column in 0..<columns {
        let first = before.elements[row * columns + column]
        var (sum, size) = (Double(first), Double(first.magnitude))
        var bit = first == 0 ? Int.max : Granularity.lowestBit(first)
        for place in own {
          let number = gradient.elements[place * columns + column]
          sum += Double(number)
          size += Double(number.magnitude)
          if number != 0 { bit = min(bit, Granularity.lowestBit(number)) }
        }
        // Multiples of 2^bit whose magnitudes add up to less than 2^(bit + 53) are added without error, these magnitudes too.
        let isExact = bit == .max || size < Double(sign: .plus, exponent: bit + 53, significand: 1)
        let exact = Near(sum, error: isExact ? 0 : size * unit)
        let bound = isExact ? NearBound.oneRounding(of: exact) : .oneRounding(of: exact, relativeError: 0)
        let isNear = !isExact && (sum - Double(Float(sum))).magnitude <= exact.error
        run.set(column, exact)
        run.lower[column] = isNear ? 0 : bound.lower
        run.upper[column] = bound.upper + exact.error
      }
      survey.add(0..<columns, of: run, at: row * columns)
    }
    return true
  }
}
