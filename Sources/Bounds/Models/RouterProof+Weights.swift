import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance

// The bounds of a router's weights over all choices that rounding may lead to.
//
// *Theorem.* An expert is chosen by every engine where its group is kept by every one, and fewer experts than are chosen may come
// before it: whoever leaves it out chose as many that do. It is chosen by none where its group is dropped by every one, or as many
// that every engine puts before it stand in groups that are kept whenever its own is. A choice has the experts of the first kind and
// some of those between the two kinds. Where weights are divided by their sum, each of these stands for any other between: with
// the numbers of all of them in place of its logit, what the formula encloses holds the weights of every such choice, for these do not
// depend on the order of the experts.
extension RouterProof {
  /// The proof for engines in `arithmetic` of the choice that `logits`, the very Float32s, make; `nil` where no precision decides it.
  package init?(
    _ logits: Activation<Float>, _ layer: RouterLayer, bias: Activation<Float>?, in arithmetic: ArithmeticModel
  ) {
    let balls = logits.map { Ball(Rational(exactly: $0) ?? 0) }
    let choices = [64, 256, 1024, 4096].lazy.compactMap { try? Reference.routerChoice(balls, layer, precision: $0) }
    guard let exact = choices.first else { return nil }
    self.init(
      exact: exact, logits: balls, tracked: arithmetic.read(logits), bias: bias.map { arithmetic.read($0) }, layer,
      arithmetic)
  }

  /// The weights of the choices that rounding may lead to, of `logits` in `arithmetic`.
  package func weights(_ logits: Activation<Tracked>, in arithmetic: ArithmeticModel) -> Activation<Tracked> {
    let rows = concurrentMap(logits.rows) { token in weights(Array(logits.row(token)), token: token, in: arithmetic) }
    return Activation(shape: logits.shape, elements: Array(rows.joined()))
  }

  private func weights(_ row: [Tracked], token: Int, in arithmetic: ArithmeticModel) -> [Tracked] {
    let possible = row.indices.filter { mayBeChosen($0, token: token) }
    let certain = possible.filter { isAlwaysChosen($0, token: token) }
    var result = self.made(row, exact.experts[token], in: arithmetic)
    guard certain.count < layer.chosen, possible.count > layer.chosen else { return result }
    let between = possible.filter { !certain.contains($0) }
    let spread = Tracked.hull(of: between.map { row[$0] })
    /// The weights where `expert` keeps its own logit.
    func made(keeping expert: Int?) -> [Tracked] {
      let others = between.filter { $0 != expert }
      var spreading = row
      if layer.isRenormalised { for other in others { spreading[other] = spread } }
      let own = certain + (expert.map { [$0] } ?? [])
      return self.made(spreading, own + others.prefix(layer.chosen - own.count), in: arithmetic)
    }
    let always = made(keeping: nil)
    for expert in certain { result[expert] = result[expert].or(always[expert]) }
    for expert in between {
      let weight = made(keeping: expert)[expert]
      result[expert] = result[expert].or(weight).or(0, 0)
    }
    return result
  }

  /// The weights where the experts `chosen` are.
  private func made(_ row: [Tracked], _ chosen: [Int], in arithmetic: ArithmeticModel) -> [Tracked] {
    Router(Activation(shape: [1, row.count], elements: row), layer, ExpertChoice([chosen]), in: arithmetic).forward()
      .elements
  }

  /// Whether some engine may choose `expert`.
  private func mayBeChosen(_ expert: Int, token: Int) -> Bool {
    let own = group(of: expert)
    guard groups(droppingFor: own, token: token).isEmpty else { return false }
    let before = (0..<layer.experts).filter {
      $0 != expert && (group(of: $0) == own || isKept(group(of: $0), token: token))
        && !mayPrecede(expert, $0, token: token)
    }
    return before.count < layer.chosen
  }

  /// Whether every engine chooses `expert`.
  private func isAlwaysChosen(_ expert: Int, token: Int) -> Bool {
    guard isKept(group(of: expert), token: token) else { return false }
    let rivals = (0..<layer.experts).filter {
      $0 != expert && groups(droppingFor: group(of: $0), token: token).isEmpty
        && mayPrecede($0, expert, token: token)
    }
    return rivals.count < layer.chosen
  }
}

extension Tracked {
  /// The number that may be each of `numbers`, one at least.
  fileprivate static func hull(of numbers: [Tracked]) -> Tracked {
    guard let first = numbers.first, numbers.allSatisfy(\.isFinite) else { return .outside }
    return numbers.dropFirst().reduce(first) {
      Tracked(lower: min($0.lower, $1.lower), upper: max($0.upper, $1.upper), error: max($0.error, $1.error))
    }
  }
}
