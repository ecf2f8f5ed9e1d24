import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// A matrix product: the engine's declared summation tree, one more rounding for weights that Float32 does not hold,
  /// and one for the bias; 0 where no partial sum can round.
  static func linear(
    _ x: Activation<Float>, _ layer: LinearLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    let exact = try Reference.linear(inputs, layer, precision: precision)
    let magnitudes = try Reference.linearMagnitudes(inputs, layer.weight)
    let bias = try layer.bias.map { bias throws(EnclosureError) in
      try Reference.row(0, of: bias)
    }
    let terms = layer.weight.columns
    let depth = summationTree.depth(terms: terms)
    let outputs = layer.weight.rows
    let weightRoundings = Engine.weightRelativeError(of: layer.weight.type) == 0 ? 0 : 1
    let (numbers, biases) = (layer.weight.numbers, layer.bias?.numbers)
    let bounds = concurrentMap(exact.elements.count) { index -> Rational? in
      let (row, output) = (index / outputs, index % outputs)
      if let numbers, layer.bias == nil || biases != nil,
        Granularity.sumsExactly(x.row(row), numbers[output * terms..<(output + 1) * terms], bias: biases?[output])
      {
        return 0
      }
      let bias = bias.map { $0[output].magnitude }
      return Tolerance.dotProduct(
        absoluteSum: magnitudes.elements[index] + (bias ?? 0), terms: terms, depth: depth,
        further: weightRoundings + (bias == nil ? 0 : 1))
    }
    return Expectation(exact: exact, bounds: bounds)
  }
}

extension Tensor {
  /// The elements of a Float32 tensor; `nil` for other types.
  fileprivate var numbers: [Float]? {
    guard type == .f32 else { return nil }
    // Sound: the tensor checked that its bytes hold all its elements, and they are copied before the call ends.
    return unsafe withUnsafeBytes { bytes in
      (0..<count).map {
        unsafe Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }
}
