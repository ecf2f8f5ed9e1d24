import PlumbModel

/// The forward and backward pass of a Llama decoder as its formulas read, a number at a time: in Float32 the very bits of the engine's
/// training pass where products are fused, in Float64 what PyTorch computes.
///
/// It shares nothing with the engine but the order of its sums, which is part of what the engine promises.
struct PlainDecoder<Number: BinaryFloatingPoint> {
  let shape: LlamaShape
  let isFused: Bool
  var weights: [Number]
  var gradients: [Number]

  typealias Rows = [[Number]]

  init(_ shape: LlamaShape, weights: [Float], isFused: Bool) {
    (self.shape, self.isFused) = (shape, isFused)
    self.weights = weights.map { Number($0) }
    gradients = weights.map { _ in 0 }
  }

  private struct Kept {
    var x: Rows, attentionNorm: Rows, query: Rows, key: Rows, value: Rows
    /// By sequence and head: a row for each token, of those that it sees.
    var weights: [[Rows]]
    var values: Rows, middle: Rows, feedForwardNorm: Rows, gate: Rows, up: Rows, gated: Rows
  }

  /// Adds the gradients of the sum of the cross-entropies times `factor`; returns the cross-entropies.
  mutating func addGradients(_ inputs: [UInt8], _ targets: [UInt8], factor: Double) -> [Double] {
    let parameters = Dictionary(uniqueKeysWithValues: shape.parameters.map { ($0.name, $0) })
    func p(_ part: LlamaShape.Part, _ block: Int? = nil) -> LlamaShape.Parameter {
      let name = (block.map { "blk.\($0)." } ?? "") + part.rawValue + ".weight"
      return parameters[name, default: shape.parameters[0]]
    }
    var x = inputs.map { matrix(p(.embedding))[Int($0)] }
    var kept: [Kept] = []
    for block in 0..<shape.blocks {
      let n = norm(x, vector(p(.attentionNorm, block)))
      let q = turn(linear(n, matrix(p(.query, block))), 1), k = turn(linear(n, matrix(p(.key, block))), 1)
      let v = linear(n, matrix(p(.value, block)))
      let (weights, values) = attention(q, k, v)
      let middle = linear(values, matrix(p(.attentionOutput, block)), onto: x)
      let m = norm(middle, vector(p(.feedForwardNorm, block)))
      let gate = linear(m, matrix(p(.gate, block))), up = linear(m, matrix(p(.up, block)))
      let gated = zip(gate, up).map { zip($0, $1).map { Number(silu(Double($0)) * Double($1)) } }
      kept.append(
        Kept(
          x: x, attentionNorm: n, query: q, key: k, value: v, weights: weights, values: values, middle: middle,
          feedForwardNorm: m, gate: gate, up: up, gated: gated))
      x = linear(gated, matrix(p(.down, block)), onto: middle)
    }
    let last = norm(x, vector(p(.finalNorm)))
    let logits = linear(last, matrix(p(.unembedding)))
    let (losses, dLogits) = crossEntropy(logits, targets, factor)
    addWeight(p(.unembedding), dLogits, last)
    var d = x.map { $0.map { _ in Number(0) } }
    addNorm(p(.finalNorm), x, backward(dLogits, matrix(p(.unembedding))), onto: &d)
    for (block, k) in kept.enumerated().reversed() {
      addWeight(p(.down, block), d, k.gated)
      let dGated = backward(d, matrix(p(.down, block)))
      var (dGate, dUp) = (k.gate, k.up)
      for row in d.indices {
        for i in 0..<shape.feedForward {
          let (x, g, u) = (Double(k.gate[row][i]), Double(dGated[row][i]), Double(k.up[row][i]))
          let s = sigmoid(x)
          dGate[row][i] = Number(g * u * (s * (1 + x * (1 - s))))
          dUp[row][i] = Number(g * (x * s))
        }
      }
      addWeight(p(.gate, block), dGate, k.feedForwardNorm)
      addWeight(p(.up, block), dUp, k.feedForwardNorm)
      let dM = backward(dUp, matrix(p(.up, block)), onto: backward(dGate, matrix(p(.gate, block))))
      addNorm(p(.feedForwardNorm, block), k.middle, dM, onto: &d)
      addWeight(p(.attentionOutput, block), d, k.values)
      let (dQ, dK, dV) = attentionBackward(
        q: k.query, k: k.key, v: k.value, weights: k.weights, backward(d, matrix(p(.attentionOutput, block))))
      var dN: Rows?
      for (part, g) in [(LlamaShape.Part.query, turn(dQ, -1)), (.key, turn(dK, -1)), (.value, dV)] {
        addWeight(p(part, block), g, k.attentionNorm)
        dN = backward(g, matrix(p(part, block)), onto: dN)
      }
      addNorm(p(.attentionNorm, block), k.x, dN ?? [], onto: &d)
    }
    for (row, token) in inputs.enumerated() {
      for i in 0..<shape.width { gradients[p(.embedding).offset + Int(token) * shape.width + i] += d[row][i] }
    }
    return losses
  }

