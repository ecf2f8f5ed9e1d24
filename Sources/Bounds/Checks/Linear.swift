import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// A matrix product: the engine's declared summation tree, one more rounding for weights that Float32 does not hold,
  /// and one for the bias; 0 where no partial sum can round.
  package static func linear(
    _ x: Activation<Float>, _ layer: LinearLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    let exact = try Reference.linear(inputs, layer, precision: precision)
    let magnitudes = try Reference.linearMagnitudes(inputs, layer.weight)
    let bias = try layer.bias.map { bias throws(EnclosureError) in
      try Reference.row(0, of: bias)
    }
    let (terms, outputs) = (layer.weight.columns, layer.weight.rows)
    let (numbers, biasNumbers) = (layer.weight.numbers(ofRows: 0..<outputs), layer.bias?.numbers(ofRows: 0..<1))
    let bounds = concurrentMap(exact.elements.count) { index -> Rational? in
      let (row, output) = (index / outputs, index % outputs)
      return bound(
        layer, x.row(row), weights: numbers.map { $0[output * terms..<(output + 1) * terms] },
        magnitude: magnitudes.elements[index], bias: bias.map { $0[output] }, biasNumber: biasNumbers?[output])
    }
    return Expectation(exact: exact, bounds: bounds)
  }

  /// The outputs `outputs` of a matrix product for the one row `x`, as `linear` has them.
  package static func linear(
    row x: ArraySlice<Float>, _ layer: LinearLayer, outputs: [Int]
  ) throws(EnclosureError) -> Expectation? {
    guard let inputs = IntegerRow(exactly: Array(x)) else { return nil }
    let biases = try layer.bias.map { bias throws(EnclosureError) in
      try Reference.row(0, of: bias)
    }
    let biasNumbers = layer.bias?.numbers(ofRows: 0..<1)
    var (exact, bounds): ([Ball], [Rational?]) = ([], [])
    let (numbers, magnitudes) = (Array(x), x.map(\.magnitude))
    for output in outputs {
      let weights = layer.weight.numbers(ofRows: output..<output + 1)
      var (sum, magnitude): (Rational, Rational)
      if let weights, weights.allSatisfy(\.isFinite) {
        // As exact as a row of integers, and sooner there for a single product.
        let weightMagnitudes = weights.map(\.magnitude)
        sum = Rational.dot(numbers.span, weights.span)
        magnitude = Rational.dot(magnitudes.span, weightMagnitudes.span)
      } else {
        (sum, magnitude) = try Reference.row(output, of: layer.weight).dot(inputs)
      }
      let bias = biases.map { $0[output] }
      exact.append(Ball(sum + (bias ?? 0)))
      bounds.append(
        bound(
          layer, x, weights: weights?[...], magnitude: magnitude, bias: bias, biasNumber: biasNumbers?[output]))
    }
    return Expectation(exact: Activation(shape: [outputs.count], elements: exact), bounds: bounds)
  }

  /// The bound of one output whose products' magnitudes add up to `magnitude`; `weights` and `biasNumber` are known where
  /// they are Float32s.
  private static func bound(
    _ layer: LinearLayer, _ x: ArraySlice<Float>, weights: ArraySlice<Float>?, magnitude: Rational, bias: Rational?,
    biasNumber: Float?
  ) -> Rational? {
    if let weights, bias == nil || biasNumber != nil, Granularity.sumsExactly(x, weights, bias: biasNumber) {
      return 0
    }
    return summation(of: layer)?.bound(absoluteSum: magnitude + (bias?.magnitude ?? 0))
  }

  /// The sum of each output: weights that Float32 does not hold are rounded before, and a bias is added after.
  package static func summation(of layer: LinearLayer) -> Summation? {
    let weightRoundings = Engine.weightRelativeError(of: layer.weight.type) == 0 ? 0 : 1
    return summation(terms: layer.weight.columns, further: weightRoundings + (layer.bias == nil ? 0 : 1))
  }
}

extension Tensor {
  /// The elements of some rows of a Float32 tensor; `nil` for other types.
  package func numbers(ofRows rows: Range<Int>) -> [Float]? {
    guard type == .f32 else { return nil }
    // Sound: the tensor checked that its bytes hold all its rows, and they are copied before the call ends.
    return unsafe withUnsafeBytes { bytes in
      (rows.lowerBound * columns..<rows.upperBound * columns).map {
        unsafe Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }
}
