import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance

// The steps of a mixture of experts. What follows a choice stands on the engine's own, where the dump has it; where it has not,
// on the exact one, and nothing is claimed of a token for which the engine may have chosen otherwise.
extension SegmentPass {
  /// The experts that the dump chose at the end of `segment`, a router, where rounding does not explain that: of all tokens the one
  /// of the greatest difference; `nil` where it does.
  func anotherExpert(_ segment: Segment) throws(EnclosureError) -> FirstCause.AnotherExpert? {
    let step = transformer.plan.step(segment.end)
    guard case .router(let layer) = step.operation, let dumped = dump.tensors[step.name]?.activation,
      let logits = try values(of: segment, segment.between)?[step.inputs[0]]
    else { return nil }
    let proof = try proof(logits, layer)
    var worst: FirstCause.AnotherExpert?
    for token in 0..<dumped.rows {
      let made = RouterProof.experts(of: dumped.row(token))
      guard let found = proof.refutation(of: made, token: token), found.difference > worst?.difference ?? -.infinity
      else {
        continue
      }
      worst = FirstCause.AnotherExpert(
        token: token, chosen: found.chosen, preferred: found.preferred, difference: found.difference,
        margin: found.margin)
    }
    return worst
  }

  private func proof(_ logits: Value, _ layer: RouterLayer) throws(EnclosureError) -> RouterProof {
    RouterProof(
      exact: try Reference.routerChoice(logits.exact, layer, precision: precision), logits: logits.exact,
      tracked: logits.tracked, bias: try layer.choiceBias.map(parameters), layer, model)
  }

  /// The weights of a router for `logits`; unknown for a token whose choice is.
  func router(_ step: Step, _ logits: Value, _ layer: RouterLayer) throws(EnclosureError) -> Value {
    let proof = try proof(logits, layer)
    var unknown: Set<Int> = []
    var experts = proof.exact.experts
    if let dumped = dump.tensors[step.name]?.activation {
      for token in experts.indices {
        experts[token] = proof.followed(RouterProof.experts(of: dumped.row(token)), token: token)
      }
    } else {
      unknown = Set(experts.indices.filter { !proof.isCertain(token: $0) })
    }
    let choice = ExpertChoice(experts)
    let exact = try Reference.routerWeights(logits.exact, layer, choice, precision: precision)
    var tracked = Router(logits.tracked, layer, choice, in: model).forward()
    tracked.hide(unknown)
    return Value(exact, tracked)
  }

  /// The products of each token's elements with those of its experts; unknown for a token whose weights are.
  func expertLinear(_ x: Value, _ weights: Value, _ layer: ExpertLinearLayer) throws(EnclosureError) -> Value {
    struct Pair: Sendable {
      var exact = Ball(0)
      var tracked = Tracked(0)
    }
    let choice = Reference.choice(of: weights.exact, chosen: layer.chosen)
    let pairs = Activation(
      shape: x.exact.shape,
      elements: zip(x.exact.elements, x.tracked.elements).map { Pair(exact: $0, tracked: $1) })
    let result = try layer.result(for: pairs, choice, zero: Pair()) { rows, product throws(EnclosureError) in
      let value = try linear(Value(rows.map(\.exact), rows.map(\.tracked)), product)
      return Activation(
        shape: value.exact.shape,
        elements: zip(value.exact.elements, value.tracked.elements).map { Pair(exact: $0, tracked: $1) })
    }
    var tracked = result.map(\.tracked)
    tracked.hide(unknown(weights, choice, chosen: layer.chosen))
    return Value(result.map(\.exact), tracked)
  }

  /// The sum of what a token's experts give; unknown for a token whose weights are.
  func expertSum(_ weights: Value, _ given: Value) -> Value {
    let places = weights.exact.rows == 0 ? 0 : given.exact.rows / weights.exact.rows
    let choice = Reference.choice(of: weights.exact, chosen: places)
    let exact = Reference.expertSum(weights.exact, given.exact, precision: precision)
    let sum = ExpertSum(weights.tracked, given.tracked, choice, zero: Tracked(0))
    var tracked = AttentionValues(sum.weights, sum.values, sum.layer, firstPosition: 0, in: model).forward()
      .reshaped(exact.shape)
    tracked.hide(unknown(weights, choice, chosen: places))
    return Value(exact, tracked)
  }

  /// The tokens whose experts are not known: a weight is not, or one that the dump has as 0 may have been rounded to that.
  private func unknown(_ weights: Value, _ choice: ExpertChoice, chosen: Int) -> Set<Int> {
    weights.tracked.tokensWithoutExperts(choice, chosen: chosen)
  }
}

extension Activation<Tracked> {
  /// The tokens of a router's weights whose experts are not known, though they are taken to be those of `choice`: a weight is not, or one
  /// that is taken as 0 may have been rounded to that.
  func tokensWithoutExperts(_ choice: ExpertChoice, chosen: Int) -> Set<Int> {
    guard shape.count == 2 else { return [] }
    return Set(
      (0..<shape[0]).filter { token in
        let row = Array(row(token))
        return row.contains { !$0.isFinite }
          || choice.experts[token].count < Swift.min(chosen, shape[1])
            && row.indices.contains { !choice.experts[token].contains($0) && !row[$0].isExact }
      })
  }

  /// Makes what belongs to `tokens`, along the first axis, unknown.
  mutating func hide(_ tokens: Set<Int>) {
    let size = shape.dropFirst().reduce(1, *)
    for token in tokens {
      for index in token * size..<(token + 1) * size { elements[index] = .outside }
    }
  }
}
