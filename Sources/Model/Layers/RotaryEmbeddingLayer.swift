/// Turns each pair of a head's elements by an angle proportional to the position.
///
/// The pair i of `rotatedSize / 2` is (a, b); at position p the angle is φ = p / scalingFactor · theta^(−2i / rotatedSize),
/// and a′ = a·cos φ − b·sin φ, b′ = a·sin φ + b·cos φ. Other elements than the `rotatedSize` from `firstRotated` on pass
/// unchanged. `scaling` changes the powers of theta, and `magnitude` multiplies cosine and sine.
/// Source: Su et al. 2021, *RoFormer*, section 3.2.2; Chen et al. 2023, *Extending Context Window … via Position
/// Interpolation*, equation 4 (the factor).
package struct RotaryEmbeddingLayer: Sendable, Hashable {
  /// The choice of the two elements that make a pair.
  package enum Pairing: String, Sendable, CaseIterable {
    /// Elements 2i and 2i + 1 of those that are turned (the paper's; Llama in GGUF).
    case adjacent
    /// Elements i and i + rotatedSize / 2 of them (Hugging Face's Llama, GPT-NeoX).
    case halfSplit = "half-split"
  }

  /// The number of elements of a head that are turned; even.
  package var rotatedSize: Int
  /// The first element of a head that is turned.
  package var firstRotated: Int
  /// The base of the angles' geometric progression.
  ///
  /// The real number that this binary32 is.
  package var theta: Float
  /// The choice of the two elements that make a pair.
  package var pairing: Pairing
  /// The number that positions are divided by, a positive one (linear scaling).
  ///
  /// The real number that this binary32 is.
  package var scalingFactor: Float
  /// The change of the frequencies.
  package var scaling: FrequencyScaling
  /// The factor of sines and cosines.
  package var magnitude: RotaryMagnitude

  /// Makes the layer.
  package init(
    rotatedSize: Int, theta: Float, pairing: Pairing, scalingFactor: Float = 1, scaling: FrequencyScaling = .none,
    magnitude: RotaryMagnitude = .number(1), firstRotated: Int = 0
  ) {
    self.rotatedSize = rotatedSize
    self.firstRotated = firstRotated
    self.theta = theta
    self.pairing = pairing
    self.scalingFactor = scalingFactor
    self.scaling = scaling
    self.magnitude = magnitude
  }

  /// The number of pairs.
  package var pairs: Int { rotatedSize / 2 }

  /// The indices within a head of the two elements of pair `index`.
  package func pair(_ index: Int) -> (first: Int, second: Int) {
    switch pairing {
    case .adjacent: (firstRotated + 2 * index, firstRotated + 2 * index + 1)
    case .halfSplit: (firstRotated + index, firstRotated + index + rotatedSize / 2)
    }
  }

  /// The elements of a head that are turned.
  package var rotated: Range<Int> { firstRotated..<firstRotated + rotatedSize }
}
