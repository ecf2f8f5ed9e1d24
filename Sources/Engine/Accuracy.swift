import PlumbModel

/// The accuracy of the engine's own elementary functions; each proof stands beside its function.
package enum EngineAccuracy {
  /// The greatest relative error of `Engine.exponential` on −708 ≤ x ≤ 709.
  package static let exp64 = 0x1p-50
  /// The greatest relative error of the logarithm.
  package static let log64 = 6 * 0x1p-53
  /// The greatest relative error of the logarithm of 1 + x for x ≥ 0.
  package static let logOnePlus64 = 9 * 0x1p-53
  /// The greatest absolute error of sine and cosine on |x| ≤ 2²⁴.
  package static let sineCosine = 3 * 0x1p-53
  /// The greatest relative error of sine and cosine of a Float32 up to 2²⁴ in magnitude.
  package static let sineCosineRelative = 4 * 0x1p-53
  /// The greatest relative error of the error function of a Float32.
  package static let erf64 = 75 * 0x1p-53
  /// The greatest relative error of 1/√x.
  package static let reciprocalSquareRoot64 = 3 * 0x1p-53
  /// The greatest relative error of the hyperbolic tangent.
  package static let tanh64 = 10 * 0x1p-53
}

// What a layer computes in Float64 before its one rounding to Float32 is exact·(1 + ε); these are bounds of |ε|. With
// the rounding, |y − exact| ≤ ((1 + ε)(1 + 2⁻²⁴) − 1)·|exact| + 2⁻¹⁵⁰, the last for results that are subnormal.
// Below, u = 2⁻⁵³; the whole and half units that the results exceed the sums by cover the products of errors, as long
// as there are fewer than 2²⁴ terms.
extension Engine {
  /// The bound of the relative error of one weight in Float32.
  ///
  /// It is that of the rounding of d·q + m, or of a Float64, and 0 where the exact weight is a Float32 (proved beside the kernels).
  /// Weights never underflow: all are multiples of 2⁻²⁴, or are Float32s themselves, or Float64s of which readers refuse those
  /// that would.
  package static func weightRelativeError(of type: TensorType) -> Double {
    switch type {
    case .f32, .f16, .bf16, .q4_0, .q5_0, .q8_0, .q3_K, .q6_K, .iq4_NL, .iq4_XS, .mxfp4: 0
    case .q4_1, .q5_1, .q2_K, .q4_K, .q5_K, .f64: 0x1p-24
    }
  }

  /// The bound of |ε| of root-mean-square normalisation over rows of `terms`.
  ///
  /// Squares are exact. A term passes through at most n − 1 additions in any order; the mean and the addition of
  /// epsilon round once each: n + 1, which the root halves. The root, its reciprocal and two products round once each:
  /// ((n + 1)/2 + 4)·u. There are as many roundings where the layer adds one to the weight: that sum rounds, and a quotient by
  /// the root stands for its reciprocal and a product.
  package static func rmsNormRelativeError(terms: Int) -> Double {
    declared(terms, below: 1 << 24) { ($0 + 10) * 0x1p-54 }
  }

  /// The error of a sum of `terms`, or of what is made from one, where they are fewer than its proof is for; beyond them more
  /// than any bound survives, so that nothing is claimed.
  private static func declared(_ terms: Int, below limit: Int, _ error: (Double) -> Double) -> Double {
    terms < limit ? error(Double(terms)) : .greatestFiniteMagnitude
  }

