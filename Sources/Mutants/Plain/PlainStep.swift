import Foundation
import PlumbEngine
import PlumbModel

/// The steps that layers are made of, in Float64, written plainly.
enum PlainStep {
  /// Σⱼ weight[i, j] · x[t, j] + bias[i] for each row of `x`; without a bias, less that.
  static func product(_ x: [Double], _ weight: [Double], inputs: Int, bias: [Double] = []) -> [Double] {
    guard inputs > 0 else { return [] }
    let outputs = weight.count / inputs
    return (0..<x.count / inputs).flatMap { row in
      (0..<outputs).map { output in
        (0..<inputs).reduce(bias.isEmpty ? 0 : bias[output]) {
          $0 + weight[output * inputs + $1] * x[row * inputs + $1]
        }
      }
    }
  }

  /// x / √(mean(x²) + epsilon) · weight for each row.
  static func rmsNorm(_ x: [Double], _ weight: [Double], epsilon: Double) -> [Double] {
    let size = weight.count
    return x.indices.map { index in
      let row = x[index / size * size..<(index / size + 1) * size]
      let meanSquare = row.reduce(0) { $0 + $1 * $1 } / Double(size)
      return x[index] / (meanSquare + epsilon).squareRoot() * weight[index % size]
    }
  }

  /// e^x / Σ e^x.
  static func softmax(_ x: [Double]) -> [Double] {
    let greatest = x.max() ?? 0
    let powers = x.map { exp($0 - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The function that the attribute `activation` names.
  static func function(_ name: String) -> (Double) -> Double {
    switch ActivationFunction(rawValue: name) {
    case .gelu: { $0 / 2 * erfc(-$0 / 2.0.squareRoot()) }
    case .geluTanh:
      { x in
        let argument = (8 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
        return x == 0 ? x : x / (1 + exp(-argument))
      }
    case .silu: { $0 / (1 + exp(-$0)) }
    case .relu, nil: { max($0, 0) }
    }
  }

  /// Turns the pairs of each head by p · theta^(−2i / size), where p is the position of its token.
  static func rotated(
    _ x: [Double], heads: Int, headSize: Int, size: Int, theta: Double, isInterleaved: Bool,
    position: (_ token: Int) -> Double
  ) -> [Double] {
    var result = x
    for start in stride(from: 0, to: x.count, by: headSize) {
      for pair in 0..<size / 2 {
        let first = start + (isInterleaved ? 2 * pair : pair)
        let second = isInterleaved ? first + 1 : first + size / 2
        let angle = position(start / headSize / heads) * pow(theta, -2 * Double(pair) / Double(size))
        result[first] = x[first] * cos(angle) - x[second] * sin(angle)
        result[second] = x[first] * sin(angle) + x[second] * cos(angle)
      }
    }
    return result
  }
}

extension Tensor {
  /// The elements.
  var doubles: [Double] { Engine.decoded(self).map(Double.init) }
}
