/// A formula of a step that kernels compute in several ways.
package enum FormulaName: String, Sendable, CaseIterable {
  /// A variance from the deviations from the mean.
  case twoPass = "two-pass"
  /// A mean and a variance that are updated, or merged, part by part.
  case welford
  /// A variance as mean(x²) − mean(x)².
  case onePass = "one-pass"
  /// A layer norm whose mean times the factor is subtracted last, in Float32, too; only where it is named.
  case folded
  /// A softmax's e^x as that.
  case exp
  /// A softmax's e^x as 2^(x·log₂ e).
  case exp2
  /// The greatest element subtracted before the logarithm of the sum of exponentials.
  case shifted
  /// The greatest element added to the logarithm of the sum of exponentials.
  case addedBack = "added-back"
  /// GELU's approximation with a tanh.
  case tanh
  /// GELU's approximation with a sigmoid.
  case sigmoid
  /// A function of which each operation is stored, as in a framework that has no kernel for it; of others than GELU's approximation only
  /// where it is named.
  case stepwise
  /// GELU's approximation from a table of binary16 numbers, as in ggml; only where it is named.
  case table = "table-f16"
  /// Each rotary frequency as a power.
  case power
  /// Rotary frequencies multiplied up from pair to pair.
  case multipliedUp = "multiplied-up"
  /// An attention whose weights are normalised before they meet the values.
  case normalisedFirst = "normalised-first"
  /// An attention whose sums of products with the values are normalised.
  case normalisedLast = "normalised-last"
  /// An attention over tiles of keys, whose sums are rescaled as the greatest score rises; only where it is named.
  case online
  /// The gradient of a normalisation by its normalised row: (h − x̂·mean(h·x̂))·r.
  case normalised
  /// The gradient of a normalisation as multiples of h and x, in which the cube of its factor stands.
  case cubed
  /// The gradient of a normalisation by the quotient of two sums: (h − x·Σ h·x / (Σ x² + n·epsilon))·r.
  case ratio
  /// The gradient of a softmax by the sum of the products of weights and gradients.
  case weightSum = "weight-sum"
  /// The gradient of an attention by the sum of the products of its output and gradient.
  case outputSum = "output-sum"
  /// An attention's weights computed backwards as they were forwards.
  case softmaxAgain = "softmax-again"
  /// An attention's weights computed backwards from the logarithms of the sums of exponentials.
  case logSumExp = "log-sum-exp"
  /// A sampler that decides which tokens it keeps before it divides by the temperature.
  case temperatureLast = "temperature-last"
  /// A sampler that decides which tokens it keeps by logits that it has divided by the temperature.
  case temperatureFirst = "temperature-first"
  /// The gradient of a clamp whose input is at the limit itself: that of the side that is not clamped.
  case throughLimit = "through-limit"
  /// The gradient of a clamp whose input is at the limit itself: 0.
  case zeroAtLimit = "zero-at-limit"
  /// A quantiser that divides by the scale.
  case divided
  /// A quantiser that multiplies by the reciprocal of the scale.
  case reciprocal
  /// A quantiser that multiplies by the greatest number over the greatest magnitude.
  case multiplied
  /// A quantiser that takes of two numbers that are equally near the even one.
  case halfEven = "half-even"
  /// A quantiser that takes of two numbers that are equally near the one farther from 0.
  case halfAway = "half-away"

  /// The formulas of the same step, this one among them.
  package var alternatives: [FormulaName] {
    switch self {
    case .twoPass, .welford, .onePass: [.twoPass, .welford, .onePass]
    case .folded: [.folded]
    case .exp, .exp2: [.exp, .exp2]
    case .shifted, .addedBack: [.shifted, .addedBack]
    case .tanh, .sigmoid, .stepwise, .table: [.tanh, .sigmoid, .stepwise, .table]
    case .power, .multipliedUp: [.power, .multipliedUp]
    case .normalisedFirst, .normalisedLast, .online: [.normalisedFirst, .normalisedLast, .online]
    case .normalised, .cubed, .ratio: [.normalised, .cubed, .ratio]
    case .weightSum, .outputSum: [.weightSum, .outputSum]
    case .softmaxAgain, .logSumExp: [.softmaxAgain, .logSumExp]
    case .temperatureLast, .temperatureFirst: [.temperatureLast, .temperatureFirst]
    case .throughLimit, .zeroAtLimit: [.throughLimit, .zeroAtLimit]
    case .divided, .reciprocal, .multiplied: [.divided, .reciprocal, .multiplied]
    case .halfEven, .halfAway: [.halfEven, .halfAway]
    }
  }

  /// The formulas that count, of some layers at least, only where they are named.
  package static let named = allCases.filter { $0.isByNameOnly || $0 == .stepwise }

  /// Whether a kernel computes it only where somebody says so: its bound is too wide to join to those of the others.
  package var isByNameOnly: Bool { self == .online || self == .folded || self == .table }
}

/// Some formulas.
package struct FormulaNames: OptionSet, Sendable, Hashable {
  /// A bit for each formula.
  package let rawValue: UInt64

  /// The formulas whose bits are in `rawValue`, in the order in which they are listed.
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The formulas `names`.
  package init(_ names: [FormulaName]) {
    rawValue = FormulaName.allCases.enumerated().reduce(0) { names.contains($1.element) ? $0 | 1 << $1.offset : $0 }
  }

  /// The formulas, in the order in which they are listed.
  package var names: [FormulaName] { FormulaName.allCases.filter { isSuperset(of: FormulaNames([$0])) } }
}
