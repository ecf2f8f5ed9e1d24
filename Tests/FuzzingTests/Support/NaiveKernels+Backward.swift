import PlumbModel
import PlumbVerdicts

// Every layer backwards as somebody else would write it, in plain Float32.
extension NaiveKernels {
  static func backward(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    switch input.source.layer {
    case .rmsNormBackward: return rmsNormBackward(input, &machine)
    case .rmsNormWeightBackward:
      return weightBackward(input, &machine) { row, machine in normalised(row, input, centred: false, &machine).row }
    case .layerNormBackward: return layerNormBackward(input, &machine)
    case .layerNormWeightBackward:
      return weightBackward(input, &machine) { row, machine in normalised(row, input, centred: true, &machine).row }
    case .biasBackward:
      let gradient = input.real("gradient")
      let sums = columns(gradient).map { machine.store(machine.sum($0)) }
      return Activation(shape: [gradient.columns], elements: sums)
    case .linearBackward:
      return linear(input.real("gradient"), turned(input.real("weight")), nil, &machine)
    case .linearWeightBackward:
      return linear(turned(input.real("gradient")), turned(input.real("x")), nil, &machine)
    case .unembeddingBackward:
      return linear(uncapped(input, &machine), turned(input.real("weight")), nil, &machine)
    case .unembeddingWeightBackward:
      return linear(turned(uncapped(input, &machine)), turned(input.real("x")), nil, &machine)
    case .softmaxBackward:
      return rowPairs(input, "x", &machine) { row, gradient, machine in
        let shares = softmax(row, &machine)
        let sum = machine.dot(shares, gradient)
        return zip(shares, gradient).map { machine.store(machine.isFused ? $0 * $1 - $0 * sum : $0 * ($1 - sum)) }
      }
    case .logSoftmaxBackward:
      return rowPairs(input, "x", &machine) { row, gradient, machine in
        let logarithms = logSoftmax(row, &machine)
        let sum = machine.sum(gradient)
        return zip(logarithms, gradient).map { machine.store($1 - machine.exp($0) * sum) }
      }
    case .crossEntropyBackward: return crossEntropyBackward(input, &machine)
    case .reluBackward, .geluBackward, .geluTanhBackward, .siluBackward:
      let name = String(input.source.layer.rawValue.dropLast("-backward".count))
      return rowPairs(input, "x", &machine) { row, gradient, machine in
        zip(row, gradient).map { machine.store(slope($0, name, times: $1, &machine)) }
      }
    case .rotaryEmbeddingBackward: return rotary(input, "gradient", turn: -1, &machine)
    case .embeddingBackward: return embeddingBackward(input, &machine)
    case .attentionQueryBackward, .attentionKeyBackward, .attentionValueBackward, .attentionSinksBackward:
      return attentionBackward(input, &machine)
    case .clampedGateBackward: return clampedGateBackward(input, ofUp: false, &machine)
    case .clampedGateUpBackward: return clampedGateBackward(input, ofUp: true, &machine)
    case .routerBackward: return routerBackward(input, &machine)
    case .expertsBackward: return expertsBackward(input, &machine)
    case .expertsWeightsBackward: return expertsWeightsBackward(input, &machine)
    case .gatedFeedForwardBackward: return gatedFeedForwardBackward(input, &machine)
    default: preconditionFailure("nobody has written \(input.source.layer) plainly yet")
    }
  }

  static func turned(_ x: Activation<Float>) -> Activation<Float> {
    Activation(shape: [x.columns, x.rows], elements: columns(x).flatMap { $0 })
  }

  private static func columns(_ x: Activation<Float>) -> [[Float]] {
    (0..<x.columns).map { column in (0..<x.rows).map { x.elements[$0 * x.columns + column] } }
  }

  /// Each row of the tensor `name` with that of the gradient.
  private static func rowPairs(
    _ input: CheckedCase, _ name: String, _ machine: inout NaiveMachine,
    _ function: ([Float], [Float], inout NaiveMachine) -> [Float]
  ) -> Activation<Float> {
    let (x, gradient) = (input.real(name), input.real("gradient"))
    return Activation(
      shape: x.shape,
      elements: (0..<x.rows).flatMap { function(Array(x.row($0)), Array(gradient.row($0)), &machine) })
  }

  /// The row normalised, stored where a kernel is not fused, and the factor.
  private static func normalised(
    _ row: [Float], _ input: CheckedCase, centred: Bool, _ machine: inout NaiveMachine
  ) -> (row: [Float], factor: Float) {
    let mean = centred ? machine.sum(row) / Float(row.count) : 0
    let deviations = row.map { $0 - mean }
    let variance = machine.dot(deviations, deviations) / Float(row.count)
    let factor = 1 / (variance + input.number("epsilon")).squareRoot()
    return (deviations.map { machine.isFused ? $0 * factor : machine.store($0 * factor) }, factor)
  }