  /// The bound of |ε| of layer normalisation over rows of `terms`.
  ///
  /// With dᵢ the exact deviations, v their mean square and tᵢ = xᵢ − x₀: |d₀| ≤ √(nv), and the mean of |t| is at most the
  /// root of the mean of t², which is √(v + d₀²) ≤ √((n + 1)v).
  /// 1. tᵢ rounds once; the mean of t passes through n − 1 additions and a quotient besides: it is off by
  ///    (n + 1)·√((n + 1)v) u; dᵢ = tᵢ − mean rounds once, and |tᵢ| ≤ |dᵢ| + √(nv): the computed dᵢ is off by
  ///    2|dᵢ| u + (n + 2)·√(n + 1)·√v u.
  /// 2. Relative to ‖d‖ = √(nv), the vector d is off by ρ = (2 + (n + 2)·√(n + 1)) u, and so is the root of the mean of its
  ///    squares; that sum, the quotient and epsilon round n + 2 times, which the root halves, and the root once.
  /// 3. The quotient, the product with the weight and the sum with the bias round once each. With zᵢ = yᵢ − biasᵢ exact,
  ///    the result is off by |yᵢ| u + |zᵢ|·((n + 2)(√(n + 1) + ½) + 7) u + (n + 2)·√(n + 1)·|weight| u, as √v is at most the
  ///    root; and |zᵢ| ≤ |yᵢ| + |biasᵢ|.
  ///
  /// The excess of n + 4 and √(n + 2) over n + 2 and √(n + 1) covers products of errors for fewer than 2²⁰ terms.
  package static func layerNormRelativeError(terms: Int) -> Double {
    declared(terms, below: 1 << 20) { ($0 + 4) * (($0 + 2).squareRoot() + 4) * 0x1p-53 }
  }

  /// The bound of |α| of layer normalisation over rows of `terms`, in units of the weight; see `layerNormRelativeError`.
  package static func layerNormAbsoluteError(terms: Int) -> Double {
    declared(terms, below: 1 << 20) { ($0 + 4) * ($0 + 2).squareRoot() * 0x1p-53 }
  }

  /// The bound of |ε| of softmax over rows of `terms`.
  ///
  /// The difference d to the greatest element is rounded, which is a relative error of at most |d|·u ≤ 708 u of e^d; the
  /// exponential adds 8 u: 716 u for the numerator and as much for the sum, plus n − 1 additions of positive terms and
  /// a reciprocal and a product: (n + 1433)·u. Terms with d < −708 count as 0, which they are to within n·2⁻¹⁰²¹ of the sum; their own
  /// results are 0, and exactly below 2⁻¹⁰²¹.
  package static func softmaxRelativeError(terms: Int) -> Double {
    declared(terms, below: 1 << 24) { ($0 + 1440) * 0x1p-53 }
  }

  /// The bound of |ε| of the logarithm of softmax over rows of `terms`.
  ///
  /// As for softmax the sum of the others' exponentials is off by (n + 716) u, which is at most as much of its log(1 + s),
  /// as s/(1 + s) ≤ log(1 + s); that adds 9 u. The difference to the greatest element and the last one round once each;
  /// neither term is positive: (n + 727)·u. Terms with d < −708 count as 0: an absolute error below n·2⁻¹⁰²¹.
  package static func logSoftmaxRelativeError(terms: Int) -> Double {
    declared(terms, below: 1 << 24) { ($0 + 736) * 0x1p-53 }
  }

  /// The bound of |ε| of the probabilities of sampling from `terms` tokens.
  ///
  /// As for softmax, but the difference is rounded twice, once when it is divided by the temperature: 1424 u for the
  /// numerator and as much for the sum, n − 1 additions and one quotient.
  package static func samplingRelativeError(terms: Int) -> Double {
    declared(terms, below: 1 << 24) { ($0 + 2860) * 0x1p-53 }
  }

  /// The bound of the relative error of a sum of at most `terms` powers of e, in units of the greatest, by which sampling
  /// decides what it keeps; a product with top-p included.
  ///
  /// 716 u for each power as for softmax, n − 1 additions in any order, and one product.
  package static func samplingMassError(terms: Int) -> Double {
    declared(terms, below: 1 << 24) { ($0 + 740) * 0x1p-53 }
  }

  /// The bound of |ε| of GELU: that of Φ, and the product's rounding.
  package static let geluRelativeError = 8400 * 0x1p-53

