/// A branch beside the residual stream: x becomes sumNorm(x + scale · outputNorm(mixer(norm(x)))), without what is `nil`.
///
/// A branch that `isParallel` reads what entered the block in place of x: x + mixer(norm(entered)), as in GPT-J.
/// Only `norm`: pre-normalised, as in Llama; only `sumNorm`: post-normalised, as in the first transformer; only
/// `outputNorm`, as in OLMo 2; `norm` and `outputNorm`, as in Gemma 2.
package struct Branch: Sendable {
  /// Before the mixer.
  package var norm: Norm?
  /// The layers whose result is added to the stream.
  package var mixer: Mixer
  /// After the mixer, before the addition.
  package var outputNorm: Norm?
  /// The number that multiplies what is added; `nil` for none.
  package var scale: ScaleLayer?
  /// After the addition.
  package var sumNorm: Norm?
  /// Whether it reads what entered the block.
  package var isParallel: Bool

  /// Makes the branch.
  package init(
    norm: Norm? = nil, mixer: Mixer, outputNorm: Norm? = nil, scale: ScaleLayer? = nil, sumNorm: Norm? = nil,
    isParallel: Bool = false
  ) {
    self.norm = norm
    self.mixer = mixer
    self.outputNorm = outputNorm
    self.scale = scale
    self.sumNorm = sumNorm
    self.isParallel = isParallel
  }
}