  private static func weighted(_ gradient: [Float], _ input: CheckedCase, _ machine: inout NaiveMachine) -> [Float] {
    let added: Float = input.source.layer == .rmsNormBackward && input.flag("addsOne") ? 1 : 0
    return zip(gradient, input.real("weight").elements).map {
      machine.isFused ? $0 * ($1 + added) : machine.store($0 * machine.store($1 + added))
    }
  }

  private static func rmsNormBackward(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    rowPairs(input, "x", &machine) { row, gradient, machine in
      let weighted = weighted(gradient, input, &machine)
      let (normalised, factor) = normalised(row, input, centred: false, &machine)
      if machine.isFused {
        let share = factor * factor * factor * (machine.dot(weighted, row) / Float(row.count))
        return zip(weighted, row).map { machine.store($0 * factor - $1 * share) }
      }
      let share = machine.dot(weighted, normalised) / Float(row.count)
      return zip(weighted, normalised).map { machine.store(($0 - $1 * share) * factor) }
    }
  }

  private static func layerNormBackward(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    rowPairs(input, "x", &machine) { row, gradient, machine in
      let weighted = weighted(gradient, input, &machine)
      let (normalised, factor) = normalised(row, input, centred: true, &machine)
      let (mean, share) = (
        machine.sum(weighted) / Float(row.count), machine.dot(weighted, normalised) / Float(row.count)
      )
      return zip(weighted, normalised).map { machine.store(($0 - mean - $1 * share) * factor) }
    }
  }

  private static func weightBackward(
    _ input: CheckedCase, _ machine: inout NaiveMachine, _ normalised: ([Float], inout NaiveMachine) -> [Float]
  ) -> Activation<Float> {
    let (x, gradient) = (input.real("x"), input.real("gradient"))
    let rows = Activation(shape: x.shape, elements: (0..<x.rows).flatMap { normalised(Array(x.row($0)), &machine) })
    let sums = zip(columns(rows), columns(gradient)).map { machine.store(machine.dot($0, $1)) }
    return Activation(shape: [sums.count], elements: sums)
  }

  /// The gradient of the logits before the soft cap.
  private static func uncapped(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let (weight, cap) = (input.real("weight"), input.number("softCap"))
    var gradient = input.real("gradient")
    if cap != 0 {
      let logits = linear(input.real("x"), weight, nil, &machine)
      gradient.elements = zip(gradient.elements, logits.elements).map { gradient, logit in
        let tanh = machine.store(machine.tanh(machine.between(logit / cap)))
        return machine.store(gradient * (1 - tanh * tanh))
      }
    }
    return gradient
  }

  private static func crossEntropyBackward(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let (logits, gradients) = (input.real("logits"), input.real("gradient").elements)
    let (smoothing, zLoss) = (input.number("smoothing"), input.number("zLoss"))
    let rows = input.integers("targets").enumerated().map { token, target -> [Float] in
      let row = Array(logits.row(token))
      if target == input.integer("ignored") { return row.map { _ in 0 } }
      let logarithm = (row.max() ?? 0) + logarithmOfSum(row, &machine)
      let factor = zLoss == 0 ? 1 : 1 + 2 * zLoss * logarithm
      return softmax(row, &machine).enumerated().map { index, share in
        let others = smoothing / Float(row.count)
        let wanted = index == target ? others + (1 - smoothing) : others
        return machine.store(gradients[token] * (share * factor - wanted))
      }
    }
    return Activation(shape: logits.shape, elements: rows.flatMap { $0 })
  }

  /// `gradient` times the slope of an activation function at `x`.
  static func slope(
    _ x: Float, _ name: String, times gradient: Float, _ machine: inout NaiveMachine
  ) -> Float {
    switch name {
    case "relu": return x > 0 ? gradient : 0
    case "gelu":
      let density = machine.exp(-0.5 * (x * x)) * 0.3989422804
      return gradient * (0.5 * (1 + machine.erf(x * 0.70710678)) + x * density)
    case "gelu-tanh":
      let tanh = machine.tanh(0.7978845608 * (x + 0.044715 * (x * x * x)))
      let inner: Float = 0.7978845608 * (1 + 3 * 0.044715 * (x * x))
      return gradient * (0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * inner)
    default:
      let sigmoid = machine.between(1 / (1 + machine.exp(-x)))
      return gradient * (sigmoid * (1 + x * (1 - sigmoid)))
    }
  }

  private static func embeddingBackward(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let (gradient, tokens) = (input.real("gradient"), input.integers("tokens"))
    var result = input.real("before")
    for index in result.elements.indices {
      let (row, column) = (index / result.columns, index % result.columns)
      let terms = tokens.indices.filter { tokens[$0] == row }.map { gradient.elements[$0 * result.columns + column] }
      result.elements[index] = machine.store(machine.sum([result.elements[index]] + terms))
    }
    return result
  }