  /// The bound of |ε| of the tanh form of GELU.
  ///
  /// In w = x·(c₁ + c₂·x²) both constants, two products and a sum of positive terms round once each, x² is exact: w is off
  /// by 5 u, relative, which is at most 708·5 u of e^(−|w|). The exponential adds 8 u, and as for SiLU three operations
  /// round: 3551 u.
  package static let geluTanhRelativeError = 3560 * 0x1p-53

  /// The bound of |ε| and of |α| of cosine similarity over rows of `terms`.
  ///
  /// Products are exact and a sum rounds n − 1 times: the dot product is off by (n − 1)·Σ|xᵢyᵢ| u ≤ (n − 1)·‖x‖·‖y‖ u, which
  /// the division by the norms makes absolute. Each norm is off by ((n − 1)/2 + 1) u; their product and the quotient round
  /// once each: relative (n + 3) u.
  package static func cosineSimilarityError(terms: Int) -> Double {
    declared(terms, below: 1 << 24) { ($0 + 8) * 0x1p-53 }
  }

  /// The bound of |ε| of SiLU.
  ///
  /// For x < 0, x·e / (1 + e) with e = e^x: e/(1 + e) is off by at most the exponential's 8 u, and the product, the sum
  /// and the quotient round once each: 11 u. For x ≥ 0 it is less.
  package static let siluRelativeError = 12 * 0x1p-53

  /// The bound of |ε| of the sigmoid: e/(1 + e) is off by at most the exponential's 8 u, the sum and the quotient round.
  package static let sigmoidRelativeError = 11 * 0x1p-53

  /// The bound of |ε| of a clamped gate.
  ///
  /// The product of two Float32s, alpha and the gate, is exact; the sigmoid is off by its 11 u, and up + 1 and the two products round
  /// once each: 14 u.
  package static let clampedGateRelativeError = 15 * 0x1p-53

  /// The bound of |ε| of a router's weights: a softmax over the chosen or over all, or a sigmoid.
  ///
  /// The sum of k sigmoids, each off by the sigmoid's 11 u, passes through k additions, and the quotient and the product with the
  /// factor round once each, as the literal that is added does: (k + 25) u. Where all logits are below −600 it is that of a softmax, whose
  /// differences are exact: multiples of 2⁻¹⁴ that are less than 708, so that 8 u of each power are left. Without the sum it is the
  /// sigmoid's and two more. A softmax whose weights have a factor is taken in Float64, and the product rounds once more.
  package static func routerRelativeError(_ layer: RouterLayer) -> Double {
    switch (layer.score, layer.isRenormalised) {
    case (.softmax, let isRenormalised):
      softmaxRelativeError(terms: isRenormalised ? layer.chosen : layer.experts) + (layer.factor == 1 ? 0 : 2 * 0x1p-53)
    case (.sigmoid, false): sigmoidRelativeError + 4 * 0x1p-53
    case (.sigmoid, true): declared(layer.chosen, below: 1 << 24) { ($0 + 28) * 0x1p-53 }
    }
  }

  /// The bound of the error of a score with its bias, in parts of |score| + |bias|: the sigmoid's 11 u or that of a softmax, and the
  /// sum's rounding; beside it `routerChoiceUnderflow`.
  package static func routerChoiceError(_ layer: RouterLayer) -> Double {
    switch layer.score {
    case .sigmoid: 13 * 0x1p-53
    case .softmax: softmaxRelativeError(terms: layer.experts) + 2 * 0x1p-53
    }
  }

  /// The most that a score loses by underflow: powers below e^−708 count as 0, and a score that is less than every normal number rounds
  /// to one that is not.
  package static let routerChoiceUnderflow = 0x1p-1021

  /// The bound of |ε| of softCap·tanh(x/softCap).
  ///
  /// The quotient is off by u, relative, and so at most is its tanh, as x·tanh′ x ≤ tanh x for x ≥ 0; the tanh adds 10 u,
  /// the product 1 u.
  package static let softCapRelativeError = 13 * 0x1p-53

