import PlumbModel
import PlumbVerdicts

/// Every layer as somebody else would write it, in plain Float32.
enum NaiveKernels {
  static func output(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    if input.source.layer == .cosineSimilarity { return cosines(input, &machine) }
    switch input.source.layer {
    case .embedding:
      let weight = input.real("weight")
      return Activation(
        shape: [input.extent("tokens"), weight.columns],
        elements: input.integers("tokens").flatMap { Array(weight.row($0)) })
    case .learnedPosition:
      let (x, weight) = (input.real("x"), input.real("weight"))
      let start = input.integer("firstPosition") * x.columns
      return Activation(
        shape: x.shape,
        elements: x.elements.indices.map { machine.store(x.elements[$0] + weight.elements[start + $0]) })
    case .rmsNorm: return rmsNorm(input, &machine)
    case .layerNorm: return layerNorm(input, &machine)
    case .linear: return linear(input.real("x"), input.real("weight"), input.optionalReal("bias"), &machine)
    case .unembedding:
      let logits = linear(input.real("x"), input.real("weight"), nil, &machine)
      return logits.map { capped($0, input, &machine) }
    case .rotaryEmbedding: return rotary(input, "x", &machine)
    case .attentionScores: return scores(input, &machine)
    case .softmax: return rows(input.real("x"), &machine, softmax)
    case .logSoftmax: return rows(input.real("x"), &machine, logSoftmax)
    case .attentionValues: return values(input, input.real("weights"), &machine)
    case .attention, .sinkAttention:
      let sinks = input.optionalReal("sinks")?.elements
      var weights = scores(input, &machine)
      for row in 0..<weights.rows {
        let start = row * weights.columns
        let visible = visible(input, token: row % input.extent("tokens"))
        let sink = sinks.map { [$0[row / input.extent("tokens")]] } ?? []
        let shares = softmax(visible.map { weights.elements[start + $0] } + sink, &machine)
        for (position, share) in zip(visible, shares) { weights.elements[start + position] = share }
      }
      return values(input, weights, &machine)
    case .residualAdd: return pairs(input, "x", "residual") { machine.store($0 + $1) }
    case .scale:
      let factor = input.flag("root") ? input.number("factor").squareRoot() : input.number("factor")
      return input.real("x").map { machine.store(input.flag("divides") ? $0 / factor : $0 * factor) }
    case .relu: return input.real("x").map { max($0, 0) }
    case .clamp: return input.real("x").map { max(min($0, input.number("limit")), -input.number("limit")) }
    case .gelu: return input.real("x").map { gelu($0, &machine) }
    case .geluTanh: return input.real("x").map { geluTanh($0, &machine) }
    case .silu: return input.real("x").map { silu($0, &machine) }
    case .clampedGate:
      let (alpha, limit) = (input.number("alpha"), input.number("limit"))
      return pairs(input, "gate", "up") {
        let gate = machine.between(min($0, limit))
        let up = machine.between(max(-limit, min($1, limit)))
        if machine.isFused {
          let open = gate / (1 + machine.exp(-alpha * gate))
          return machine.store(open.addingProduct(open, up))
        }
        let slope = machine.between(1 / (1 + machine.exp(-machine.between(alpha * gate))))
        return machine.store(machine.between(up + 1) * machine.between(gate * slope))
      }
    case .gate: return pairs(input, "gate", "x") { machine.store($0 * $1) }
    case .feedForward:
      let up = linear(input.real("x"), input.real("up"), input.optionalReal("upBias"), &machine)
      let hidden = up.map { activated($0, input, &machine) }
      return linear(hidden, input.real("down"), input.optionalReal("downBias"), &machine)
    case .gatedFeedForward:
      let x = input.real("x")
      let opening = linear(x, input.real("gate"), nil, &machine)
      let up = linear(x, input.real("up"), nil, &machine)
      let hidden = zip(opening.elements, up.elements).map { machine.store(activated($0, input, &machine) * $1) }
      return linear(Activation(shape: up.shape, elements: hidden), input.real("down"), nil, &machine)
    case .crossEntropy: return crossEntropy(input, &machine)
    case .quantize: return rows(input.real("x"), &machine) { quantized($0, input, &$1) }
    case .quantizeScale: return quantizeScales(input, &machine)
    case .router: return rows(input.real("logits"), &machine) { router($0, input, &$1) }
    case .experts: return experts(input, &machine)
    case .sampling: return rows(input.real("logits"), &machine) { sampling($0, input, &$1) }
    case _ where input.source.layer.rawValue.hasSuffix("-backward"): return backward(input, &machine)
    default: preconditionFailure("nobody has written \(input.source.layer) plainly yet")
    }
  }

