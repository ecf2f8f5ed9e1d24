#if arch(x86_64)
  import Foundation
  import PlumbEngine
  import PlumbModel
  import PlumbVerdicts

  /// Every layer as the engine declares to compute it: sums along its tree in Float32, functions to a declared accuracy and then
  /// rounded once.
  enum DeclaredKernels {
    typealias Wide = DeclaredMachine.Wide

    static func output(_ input: CheckedCase, _ machine: inout DeclaredMachine) -> Activation<Float> {
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
          shape: x.shape, elements: x.elements.indices.map { x.elements[$0] + weight.elements[start + $0] })
      case .rmsNorm:
        return rmsNorm(input.real("x"), input.real("weight"), input, addsOne: input.flag("addsOne"), &machine)
      case .layerNorm: return layerNorm(input, &machine)
      case .linear: return linear(input.real("x"), input.real("weight"), input.optionalReal("bias"), &machine)
      case .unembedding:
        return linear(input.real("x"), input.real("weight"), nil, &machine).map { capped($0, input, &machine) }
      case .rotaryEmbedding:
        return rotary(input.real("x"), input, firstPosition: input.integer("firstPosition"), &machine)
      case .attentionScores: return scores(input.real("query"), input.real("key"), input, &machine)
      case .softmax: return rows(input.real("x"), &machine, softmax)
      case .logSoftmax: return rows(input.real("x"), &machine, logSoftmax)
      case .attentionValues: return values(input.real("weights"), input.real("value"), input, &machine)
      case .attention, .sinkAttention:
        return attention(input.real("query"), input.real("key"), input.real("value"), input, &machine)
      case .residualAdd: return pairs(input.real("x"), input.real("residual"), +)
      case .scale:
        let factor = Wide(input.number("factor"))
        let number = input.flag("root") ? factor.squareRoot() : factor
        let error = input.flag("root") || input.flag("divides") ? 3 * 0x1p-53 : 0
        return input.real("x").map {
          machine.rounded(input.flag("divides") ? Wide($0) / number : Wide($0) * number, relative: error)
        }
      case .relu: return input.real("x").map { max($0, 0) }
      case .clamp: return input.real("x").map { min(max($0, -input.number("limit")), input.number("limit")) }
      case .gelu: return input.real("x").map { activated($0, "gelu", &machine) }
      case .geluTanh: return input.real("x").map { activated($0, "gelu-tanh", &machine) }
      case .silu: return input.real("x").map { activated($0, "silu", &machine) }
      case .clampedGate:
        let (alpha, limit) = (Wide(input.number("alpha")), Wide(input.number("limit")))
        return pairs(input.real("gate"), input.real("up")) {
          let (gate, up) = (min(Wide($0), limit), max(-limit, min(Wide($1), limit)))
          let exact = (up + 1) * gate / (1 + Foundation.exp(-alpha * gate))
          return machine.rounded(exact, relative: Engine.clampedGateRelativeError)
        }
      case .gate: return pairs(input.real("gate"), input.real("x"), *)
      case .feedForward:
        let up = linear(input.real("x"), input.real("up"), input.optionalReal("upBias"), &machine)
        let hidden = up.map { activated($0, input.word("activation"), &machine) }
        return linear(hidden, input.real("down"), input.optionalReal("downBias"), &machine)
      case .gatedFeedForward: return gatedFeedForward(input.real("x"), input, &machine)
      case .crossEntropy where input.loss == CrossEntropyLayer():
        let logits = input.real("logits")
        let losses = input.integers("targets").enumerated().map { row, target in
          -logSoftmax(Array(logits.row(row)), &machine)[target]
        }
        return Activation(shape: [losses.count], elements: losses)
      case .cosineSimilarity where input.number("epsilon") == 0: return cosines(input, &machine)
      case .block: return block(input, &machine)
      case .rotaryEmbeddingBackward:
        return rotary(
          input.real("gradient"), input, firstPosition: input.integer("firstPosition"), backwards: true, &machine)
      case .router: preconditionFailure("a router chooses: RouterBoundTests hold its bound to every legal choice")
      case .sampling: preconditionFailure("sampling chooses: SamplingBoundTests hold its bound to every legal choice")
      // The engine computes the formulas of gradients, and of losses that are more than a logarithm, plainly.
      default: return machine.formula(input)
      }
    }

    private static func pairs(
      _ a: Activation<Float>, _ b: Activation<Float>, _ operation: (Float, Float) -> Float
    ) -> Activation<Float> {
      Activation(shape: a.shape, elements: zip(a.elements, b.elements).map(operation))
    }

    private static func rows(
      _ x: Activation<Float>, _ machine: inout DeclaredMachine, _ function: ([Float], inout DeclaredMachine) -> [Float]
    ) -> Activation<Float> {
      Activation(shape: x.shape, elements: (0..<x.rows).flatMap { function(Array(x.row($0)), &machine) })
    }

    private static func linear(
      _ x: Activation<Float>, _ weight: Activation<Float>, _ bias: Activation<Float>?, _ machine: inout DeclaredMachine
    ) -> Activation<Float> {
      var result: [Float] = []
      for token in 0..<x.rows {
        for output in 0..<weight.rows {
          let sum = machine.sum(Array(x.row(token)), Array(weight.row(output)))
          result.append(bias.map { sum + $0.elements[output] } ?? sum)
        }
      }
      return Activation(shape: [x.rows, weight.rows], elements: result)
    }
  }

  // MARK: - Functions

  extension DeclaredKernels {
    private static func activated(_ x: Float, _ name: String, _ machine: inout DeclaredMachine) -> Float {
      let wide = Wide(x)
      switch name {
      case "relu": return max(x, 0)
      case "gelu":
        // Φ(x) = erfc(−x/√2)/2 loses nothing where it is small.
        let exact = wide * Foundation.erfc(-wide * Wide(0.5).squareRoot()) / 2
        return machine.rounded(exact, relative: Engine.geluRelativeError)
      case "gelu-tanh":
        // ½·(1 + tanh w) = 1/(1 + e^(−2w)).
        let w = (2 / Wide.pi).squareRoot() * (wide + Wide(44_715) / 1_000_000 * wide * wide * wide)
        return machine.rounded(wide / (1 + Foundation.exp(-2 * w)), relative: Engine.geluTanhRelativeError)
      default:
        return machine.rounded(wide / (1 + Foundation.exp(-wide)), relative: Engine.siluRelativeError)
      }
    }

    private static func capped(_ x: Float, _ input: CheckedCase, _ machine: inout DeclaredMachine) -> Float {
      let cap = Wide(input.number("softCap"))
      return cap == 0
        ? x : machine.rounded(cap * Foundation.tanh(Wide(x) / cap), relative: Engine.softCapRelativeError)
    }

    private static func softmax(_ row: [Float], _ machine: inout DeclaredMachine) -> [Float] {
      let greatest = Wide(row.max() ?? 0)
      let powers = row.map { Foundation.exp(Wide($0) - greatest) }
      let sum = powers.reduce(0, +)
      let relative = Engine.softmaxRelativeError(terms: row.count)
      return powers.map { machine.rounded($0 / sum, relative: relative) }
    }

    private static func logSoftmax(_ row: [Float], _ machine: inout DeclaredMachine) -> [Float] {
      let greatest = Wide(row.max() ?? 0)
      var powers = row.map { Foundation.exp(Wide($0) - greatest) }
      // The power of the greatest is 1: log(1 + s) of the others keeps what log of the sum would lose.
      if let first = row.firstIndex(of: row.max() ?? 0) { powers[first] = 0 }
      let logarithm = Foundation.log1p(powers.reduce(0, +))
      let relative = Engine.logSoftmaxRelativeError(terms: row.count)
      return row.map { machine.rounded(Wide($0) - greatest - logarithm, relative: relative) }
    }

    private static func rmsNorm(
      _ x: Activation<Float>, _ weight: Activation<Float>, _ input: CheckedCase, addsOne: Bool,
      _ machine: inout DeclaredMachine
    ) -> Activation<Float> {
      let relative = Engine.rmsNormRelativeError(terms: x.columns)
      let epsilon = Wide(input.number("epsilon"))
      return rows(x, &machine) { row, machine in
        let mean = row.reduce(Wide(0)) { $0 + Wide($1) * Wide($1) } / Wide(row.count)
        let root = (mean + epsilon).squareRoot()
        return zip(row, weight.elements).map { x, weight in
          machine.rounded(Wide(x) / root * (Wide(weight) + (addsOne ? 1 : 0)), relative: relative)
        }
      }
    }

    private static func layerNorm(_ input: CheckedCase, _ machine: inout DeclaredMachine) -> Activation<Float> {
      let (weight, bias) = (input.real("weight").elements, input.optionalReal("bias")?.elements)
      let columns = input.real("x").columns
      let relative = Engine.layerNormRelativeError(terms: columns)
      let absolute = Wide(Engine.layerNormAbsoluteError(terms: columns))
      return rows(input.real("x"), &machine) { row, machine in
        let count = Wide(row.count)
        let differences = row.map { Wide($0) - Wide(row[0]) }
        let mean = differences.reduce(0, +) / count
        let deviations = differences.map { $0 - mean }
        let variance = deviations.reduce(0) { $0 + $1 * $1 } / count
        let root = (variance + Wide(input.number("epsilon"))).squareRoot()
        return deviations.indices.map { index in
          let bias = Wide(bias?[index] ?? 0)
          return machine.rounded(
            deviations[index] / root * Wide(weight[index]) + bias, relative: relative,
            absolute: bias.magnitude * Wide(relative) + Wide(weight[index]).magnitude * absolute)
        }
      }
    }

    private static func cosines(_ input: CheckedCase, _ machine: inout DeclaredMachine) -> Activation<Float> {
      let (x, y) = (input.real("x"), input.real("y"))
      let error = Engine.cosineSimilarityError(terms: x.columns)
      func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Wide {
        zip(a, b).reduce(0) { $0 + Wide($1.0) * Wide($1.1) }
      }
      var result: [Float] = []
      for row in 0..<x.rows {
        for other in 0..<y.rows {
          let norms = dot(x.row(row), x.row(row)).squareRoot() * dot(y.row(other), y.row(other)).squareRoot()
          result.append(
            norms == 0
              ? 0
              : machine.rounded(dot(x.row(row), y.row(other)) / norms, relative: error, absolute: Wide(error)))
        }
      }
      return Activation(shape: [x.rows, y.rows], elements: result)
    }

    private static func rotary(
      _ x: Activation<Float>, _ input: CheckedCase, firstPosition: Int, backwards: Bool = false,
      _ machine: inout DeclaredMachine
    ) -> Activation<Float> {
      let (heads, headSize) = (x.shape[1], x.shape[2])
      let size = input.integer("rotatedSize") == 0 ? headSize : input.integer("rotatedSize")
      let theta = input.number("theta")
      let factor = input.number("scalingFactor")
      // What the angle's error is, relative: 9 units for each bit of theta, 10 more, and one for a factor.
      let units = Wide(9 * (Int(theta.exponent.magnitude) + 1) + (factor == 1 ? 10 : 11))
      let scaling = input.source.layer == .block ? nil : DeclaredScaling(input, size: size)
      let magnitude = Wide(scaling?.magnitude ?? 1)
      var result = x
      for pair in 0..<size / 2 {
        let power = Foundation.pow(Wide(theta), -Wide(2 * pair) / Wide(size))
        let frequency = (scaling?.scaled(power, pair: pair) ?? power) / Wide(factor)
        let (first, second) = input.flag("interleaved") ? (2 * pair, 2 * pair + 1) : (pair, pair + size / 2)
        for token in 0..<x.shape[0] where firstPosition + token > 0 || magnitude != 1 {
          let angle = Wide(firstPosition + token) * frequency
          let (sine, cosine) = (
            (backwards ? -magnitude : magnitude) * Foundation.sin(angle), magnitude * Foundation.cos(angle)
          )
          let strayed = angle * (units + (scaling?.units(beside: units) ?? 0)) + (magnitude == 1 ? 6 : 28)
          let error = angle == 0 ? 0 : magnitude * strayed * 0x1p-53
          for head in 0..<heads {
            let start = (token * heads + head) * headSize
            let (a, b) = (Wide(x.elements[start + first]), Wide(x.elements[start + second]))
            let absolute = (a.magnitude + b.magnitude) * error
            result.elements[start + first] = machine.rounded(a * cosine - b * sine, relative: 0, absolute: absolute)
            result.elements[start + second] = machine.rounded(a * sine + b * cosine, relative: 0, absolute: absolute)
          }
        }
      }
      return result
    }
  }

  // MARK: - Layers made of layers

  extension DeclaredKernels {
    /// The positions that a token at `position` may see.
    private static func visible(_ input: CheckedCase, position: Int, of positions: Int) -> [Int] {
      let window = input.integer("window") == 0 ? Int.max : input.integer("window")
      let isOfBlock = input.source.layer == .block
      let after = isOfBlock || input.integer("windowAfter") == 0 ? Int.max : input.integer("windowAfter")
      return (0..<positions).filter {
        (!input.flag("causal") || $0 <= position) && position - $0 < window && $0 - position <= after
      }
    }

    private static func firstPosition(_ input: CheckedCase) -> Int {
      input.source.layer == .block ? 0 : input.integer("firstPosition")
    }

    private static func scores(
      _ query: Activation<Float>, _ key: Activation<Float>, _ input: CheckedCase, _ machine: inout DeclaredMachine
    ) -> Activation<Float> {
      let (tokens, heads, headSize) = (query.shape[0], query.shape[1], query.shape[2])
      let (positions, groups) = (key.shape[0], key.shape[1])
      let given = input.number("scale")
      let scale = given == 0 ? 1 / Wide(headSize).squareRoot() : Wide(given)
      // A division by a power of two is exact; any other divisor and its quotient round once each.
      let relative = scale.significand == 1 ? 0 : 3 * 0x1p-53
      var result: [Float] = []
      for head in 0..<heads {
        for token in 0..<tokens {
          let seen = Set(visible(input, position: firstPosition(input) + token, of: positions))
          for position in 0..<positions {
            guard seen.contains(position) else {
              result.append(-.infinity)
              continue
            }
            let sum = machine.sum(
              Array(query.row(token * heads + head)), Array(key.row(position * groups + head / (heads / groups))))
            let score = capped(machine.rounded(Wide(sum) * scale, relative: relative), input, &machine)
            let distance = Wide(abs(firstPosition(input) + token - position))
            result.append(biased(score, distance, head, heads, input, &machine))
          }
        }
      }
      return Activation(shape: [heads, tokens, positions], elements: result)
    }

    private static func biased(
      _ score: Float, _ distance: Wide, _ head: Int, _ heads: Int, _ input: CheckedCase,
      _ machine: inout DeclaredMachine
    ) -> Float {
      let last = Wide(input.number("alibi"))
      guard last > 0, distance > 0 else { return score }
      let count = 1 << (Int.bitWidth - 1 - heads.leadingZeroBitCount)
      let exponent = head < count ? Wide(head + 1) / Wide(count) : Wide(2 * (head - count) + 1) / Wide(2 * count)
      let slope = Foundation.exp2(-last * exponent)
      let relative = slope.significand == 1 ? 0 : 12 * 0x1p-53
      let bias = slope * distance
      return machine.rounded(Wide(score) - bias, relative: 0x1p-53, absolute: bias * Wide(relative))
    }

    private static func values(
      _ weights: Activation<Float>, _ value: Activation<Float>, _ input: CheckedCase, _ machine: inout DeclaredMachine
    ) -> Activation<Float> {
      let (heads, tokens, positions) = (weights.shape[0], weights.shape[1], weights.shape[2])
      let (groups, headSize) = (value.shape[1], value.shape[2])
      var result: [Float] = []
      for token in 0..<tokens {
        let seen = visible(input, position: firstPosition(input) + token, of: positions)
        for head in 0..<heads {
          let start = (head * tokens + token) * positions
          let group = head / (heads / groups)
          for element in 0..<headSize {
            result.append(
              machine.sum(
                seen.map { weights.elements[start + $0] },
                seen.map { value.elements[($0 * groups + group) * headSize + element] }))
          }
        }
      }
      return Activation(shape: [tokens, heads, headSize], elements: result)
    }

    private static func attention(
      _ query: Activation<Float>, _ key: Activation<Float>, _ value: Activation<Float>, _ input: CheckedCase,
      _ machine: inout DeclaredMachine
    ) -> Activation<Float> {
      var weights = scores(query, key, input, &machine)
      for row in 0..<weights.rows {
        let start = row * weights.columns
        let token = row % query.shape[0]
        let seen = visible(input, position: firstPosition(input) + token, of: key.shape[0])
        let sink = input.optionalReal("sinks").map { [$0.elements[row / query.shape[0]]] } ?? []
        let shares = softmax(seen.map { weights.elements[start + $0] } + sink, &machine)
        for (position, share) in zip(seen, shares) { weights.elements[start + position] = share }
      }
      return values(weights, value, input, &machine)
    }

    private static func gatedFeedForward(
      _ x: Activation<Float>, _ input: CheckedCase, _ machine: inout DeclaredMachine
    ) -> Activation<Float> {
      let opening = linear(x, input.real("gate"), nil, &machine)
      let up = linear(x, input.real("up"), nil, &machine)
      let open = opening.map { activated($0, input.word("activation"), &machine) }
      return linear(pairs(open, up, *), input.real("down"), nil, &machine)
    }

    private static func block(_ input: CheckedCase, _ machine: inout DeclaredMachine) -> Activation<Float> {
      let x = input.real("x")
      let (heads, groups, headSize) = (
        input.extent("heads"), input.extent("keyValueHeads"), input.extent("headSize")
      )
      func norm(_ x: Activation<Float>, _ name: String, _ machine: inout DeclaredMachine) -> Activation<Float> {
        rmsNorm(x, input.real(name), input, addsOne: false, &machine)
      }
      func matrix(_ name: String, rows: Int) -> Activation<Float> {
        let weight = input.real(name)
        return weight.reshaped([rows, weight.elements.count / rows])
      }
      func attended(_ x: Activation<Float>, _ machine: inout DeclaredMachine) -> Activation<Float> {
        func projected(_ name: String, _ heads: Int, _ machine: inout DeclaredMachine) -> Activation<Float> {
          linear(x, matrix(name, rows: heads * headSize), nil, &machine).reshaped([x.rows, heads, headSize])
        }
        let query = rotary(projected("query", heads, &machine), input, firstPosition: 0, &machine)
        let key = rotary(projected("key", groups, &machine), input, firstPosition: 0, &machine)
        let values = attention(query, key, projected("value", groups, &machine), input, &machine)
        return linear(
          values.reshaped([x.rows, heads * headSize]), matrix("output", rows: x.columns), nil, &machine)
      }
      if input.flag("postNormalised") {
        let h = norm(pairs(x, attended(x, &machine), +), "attentionNorm", &machine)
        return norm(pairs(h, gatedFeedForward(h, input, &machine), +), "feedForwardNorm", &machine)
      }
      let h = pairs(x, attended(norm(x, "attentionNorm", &machine), &machine), +)
      return pairs(h, gatedFeedForward(norm(h, "feedForwardNorm", &machine), input, &machine), +)
    }
  }
#endif