  private static func gatedFeedForwardBackward(
    _ input: CheckedCase, _ machine: inout NaiveMachine
  ) -> Activation<Float> {
    let (x, name) = (input.real("x"), input.word("activation"))
    let (gate, up) = (input.real("gate"), input.real("up"))
    let (opening, inner) = (linear(x, gate, nil, &machine), linear(x, up, nil, &machine))
    let incoming = linear(input.real("gradient"), turned(input.real("down")), nil, &machine)
    var (through, around) = (incoming, incoming)
    for index in incoming.elements.indices {
      let (gradient, opened) = (incoming.elements[index], opening.elements[index])
      let inside = machine.store(gradient * inner.elements[index])
      through.elements[index] = machine.store(slope(opened, name, times: inside, &machine))
      around.elements[index] = machine.store(gradient * activated(opened, input, &machine))
    }
    let parts = [linear(through, turned(gate), nil, &machine), linear(around, turned(up), nil, &machine)]
    return Activation(
      shape: x.shape, elements: zip(parts[0].elements, parts[1].elements).map { machine.store($0 + $1) })
  }

  private static func attentionBackward(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let (query, key, value) = (input.real("query"), input.real("key"), input.real("value"))
    let gradient = input.real("gradient")
    let (tokens, heads, groups, size) = (query.shape[0], query.shape[1], key.shape[1], query.shape[2])
    let (scores, cap) = (scores(input, &machine), input.number("softCap"))
    let capped = cap == 0 ? scores : Self.scores(input, isBiased: false, &machine)
    let scale = input.number("scale") == 0 ? 1 / Float(size).squareRoot() : input.number("scale")
    // The weight and the gradient of each score; 0 where a token does not see.
    var (weights, gradients) = (scores.map { _ in Float(0) }, scores.map { _ in Float(0) })
    // The gradient of each token's sink, head by head.
    var sinks: [Float] = []
    for row in 0..<heads * tokens {
      let (head, token) = (row / tokens, row % tokens)
      let seen = visible(input, token: token)
      let places = seen.map { row * scores.columns + $0 }
      let sink = input.optionalReal("sinks").map { [$0.elements[head]] } ?? []
      let shares = softmax(places.map { scores.elements[$0] } + sink, &machine)
      let products = seen.map { position in
        machine.store(
          machine.dot(
            gradient.row(token * heads + head).map(machine.factor),
            value.row(position * groups + head / (heads / groups)).map(machine.factor)))
      }
      let sum = machine.dot(Array(shares.prefix(products.count)), products)
      sinks.append(machine.store(-(shares.last ?? 0) * sum))
      for (index, place) in places.enumerated() {
        var difference = shares[index] * (products[index] - sum)
        if cap != 0 {
          let tanh = capped.elements[place] / cap
          difference *= 1 - tanh * tanh
        }
        (weights.elements[place], gradients.elements[place]) = (shares[index], machine.store(difference))
      }
    }
    // The sum of a column of rows of scores with the rows of another tensor.
    func summed(_ numbers: Activation<Float>, _ other: Activation<Float>, _ factor: Float) -> Activation<Float> {
      var result = key
      for index in result.elements.indices {
        let (element, group, position) = (index % size, index / size % groups, index / size / groups)
        let places = (0..<heads).filter { $0 / (heads / groups) == group }.flatMap { head in
          (0..<tokens).filter { visible(input, token: $0).contains(position) }.map { (head, $0) }
        }
        let terms = places.map { head, token in
          (
            numbers.elements[(head * tokens + token) * numbers.columns + position],
            other.elements[(token * heads + head) * size + element]
          )
        }
        let sum = machine.dot(terms.map { machine.factor($0.0) }, terms.map { machine.factor($0.1) })
        result.elements[index] = machine.store(sum * factor)
      }
      return result
    }
    switch input.source.layer {
    case .attentionKeyBackward: return summed(gradients, query, scale)
    case .attentionValueBackward: return summed(weights, gradient, 1)
    case .attentionSinksBackward:
      let sums = (0..<heads).map { machine.store(machine.sum(Array(sinks[$0 * tokens..<($0 + 1) * tokens]))) }
      return Activation(shape: [heads], elements: sums)
    default:
      var result = query
      for index in result.elements.indices {
        let (element, head, token) = (index % size, index / size % heads, index / size / heads)
        let seen = visible(input, token: token)
        let row = seen.map { machine.factor(gradients.elements[(head * tokens + token) * scores.columns + $0]) }
        let column = seen.map {
          machine.factor(key.elements[($0 * groups + head / (heads / groups)) * size + element])
        }
        result.elements[index] = machine.store(machine.dot(row, column) * scale)
      }
      return result
    }
  }
}