  private static func crossEntropy(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let (logits, smoothing) = (input.real("logits"), input.number("smoothing"))
    let losses = input.integers("targets").enumerated().map { token, target -> Float in
      if target == input.integer("ignored") { return 0 }
      let row = Array(logits.row(token))
      let (greatest, count) = (row.max() ?? 0, Float(row.count))
      let logarithm = logarithmOfSum(row, &machine)
      var loss = logarithm - (row[target] - greatest)
      if smoothing != 0, machine.isFused {
        let share = smoothing / count
        loss = (1 - smoothing) * loss + (smoothing * (greatest + logarithm) - machine.sum(row.map { $0 * share }))
      } else if smoothing != 0 {
        let logarithms = row.map { machine.store($0 - greatest - logarithm) }
        loss =
          machine.between((1 - smoothing) * -logarithms[target])
          - machine.between(smoothing / count * machine.between(machine.sum(logarithms)))
      }
      let zLoss = input.number("zLoss")
      if zLoss != 0 {
        let whole = machine.between(greatest + logarithm)
        loss = machine.between(loss) + machine.between(zLoss * machine.between(whole * whole))
      }
      return machine.store(loss)
    }
    return Activation(shape: [losses.count], elements: losses)
  }

  static func activated(_ x: Float, _ input: CheckedCase, _ machine: inout NaiveMachine) -> Float {
    switch input.word("activation") {
    case "relu": max(x, 0)
    case "gelu": gelu(x, &machine)
    case "gelu-tanh": geluTanh(x, &machine)
    default: silu(x, &machine)
    }
  }

  private static func pairs(
    _ input: CheckedCase, _ first: String, _ second: String, _ operation: (Float, Float) -> Float
  ) -> Activation<Float> {
    let (a, b) = (input.real(first), input.real(second))
    return Activation(shape: a.shape, elements: zip(a.elements, b.elements).map(operation))
  }

  static func rows(
    _ x: Activation<Float>, _ machine: inout NaiveMachine, _ function: ([Float], inout NaiveMachine) -> [Float]
  ) -> Activation<Float> {
    Activation(shape: x.shape, elements: (0..<x.rows).flatMap { function(Array(x.row($0)), &machine) })
  }

  static func softmax(_ row: [Float], _ machine: inout NaiveMachine) -> [Float] {
    let greatest = row.max() ?? 0
    let exponentials = row.map { machine.exp($0 - greatest) }
    let sum = machine.sum(exponentials)
    return exponentials.map { machine.store(machine.isFused ? $0 * (1 / sum) : $0 / sum) }
  }

  /// The logarithm of the sum of the exponentials of a row's differences to its greatest element.
  static func logarithmOfSum(_ row: [Float], _ machine: inout NaiveMachine) -> Float {
    let greatest = row.max() ?? 0
    let sum = machine.sum(row.map { machine.exp($0 - greatest) })
    return machine.between(machine.log(machine.between(sum)))
  }

  static func logSoftmax(_ row: [Float], _ machine: inout NaiveMachine) -> [Float] {
    let greatest = row.max() ?? 0
    let logarithm = logarithmOfSum(row, &machine)
    return row.map { machine.store($0 - greatest - logarithm) }
  }

  static func gelu(_ x: Float, _ machine: inout NaiveMachine) -> Float {
    machine.store(0.5 * x * (1 + machine.erf(x * 0.70710678)))
  }

  static func geluTanh(_ x: Float, _ machine: inout NaiveMachine) -> Float {
    let cube = machine.isFused ? x * x * x * 0.044715 + x : x * (1 + 0.044715 * x * x)
    return machine.store(0.5 * x * (1 + machine.tanh(0.7978845608 * cube)))
  }

