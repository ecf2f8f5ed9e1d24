import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Catalogue {
  /// The fewest products of a matrix product that is bounded by panels: fewer are not worth it.
  static let leastProducts = 1 << 20

  /// The result of a large matrix product in `model`, by sums of Float64s for whole panels of weights: the special text of `Linear`'s formula.
  ///
  /// *Error bound*: that of the formula, or a little more: each product with an input that is not 0 counts, and all may underflow. Sums that
  /// may be exact, in which every partial sum is a number of the format, are the formula's.
  ///
  /// *Edge cases*: `nil` for other layers, small products, numbers that the model's tensors cannot hold, and models of whose
  /// sums more is known.
  static func largeProduct(_ input: CheckedCase, in model: ArithmeticModel) -> Activation<Tracked>? {
    let layer = input.source.layer
    guard layer == .linear || layer == .unembedding && input.nonZero("softCap") == nil, model.hasPlainSums,
      model.activations == nil,
      input.source.representable(in: model.inputs) == input.source
    else { return nil }
    let (x, weight, biases) = (input.real("x"), input.real("weight"), input.optionalReal("bias")?.elements)
    let (terms, outputs) = (weight.columns, weight.rows)
    guard x.elements.count > 0, outputs >= leastProducts / x.elements.count, x.elements.count * outputs >= leastProducts
    else { return nil }
    let numbers = x.elements.map(Double.init)
    guard let sums = try? ProductSums(input.weights("weight"), reach: numbers.map(\.magnitude), numbers: numbers),
      let enclosed = sums.sums
    else { return nil }
    let formula = Linear(reading: CaseInput(input, in: model))
    let rows = (0..<x.rows).map { ProductRow(x.row($0)) }
    let elements = concurrentMap(x.rows * outputs) { index -> Tracked in
      let (row, output) = (index / outputs, index % outputs)
      let mayBeExact = rows[row].mayBeExact(
        weight.row(output), magnitudes: sums.magnitudes[index], precision: model.accumulation.precision)
      if mayBeExact { return formula.element(row: row, output: output) }
      let bias = biases.map { biases in
        let bias = Double(biases[output])
        return ArithmeticModel.Bias(
          Tracked(bias + 0), size: bias.magnitude, stray: 0,
          added: (Outward.sumDown(enclosed[index].lower, bias), Outward.sumUp(enclosed[index].upper, bias)))
      }
      let result = model.productResult(
        terms: min(rows[row].count, terms), sum: enclosed[index], magnitudes: sums.magnitudes[index], stray: 0,
        bias: bias)
      // The formula tells more of a sum that may overflow.
      return result.isOutside ? formula.element(row: row, output: output) : result
    }
    return Activation(shape: input.outputShape, elements: elements)
  }
}

extension Linear {
  /// One element of the result.
  fileprivate func element(row: Int, output: Int) -> Context.Number {
    let inputs = readInput(context.row(x.row(row)))[counted].factors
    let weights = readWeight(context.row(weight.row(output)))[counted].factors
    return round(finish(Row([sum(inputs, weights, bias?[output]).number], context))).numbers[0]
  }
}

/// A row of inputs of a matrix product.
private struct ProductRow {
  /// The number of inputs that are not 0.
  let count: Int
  /// The input whose lowest bit is lowest, and that bit; `nil` where all are 0.
  private let finest: (term: Int, bit: Int)?

  init(_ inputs: ArraySlice<Float>) {
    var (count, finest) = (0, nil as (term: Int, bit: Int)?)
    for (term, input) in inputs.enumerated() where input != 0 {
      count += 1
      let bit = Granularity.lowestBit(input)
      if finest.map({ bit < $0.bit }) ?? true { finest = (term, bit) }
    }
    (self.count, self.finest) = (count, finest)
  }

  /// Whether a sum may be a number of the format whatever the order, or is one rounded product; false is certain.
  ///
  /// One product tells: all terms are multiples of no more than its lowest bit 2^k, and a sum of magnitudes of more than
  /// 2^(k + `precision`) has more bits; `magnitudes` is at most twice that sum.
  func mayBeExact(_ weights: ArraySlice<Float>, magnitudes: Double, precision: Int) -> Bool {
    guard count > 1, let finest else { return true }
    let weight = weights[weights.startIndex + finest.term]
    guard weight != 0 else { return true }
    let bit = finest.bit + Granularity.lowestBit(weight) + precision
    return magnitudes <= Double(sign: .plus, exponent: bit + 1, significand: 1)
  }
}
