import PlumbLayers

/// An arithmetic as data: what a kernel's operations may do to exact results, and so what its errors are bounded by.
///
/// An operation of a kernel in it gives a number of `accumulation` next to the exact result; tensors are read and written
/// as numbers of `storage`. A result that is computed more accurately than that is within the same bounds.
package struct ArithmeticModel: Sendable, Hashable {
  /// The order in which a sum's terms are added.
  package enum Order: Sendable, Hashable {
    /// Any order at all, a different one each time.
    case any
    /// Term j goes to lane j modulo `count`; each lane adds its terms in sequence, and then the lanes are added pairwise: with the
    /// neighbour, or with the one half of them farther on.
    case lanes(Int)
    /// The sums of the first and of the second half of the terms, each added like that, are added; the first has the odd one.
    case tree
    /// Blocks of so many neighbouring terms are each added in any order, and their sums in sequence.
    case blocks(Int)
  }

  /// The choice which of the numbers between steps that a formula may store are stored in the tensors' format.
  package enum Steps: Sendable, Hashable {
    /// Each of them or not.
    case perhaps
    /// None.
    case kept
    /// Each of them, so that a rounding of a number that is known well has one known result.
    case stored
  }

  /// The format of the tensors that a layer takes and gives, and perhaps of what stands between its steps.
  package var storage: FloatFormat
  /// The format of every operation's result.
  package var accumulation: FloatFormat
  /// The format that factors of matrix products are cut or rounded to first; `nil` where they are taken as they are.
  package var factors: FloatFormat?
  /// The format that tables computed beforehand are kept in, such as the sines and cosines of a rotary embedding.
  package var tables: FloatFormat
  /// The order in which sums are added.
  package var order: Order
  /// The number of parts of neighbouring terms, equal but for the last, that are added apart, in the order; their sums are then
  /// added in any order.
  package var splits = 1
  /// The format that the sums of such parts are stored in; `nil` where they are kept.
  package var partials: FloatFormat?
  /// The format of every partial sum, where it is another than `accumulation`.
  package var sums: FloatFormat?
  /// Whether a product and the addition that follows may be rounded once.
  package var mayFuse: Bool
  /// Whether sums are replayed: their order is complete, and each addition rounds to nearest.
  package var replaysSums = false
  /// Whether each product of a replayed sum is rounded once together with its addition; otherwise all of them or none.
  package var alwaysFuses = false
  /// Whether results and operands below the least normal number of `accumulation` may be taken as 0.
  package var flushesToZero: Bool
  /// Whether results are only one of the two neighbours of the exact ones, rather than the nearer.
  package var isFaithful: Bool
  /// The ulps of `accumulation` by which exp, log, sin, cos, tanh, erf and the reciprocal root may be off.
  ///
  /// They are exact where C's Annex F says so: exp 0 = cos 0 = 1, log 1 = sin 0 = tanh 0 = erf 0 = 0.
  package var elementaryUlps: Double
  /// The library whose published accuracies the functions have; `nil` for `elementaryUlps`.
  package var functions: FunctionLibrary?
  /// The 8-bit numbers that the inputs of products with weights are made; `nil` where they are taken as they are.
  package var activations: QuantisedActivations?
  /// The matrix unit that matrix products are given to; `nil` where they are sums like all others.
  package var matrixUnit: MatrixUnit?
  /// The number of keys whose greatest score an online softmax takes at once, the last tile's perhaps fewer; `nil` where it may be one.
  package var tile: Int?
  /// The formulas that kernels may use, of steps that they compute in several ways; all of a step but `online` where none of its is named.
  package var formulas: FormulaNames = []
  /// The numbers between the steps of a layer that are stored as tensors are.
  package var steps = Steps.perhaps
  /// Whether it is the arithmetic of one kernel, which computes the first of the formulas in use.
  package var isOfOneKernel = false

  /// Whether the products are of activations with weights, whose inputs may be quantised.
  package var isOfWeights = false

  /// Whether a layer's result is one of a greater formula's steps.
  package var isInside = false

  /// Makes a model; without more, one of a plain kernel, whose tables are tensors like all others.
  package init(
    storage: FloatFormat = .float32, accumulation: FloatFormat = .float32, factors: FloatFormat? = nil,
    tables: FloatFormat? = nil, order: Order = .any, mayFuse: Bool = true, flushesToZero: Bool = false,
    isFaithful: Bool = false, elementaryUlps: Double = 4
  ) {
    self.storage = storage
    self.accumulation = accumulation
    self.factors = factors
    self.tables = tables ?? storage
    self.order = order
    self.mayFuse = mayFuse
    self.flushesToZero = flushesToZero
    self.isFaithful = isFaithful
    self.elementaryUlps = elementaryUlps
  }

  /// Float32 throughout: any order, fused or not, elementary functions within 4 ulps.
  package static let f32 = ArithmeticModel()
  /// bfloat16 tensors, computed with as Float32.
  package static let bf16 = ArithmeticModel(storage: .bfloat16)
  /// binary16 tensors, computed with as Float32.
  package static let f16 = ArithmeticModel(storage: .float16)
  /// Float32 tensors, of which the factors of matrix products keep 11 bits.
  package static let tf32 = ArithmeticModel(factors: .tensorFloat32)
}