  static func silu(_ x: Float, _ machine: inout NaiveMachine) -> Float {
    machine.store(x / (1 + machine.exp(-x)))
  }

  static func linear(
    _ x: Activation<Float>, _ weight: Activation<Float>, _ bias: Activation<Float>?, _ machine: inout NaiveMachine
  ) -> Activation<Float> {
    var result: [Float] = []
    for token in 0..<x.rows {
      for output in 0..<weight.rows {
        let dot = machine.dot(x.row(token).map(machine.factor), weight.row(output).map(machine.factor))
        result.append(machine.store(bias.map { dot + $0.elements[output] } ?? dot))
      }
    }
    return Activation(shape: [x.rows, weight.rows], elements: result)
  }

  private static func rmsNorm(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let added: Float = input.flag("addsOne") ? 1 : 0
    let weight = input.real("weight").elements.map { machine.between($0 + added) }
    return rows(input.real("x"), &machine) { row, machine in
      let mean = machine.dot(row, row) / Float(row.count)
      let root = (mean + input.number("epsilon")).squareRoot()
      return zip(row, weight).map {
        machine.store(machine.isFused ? $0 * (1 / root) * $1 : machine.between($0 / root) * $1)
      }
    }
  }

  private static func layerNorm(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let weight = input.real("weight").elements
    let bias = input.optionalReal("bias")?.elements
    return rows(input.real("x"), &machine) { row, machine in
      let mean = machine.sum(row) / Float(row.count)
      let deviations = row.map { $0 - mean }
      let variance = machine.dot(deviations, deviations) * (1 / Float(row.count))
      let factor = 1 / (variance + input.number("epsilon")).squareRoot()
      return deviations.indices.map { index in
        let scaled = machine.between(deviations[index] * factor) * weight[index]
        return machine.store(bias.map { machine.between(scaled) + $0[index] } ?? scaled)
      }
    }
  }

  /// The positions that a token may see.
  static func visible(_ input: CheckedCase, token: Int) -> [Int] {
    let own = input.integer("firstPosition") + token
    let window = input.integer("window") == 0 ? Int.max : input.integer("window")
    let after = input.integer("windowAfter") == 0 ? Int.max : input.integer("windowAfter")
    return (0..<input.extent("positions")).filter {
      (!input.flag("causal") || $0 <= own) && own - $0 < window && $0 - own <= after
    }
  }

  static func capped(_ x: Float, _ input: CheckedCase, _ machine: inout NaiveMachine) -> Float {
    let cap = input.number("softCap")
    if cap == 0 { return x }
    return machine.store(cap * machine.between(machine.tanh(machine.isFused ? x * (1 / cap) : machine.store(x / cap))))
  }

  static func rotary(
    _ input: CheckedCase, _ name: String = "x", turn: Float = 1, _ machine: inout NaiveMachine
  ) -> Activation<Float> {
    let x = input.real(name)
    let (heads, headSize) = (input.extent("heads"), input.extent("headSize"))
    let size = input.integer("rotatedSize") == 0 ? headSize : input.integer("rotatedSize")
    let magnitude = input.number("magnitude")
    var result = x
    for pair in 0..<size / 2 {
      let power = 1 / machine.power(input.number("theta"), Float(2 * pair) / Float(size))
      let frequency = scaled(power, pair: pair, of: size, input)
      let (first, second) = input.flag("interleaved") ? (2 * pair, 2 * pair + 1) : (pair, pair + size / 2)
      for token in 0..<x.shape[0] {
        let angle = Float(input.integer("firstPosition") + token) / input.number("scalingFactor") * frequency
        var (sine, cosine) = (turn * machine.sin(angle), machine.cos(angle))
        (sine, cosine) = (machine.between(sine * magnitude), machine.between(cosine * magnitude))
        func product(_ x: Float, _ y: Float) -> Float { machine.between(x * y) }
        for head in 0..<heads {
          let start = (token * heads + head) * headSize
          let (a, b) = (x.elements[start + first], x.elements[start + second])
          result.elements[start + first] = machine.store(product(a, cosine) - product(b, sine))
          result.elements[start + second] =
            machine.store(
              machine.isFused ? (a * sine).addingProduct(b, cosine) : product(a, sine) + product(b, cosine))
        }
      }
    }
    return result
  }

