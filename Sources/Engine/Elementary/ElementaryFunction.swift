internal import CKernels
import PlumbModel

extension Engine {
  /// The engine's functions of one number, as functions from Float32 to Float32.
  ///
  /// Each is computed in Float64 and rounded once: y = fl32(f(x)·(1 + ε) + α), |ε| ≤ `relativeError`,
  /// |α| ≤ `absoluteError`; every instruction set gives the same bits.
  package enum ElementaryFunction: String, Sendable, CaseIterable {
    /// max(x, 0): the layer.
    case relu
    /// x/(1 + e^(−x)): the layer.
    case silu
    /// x·Φ(x): the layer.
    case gelu
    /// The tanh form of GELU: the layer.
    case geluTanh = "gelu-tanh"
    /// 1/(1 + e^(−x)).
    case sigmoid
    /// e^x, of which softmax and the others are made.
    case exponential = "exp"
    /// tanh x, of which soft caps are made.
    case hyperbolicTangent = "tanh"
    /// erf x, from the series and the fraction of which GELU is made.
    case errorFunction = "erf"
    /// log x, of which rotary frequencies are made.
    case logarithm = "log"
    /// log(1 + x) for x ≥ 0, of which log-softmax is made.
    case logarithmOfOnePlus = "log1p"
    /// sin x for |x| ≤ 2²⁴, of which rotary embeddings are made.
    case sine = "sin"
    /// cos x for |x| ≤ 2²⁴, of which rotary embeddings are made.
    case cosine = "cos"
    /// 1/√x, of which normalisation is made.
    case reciprocalSquareRoot = "rsqrt"

    /// The declared bound of |ε|.
    package var relativeError: Double {
      switch self {
      case .relu: 0
      case .silu: siluRelativeError
      case .gelu: geluRelativeError
      case .geluTanh: geluTanhRelativeError
      case .sigmoid: sigmoidRelativeError
      case .exponential: EngineAccuracy.exp64
      case .hyperbolicTangent: EngineAccuracy.tanh64
      case .errorFunction: EngineAccuracy.erf64
      case .logarithm: EngineAccuracy.log64
      case .logarithmOfOnePlus: EngineAccuracy.logOnePlus64
      case .sine, .cosine: EngineAccuracy.sineCosineRelative
      case .reciprocalSquareRoot: EngineAccuracy.reciprocalSquareRoot64
      }
    }

    /// The declared bound of |α|: what counts as 0 is less.
    package var absoluteError: Double { self == .relu ? 0 : 0x1p-1000 }

    /// The values at `x`.
    ///
    /// *Edge cases*: those of the layers; e^(+∞) = +∞, and e^x is +∞ from 88.8 on; tanh, erf and σ reach their limits.
    /// NaN for NaN, for the logarithm and root of negative numbers, for log(1 + x) below 0, and for sine and cosine beyond
    /// 2²⁴; log(±0) = −∞, 1/√(±0) = ±∞.
    package func values(_ x: [Float], instructionSet: InstructionSet = .current) -> [Float] {
      map(Activation(shape: [x.count], elements: x), Crew(threads: 1, instructionSet: instructionSet)).elements
    }

    /// The values at every element of `x`, whose rows are shared among the threads.
    func map(_ x: Activation<Float>, _ crew: Crew) -> Activation<Float> {
      let kernel = kernel
      return unsafe mapRows(x, crew) { input, output in
        unsafe crew.kernels.map_rounded(kernel, input, x.columns, output)
      }
    }

    private var kernel: plumb_function {
      switch self {
      case .relu: PLUMB_RELU
      case .silu: PLUMB_SILU
      case .gelu: PLUMB_GELU
      case .geluTanh: PLUMB_GELU_TANH
      case .sigmoid: PLUMB_SIGMOID
      case .exponential: PLUMB_EXP
      case .hyperbolicTangent: PLUMB_TANH
      case .errorFunction: PLUMB_ERF
      case .logarithm: PLUMB_LOG
      case .logarithmOfOnePlus: PLUMB_LOG_ONE_PLUS
      case .sine: PLUMB_SINE
      case .cosine: PLUMB_COSINE
      case .reciprocalSquareRoot: PLUMB_RECIPROCAL_ROOT
      }
    }
  }
}
