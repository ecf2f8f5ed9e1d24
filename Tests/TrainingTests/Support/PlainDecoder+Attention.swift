import Foundation
import PlumbModel

extension PlainDecoder {
  /// Each pair of every head turned by its position.
  func turn(_ x: Rows, _ direction: Double) -> Rows {
    let size = shape.headSize
    return x.indices.map { r in
      var row = x[r]
      for pair in 0..<row.count / 2 {
        let power = exp(-(Double(pair * 2 % size) / Double(size) * log(Double(LlamaShape.theta))))
        let angle = Double(r % shape.context) * power
        let (a, b, c, s) = (Double(row[2 * pair]), Double(row[2 * pair + 1]), cos(angle), sin(angle) * direction)
        (row[2 * pair], row[2 * pair + 1]) = (Number(a * c - b * s), Number(a * s + b * c))
      }
      return row
    }
  }

  private func head(_ x: [Number], _ index: Int) -> ArraySlice<Number> {
    x[index * shape.headSize..<(index + 1) * shape.headSize]
  }

  private func sum(_ start: Number, _ terms: some Sequence<(Number, Number)>) -> Number {
    terms.reduce(start) { isFused ? $0.addingProduct($1.0, $1.1) : $0 + $1.0 * $1.1 }
  }

  private var scale: Number {
    Number.self == Float.self ? Number(1 / Float(shape.headSize).squareRoot()) : 1 / Number(shape.headSize).squareRoot()
  }

  func attention(_ q: Rows, _ k: Rows, _ v: Rows) -> (weights: [[Rows]], values: Rows) {
    var values = q
    let weights = (0..<q.count / shape.context).map { sequence -> [Rows] in
      let first = sequence * shape.context
      return (0..<shape.heads).map { h -> Rows in
        let shared = h / (shape.heads / shape.keyValueHeads)
        return (0..<shape.context).map { r -> [Number] in
          let seen = (0...r).map { first + $0 }
          let row = softmax(seen.map { sum(0, zip(head(q[first + r], h), head(k[$0], shared))) * scale })
          for i in 0..<shape.headSize {
            values[first + r][h * shape.headSize + i] = sum(
              0, zip(row, seen).lazy.map { ($0, v[$1][shared * shape.headSize + i]) })
          }
          return row
        }
      }
    }
    return (weights, values)
  }

  func softmax(_ x: [Number]) -> [Number] {
    let greatest = x.max() ?? 0
    let powers = x.map { exp(Double($0) - Double(greatest)) }
    let scale = 1 / laneSum(powers)
    return powers.map { Number($0 * scale) }
  }

  /// The gradients of query, key and value from that of the values' sums.
  func attentionBackward(
    q: Rows, k: Rows, v: Rows, weights: [[Rows]], _ g: Rows
  ) -> (query: Rows, key: Rows, value: Rows) {
    var (dQ, dK, dV) = (q, k.map { $0.map { _ in Number(0) } }, v.map { $0.map { _ in Number(0) } })
    let size = shape.headSize
    for sequence in weights.indices {
      let first = sequence * shape.context
      for h in 0..<shape.heads {
        let shared = h / (shape.heads / shape.keyValueHeads)
        for r in 0..<shape.context {
          let (row, own) = (first + r, weights[sequence][h][r])
          let incoming = (0...r).map { sum(0, zip(head(g[row], h), head(v[first + $0], shared))) }
          let mean = laneSum(zip(own, incoming).map { Double($0) * Double($1) })
          let ds = zip(own, incoming).map { Number(Double($0) * (Double($1) - mean) * Double(scale)) }
          for i in 0..<size {
            dQ[row][h * size + i] = sum(0, (0...r).lazy.map { (ds[$0], k[first + $0][shared * size + i]) })
            for s in 0...r {
              let place = shared * size + i
              dV[first + s][place] = sum(dV[first + s][place], [(own[s], g[row][h * size + i])])
              dK[first + s][place] = sum(dK[first + s][place], [(ds[s], q[row][h * size + i])])
            }
          }
        }
      }
    }
    return (dQ, dK, dV)
  }

  func crossEntropy(_ logits: Rows, _ targets: [UInt8], _ factor: Double) -> (losses: [Double], gradient: Rows) {
    var losses: [Double] = []
    let gradient = zip(logits, targets).map { row, target -> [Number] in
      let greatest = Double(row.max() ?? 0)
      let powers = row.map { exp(Double($0) - greatest) }
      let sum = laneSum(powers), scale = factor / sum
      losses.append(log(sum) - (Double(row[Int(target)]) - greatest))
      return powers.indices.map { Number($0 == Int(target) ? powers[$0] * scale - factor : powers[$0] * scale) }
    }
    return (losses, gradient)
  }

  func sigmoid(_ x: Double) -> Double { (x < 0 ? exp(x) : 1) / (1 + exp(-x.magnitude)) }
  func silu(_ x: Double) -> Double { (x < 0 ? x * exp(x) : x) / (1 + exp(-x.magnitude)) }
}

/// The sum over eight lanes, term i in lane i mod 8, added pairwise.
func laneSum(_ terms: [Double]) -> Double {
  var lanes = [Double](repeating: 0, count: 8)
  for (index, term) in terms.enumerated() { lanes[index % 8] += term }
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
}