  /// The number that ALiBi adds to a score: a slope that is multiplied up from head to head.
  static func linearBias(
    _ input: CheckedCase, head: Int, token: Int, position: Int, _ machine: inout NaiveMachine
  ) -> Float {
    let (last, heads) = (input.number("alibi"), input.extent("heads"))
    if last == 0 { return 0 }
    var count = 1
    while 2 * count <= heads { count *= 2 }
    var slope = machine.power(2, head < count ? -last / Float(count) : -last / Float(2 * count))
    let step = head < count ? slope : slope * slope
    for _ in 0..<(head < count ? head : head - count) { slope *= step }
    return machine.between(slope * Float(-abs(input.integer("firstPosition") + token - position)))
  }

  static func scores(
    _ input: CheckedCase, isBiased: Bool = true, _ machine: inout NaiveMachine
  ) -> Activation<Float> {
    let (query, key) = (input.real("query"), input.real("key"))
    let (tokens, heads, positions) = (query.shape[0], query.shape[1], key.shape[0])
    let shared = heads / key.shape[1]
    let root = Float(query.shape[2]).squareRoot()
    var result: [Float] = []
    for head in 0..<heads {
      for token in 0..<tokens {
        for position in 0..<positions {
          let a = query.row(token * heads + head).map(machine.factor)
          let b = key.row(position * key.shape[1] + head / shared).map(machine.factor)
          guard visible(input, token: token).contains(position) else {
            result.append(-.infinity)
            continue
          }
          let given = input.number("scale")
          let scale = given == 0 ? 1 / root : given
          let score =
            machine.isFused
            ? machine.dot(a.map { $0 * scale }, b)
            : given == 0 ? machine.between(machine.dot(a, b)) / root : machine.between(machine.dot(a, b)) * given
          let bias =
            isBiased ? linearBias(input, head: head, token: token, position: position, &machine) : 0
          let finished = capped(machine.store(score), input, &machine)
          result.append(bias == 0 ? finished : machine.store(finished + bias))
        }
      }
    }
    return Activation(shape: [heads, tokens, positions], elements: result)
  }

  private static func values(
    _ input: CheckedCase, _ weights: Activation<Float>, _ machine: inout NaiveMachine
  ) -> Activation<Float> {
    let value = input.real("value")
    let (heads, tokens) = (weights.shape[0], weights.shape[1])
    let (groups, headSize) = (value.shape[1], value.shape[2])
    var result: [Float] = []
    for token in 0..<tokens {
      for head in 0..<heads {
        let visible = visible(input, token: token)
        let start = (head * tokens + token) * weights.columns
        let row = visible.map { machine.factor(weights.elements[start + $0]) }
        for element in 0..<headSize {
          let column = visible.map { position in
            machine.factor(value.elements[(position * groups + head / (heads / groups)) * headSize + element])
          }
          result.append(machine.store(machine.dot(row, column)))
        }
      }
    }
    return Activation(shape: [tokens, heads, headSize], elements: result)
  }

  private static func cosines(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let (x, y) = (input.real("x"), input.real("y"))
    var result: [Float] = []
    for row in 0..<x.rows {
      for other in 0..<y.rows {
        let (a, b) = (Array(x.row(row)), Array(y.row(other)))
        let least = input.number("epsilon")
        let norms = (max(machine.dot(a, a).squareRoot(), least), max(machine.dot(b, b).squareRoot(), least))
        if a.allSatisfy({ $0 == 0 }) || b.allSatisfy({ $0 == 0 }) {
          result.append(0)
        } else if machine.isFused {
          result.append(machine.store(machine.dot(a.map { $0 / norms.0 }, b.map { $0 / norms.1 })))
        } else if machine.random(2) == 0 {
          // Step by step each is a tensor.
          let stored = (machine.store(norms.0), machine.store(norms.1))
          let products = zip(a, b).map { machine.store(machine.store($0 / stored.0) * machine.store($1 / stored.1)) }
          result.append(machine.store(machine.sum(products)))
        } else {
          result.append(machine.store(machine.dot(a, b) / (norms.0 * norms.1)))
        }
      }
    }
    return Activation(shape: [x.rows, y.rows], elements: result)
  }
}
