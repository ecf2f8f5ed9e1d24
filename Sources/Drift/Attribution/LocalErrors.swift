import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbVerdicts

/// The errors that the engine added to the exact value of each layer on its own inputs, by cause.
///
/// An exact pass to which all of it is added, each in its place, is the engine's: by induction over the pass, where all
/// that comes before is the engine's, a layer's exact value is that on the engine's inputs, and with what was added it is
/// the engine's output. The numbers are rounded to Float64, which leaves a rest of about one part in 2⁵³ of them.
struct LocalErrors {
  /// A cause in one kind of layer.
  struct Source: Hashable {
    let cause: DriftCause
    let layer: LayerKind
  }

  private let plan: Plan
  private let trace: EngineTrace
  private var added: [ActivationName: [DriftCause: [Double]]] = [:]

  /// The bits beyond the engine's to which exact values are computed.
  private static let precision = 160

  /// Measures every layer of the trace.
  ///
  /// - Throws: `DriftError.notFinite` where a layer has no exact value, or the engine's is not finite.
  init(_ transformer: Transformer, _ trace: EngineTrace, progress: (String) -> Void) throws(DriftError) {
    plan = transformer.plan
    self.trace = trace
    for name in trace.order {
      progress("what each layer adds: \(name)")
      added[name] = try measure(name)
    }
  }

  /// The sources that add anything, by cause and then in the catalogue's order.
  var sources: [Source] {
    var found = Set<Source>()
    for (name, causes) in added {
      for (cause, errors) in causes where errors.contains(where: { $0 != 0 }) {
        found.insert(Source(cause: cause, layer: plan.step(name).layer))
      }
    }
    return DriftCause.allCases.flatMap { cause in
      LayerKind.allCases.map { Source(cause: cause, layer: $0) }.filter(found.contains)
    }
  }

  /// `exact` with what the `sources` added to it.
  func adding(_ sources: Set<Source>, to exact: Activation<Ball>, _ name: ActivationName) -> Activation<Ball> {
    var result = exact
    let isRouter = if case .router = plan.step(name).operation { true } else { false }
    for (cause, errors) in added[name] ?? [:] where sources.contains(Source(cause: cause, layer: plan.step(name).layer))
    {
      for index in errors.indices where errors[index] != 0 {
        // A pass that gives a token to other experts than the engine has no error of the engine's.
        if isRouter, result.elements[index].isExact, result.elements[index].midpoint.isZero { continue }
        result.elements[index] = result.elements[index] + Ball(errors[index].rational)
      }
    }
    return result
  }

  private func measure(_ name: ActivationName) throws(DriftError) -> [DriftCause: [Double]] {
    let step = plan.step(name)
    let engine = trace[name]
    let inputs = step.inputs.map { trace[$0] }
    let holdsValue = Checks.holdsValue(step, shape: engine.shape)
    let exact = try defined(name) { () throws(EnclosureError) in
      try Checks.expectation(of: step, inputs, tokens: trace.tokens, output: engine, precision: Self.precision)?.exact
    }
    let cause = Self.cause(of: step.layer)
    // A matrix product whose weights Float32 does not hold.
    let product = step.operation.product.flatMap { Engine.weightRelativeError(of: $0.weight.type) == 0 ? nil : $0 }
    let middle =
      try product.flatMap { layer throws(DriftError) in
        try defined(name) { () throws(EnclosureError) in
          try Self.converted(step.operation.arranged(inputs[0]), layer)?.reshaped(exact.shape)
        }
      }
    let errors = try (middle ?? exact).elements.indices.map { index throws(DriftError) -> Double in
      guard holdsValue?(index) ?? true else { return 0 }
      guard let value = Rational(exactly: engine.elements[index]) else {
        throw .notFinite(activation: name.description)
      }
      return (value - (middle ?? exact).elements[index].midpoint).rounded(to: Double.self, .toNearestOrEven)
    }
    guard let middle else { return [cause: errors] }
    let conversion = zip(middle.elements, exact.elements).map {
      ($0.midpoint - $1.midpoint).rounded(to: Double.self, .toNearestOrEven)
    }
    return [cause: errors, .weights: conversion]
  }

  private func defined(
    _ name: ActivationName, _ exact: () throws(EnclosureError) -> Activation<Ball>?
  ) throws(DriftError) -> Activation<Ball> {
    var value: Activation<Ball>?
    do throws(EnclosureError) { value = try exact() } catch { value = nil }
    guard let value else { throw .notFinite(activation: name.description) }
    return value
  }

  /// The exact product with each weight rounded to the nearest Float32.
  private static func converted(
    _ input: Activation<Float>, _ layer: LinearLayer
  ) throws(EnclosureError) -> Activation<Ball>? {
    guard let rounded = try float32(layer.weight), let balls = input.asBalls else { return nil }
    return try Reference.linear(balls, LinearLayer(weight: rounded, bias: layer.bias), precision: precision)
  }

  /// `weight` with each element rounded to the nearest Float32.
  private static func float32(_ weight: Tensor) throws(EnclosureError) -> Tensor? {
    let rows = try concurrentMap(weight.rows) { index throws(EnclosureError) -> [Float] in
      let row = try Reference.row(index, of: weight)
      return (0..<row.count).map { row[$0].rounded(to: Float.self, .toNearestOrEven) }
    }
    return Tensor(name: weight.name, type: .f32, shape: weight.shape, bytes: WeightArray(Array(rows.joined())))
  }

  /// The cause that lies in a layer's own arithmetic; a layer that has elementary functions counts whole.
  ///
  /// The embedding computes nothing: all that its rows can be off by is that Float32 does not hold the weights.
  private static func cause(of layer: LayerKind) -> DriftCause {
    switch layer {
    case .embedding: .weights
    case .rotaryEmbedding, .softmax, .silu: .elementary
    case .linear, .unembedding, .attentionScores, .attentionValues, .rmsNorm: .sums
    default: .roundings
    }
  }
}