  private func vector(_ p: LlamaShape.Parameter) -> [Number] { Array(weights[p.places]) }
  private func matrix(_ p: LlamaShape.Parameter) -> Rows {
    (0..<p.shape[0]).map { Array(weights[p.offset + $0 * p.shape[1]..<p.offset + ($0 + 1) * p.shape[1]]) }
  }

  /// Σ a·b from `start` on, term by term.
  private func chain(_ start: Number, _ terms: some Sequence<(Number, Number)>) -> Number {
    terms.reduce(start) { isFused ? $0.addingProduct($1.0, $1.1) : $0 + $1.0 * $1.1 }
  }

  private func linear(_ x: Rows, _ w: Rows, onto before: Rows? = nil) -> Rows {
    x.indices.map { r in w.indices.map { chain(before?[r][$0] ?? 0, zip(x[r], w[$0])) } }
  }

  private func backward(_ y: Rows, _ w: Rows, onto before: Rows? = nil) -> Rows {
    y.indices.map { r in
      w[0].indices.map { j in chain(before?[r][j] ?? 0, w.indices.lazy.map { (y[r][$0], w[$0][j]) }) }
    }
  }

  private mutating func addWeight(_ p: LlamaShape.Parameter, _ y: Rows, _ x: Rows) {
    for i in 0..<p.shape[0] {
      for j in 0..<p.shape[1] {
        let place = p.offset + i * p.shape[1] + j
        gradients[place] = chain(gradients[place], y.indices.lazy.map { (y[$0][i], x[$0][j]) })
      }
    }
  }

  private func root(_ x: [Number]) -> Double {
    1 / (laneSum(x.map { Double($0) * Double($0) }) / Double(x.count) + Double(LlamaShape.epsilon)).squareRoot()
  }

  private func norm(_ x: Rows, _ w: [Number]) -> Rows {
    x.map { row in
      let root = root(row)
      return zip(row, w).map { Number(Double($0) * root * Double($1)) }
    }
  }

  private mutating func addNorm(_ p: LlamaShape.Parameter, _ x: Rows, _ g: Rows, onto d: inout Rows) {
    let (w, roots) = (vector(p), x.map(root))
    for r in x.indices {
      let root = roots[r]
      let products = x[r].indices.map { Double(x[r][$0]) * (Double(g[r][$0]) * Double(w[$0])) }
      let factor = root * root * root * (laneSum(products) / Double(w.count))
      for i in w.indices {
        d[r][i] = Number(Double(d[r][i]) + (Double(g[r][i]) * Double(w[i]) * root - Double(x[r][i]) * factor))
      }
    }
    for i in w.indices {
      let sum = x.indices.reduce(Double(gradients[p.offset + i])) {
        $0 + Double(g[$1][i]) * Double(x[$1][i]) * roots[$1]
      }
      gradients[p.offset + i] = Number(sum)
    }
  }
}
