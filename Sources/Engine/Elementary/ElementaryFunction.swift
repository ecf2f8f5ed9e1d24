import PlumbModel

extension Engine {
  /// The engine's functions of one number, as functions from Float32 to Float32.
  ///
  /// Each is computed in Float64 and rounded once: y = fl32(f(x)·(1 + ε) + α), |ε| ≤ `relativeError`,
  /// |α| ≤ `absoluteError`; every instruction set gives the same bits.
  public enum ElementaryFunction: String, Sendable, CaseIterable {
    /// max(x, 0): the layer.
    case relu
    /// x/(1 + e^(−x)): the layer.
    case silu
    /// x·Φ(x): the layer.
    case gelu
    /// The tanh form of GELU: the layer.
    case geluTanh = "gelu-tanh"
    /// e^x, of which softmax and the others are made.
    case exponential = "exp"
    /// tanh x, of which soft caps are made.
    case hyperbolicTangent = "tanh"

    /// The declared bound of |ε|.
    public var relativeError: Double {
      switch self {
      case .relu: 0
      case .silu: siluRelativeError
      case .gelu: geluRelativeError
      case .geluTanh: geluTanhRelativeError
      case .exponential: EngineAccuracy.exp64
      case .hyperbolicTangent: EngineAccuracy.tanh64
      }
    }

    /// The declared bound of |α|: what counts as 0 is less.
    public var absoluteError: Double { self == .relu ? 0 : 0x1p-1000 }

    /// The values at `x`.
    ///
    /// *Edge cases*: those of the layers; e^(+∞) = +∞, tanh(±∞) = ±1, NaN for NaN. e^x is +∞ from 88.8 on.
    public func values(_ x: [Float], instructionSet: InstructionSet = .current) -> [Float] {
      let row = Activation(shape: [x.count], elements: x)
      switch self {
      case .relu: return Engine.relu(row).elements
      case .silu: return Engine.silu(row, instructionSet: instructionSet).elements
      case .gelu: return Engine.gelu(row).elements
      case .geluTanh: return Engine.geluTanh(row).elements
      // Beyond 709 the exponential declares nothing; Float32 overflows long before.
      case .exponential: return exponentials(x.map { min(Double($0), 709) }).map { Float($0) }
      case .hyperbolicTangent: return hyperbolicTangents(x.map(Double.init)).map { Float($0) }
      }
    }
  }
}