  /// The bound of |ε| of a scale: 0 for a product with a Float32, else a root and a product or a quotient round once each.
  package static func scaleRelativeError(_ layer: ScaleLayer) -> Double {
    layer.isRoot || layer.divides ? 3 * 0x1p-53 : 0
  }

  /// The bound of |ε| of the division of a score's sum by √headSize or by 1/scale, after the sum's own error.
  ///
  /// The divisor and the quotient round once each; neither does where the divisor is a power of two. A stretch is off by 20 u, and
  /// its square by 41 u; the divisor's quotient by it rounds once more.
  package static func attentionScaleRelativeError(_ layer: AttentionLayer) -> Double {
    guard layer.stretch.isOne else { return 48 * 0x1p-53 }
    if let scale = layer.scale { return scale.significand == 1 ? 0 : 3 * 0x1p-53 }
    let size = layer.sizeOfScale
    let powerOfFour = size > 0 && size.nonzeroBitCount == 1 && size.trailingZeroBitCount.isMultiple(of: 2)
    return powerOfFour ? 0 : 3 * 0x1p-53
  }

  /// The bound of the relative error of the number that the linear bias of `layer` gives the head `head` and a distance.
  ///
  /// A whole exponent has its power of two exactly, whose product with a distance below 2²⁹ is exact. Otherwise log 2 and its product with
  /// a part of 1 are rounded, by 2 u of at most 0.7, which the exponential takes as a relative error and adds 8 u; the power of two is
  /// exact, and the product with the distance rounds once: 11 u. The scale's quotient is off by the scale's own error and rounds once.
  package static func linearBiasRelativeError(_ layer: AttentionLayer, head: Int) -> Double {
    guard let bias = layer.linearBias, bias.exponents.indices.contains(head) else { return 0 }
    let isWhole = bias.exponents[head] == bias.exponents[head].rounded()
    let slope = isWhole ? 0 : 12 * 0x1p-53
    guard bias.isScaled else { return slope }
    return slope + attentionScaleRelativeError(layer) + (isWhole ? 3 : 2) * 0x1p-53
  }

  /// The bound of the relative error of a rotary angle in Float64; that of pair 0 without a factor, whose angle is the
  /// position, is 0.
  ///
  /// The exponent a = 2i/d·log theta is off by the quotient's u, the product's u and the logarithm's 6 u, relative: by
  /// 8 u·|log theta| absolutely, which e^(−a) takes as a relative error; the exponential adds 8 u, the product with the
  /// position 1 u, and a quotient by the positions' factor 1 u; `scalingError` states what a scaling adds.
  /// |log theta| < |log₂ theta| ≤ the magnitude of theta's exponent plus 1.
  package static func rotaryAngleRelativeError(_ layer: RotaryEmbeddingLayer) -> Double {
    let plain = Double(9 * (layer.theta.exponent.magnitude + 1) + (layer.scalingFactor == 1 ? 10 : 11)) * 0x1p-53
    return plain + scalingError(layer.scaling, of: plain)
  }

  /// The bound of |δ| of a rotary embedding, for an angle of at most `angle` in magnitude: before the last rounding an
  /// element is exact + δ·(|a| + |b|).
  ///
  /// Sine and cosine are off by the angle's error and by 3 u; two products and a sum round once each: 2 u and their
  /// products. A factor of both, off by 20 u, rounds each once more, and multiplies all.
  package static func rotaryError(angle: Double, _ layer: RotaryEmbeddingLayer) -> Double {
    let error = (angle.magnitude * rotaryAngleRelativeError(layer)).nextUp
    guard !layer.magnitude.isOne else { return error + 6 * 0x1p-53 }
    return (magnitude(layer.magnitude) * (1 + 0x1p-40) * (error + 28 * 0x1p-53)).nextUp
  }
}
